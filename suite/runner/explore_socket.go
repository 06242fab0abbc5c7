package runner

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// probeSocket is a session of discovery. It answers pings.
type probeSocket struct {
	suite.Link
	packets chan string
	pongs   chan string
	end     chan struct{}
	why     wire.End // how it ended
}

func probe(l suite.Link) *probeSocket {
	p := &probeSocket{Link: l, packets: make(chan string, 64), end: make(chan struct{})}
	if w, ok := l.(*wire.WebSocket); ok {
		p.pongs = w.Pongs
	}
	go func() {
		defer close(p.end)
		for {
			m, end := l.Receive()
			if end != nil {
				p.why = *end
				return
			}
			if m.Data == "2" {
				_ = l.Send(wire.Message{Data: "3"})
				continue
			}
			select {
			case p.packets <- m.Data:
			default: // a flood: nobody reads that much
			}
		}
	}()
	return p
}

// next returns the next packet.
func (p *probeSocket) next(ctx context.Context) (string, error) {
	select {
	case packet := <-p.packets:
		return packet, nil
	default:
	}
	select {
	case packet := <-p.packets:
		return packet, nil
	case <-p.end:
		select {
		case packet := <-p.packets:
			return packet, nil
		default:
			return "", fmt.Errorf("no packet came: %s", p.why)
		}
	case <-ctx.Done():
		return "", fmt.Errorf("no packet came: %w", context.Cause(ctx))
	}
}

// ended reports whether the connection has ended.
func (p *probeSocket) ended() bool {
	select {
	case <-p.end:
		return true
	default:
		return false
	}
}

// roundTrip returns the shortest time between some WebSocket pings and their pongs; zero if no pong came.
func (p *probeSocket) roundTrip(ctx context.Context) (shortest time.Duration) {
	w, ok := p.Link.(*wire.WebSocket)
	if !ok {
		return 0
	}
	for range roundTrips {
		payload, begun := strconv.FormatInt(time.Now().UnixNano(), 36), time.Now()
		if w.Raw(wire.Frame(wire.Ping, true, []byte(payload))) != nil {
			return shortest
		}
		select {
		case <-p.pongs:
			if took := time.Since(begun); shortest == 0 || took < shortest {
				shortest = took
			}
		case <-p.end:
			return shortest
		case <-ctx.Done():
			return shortest
		case <-time.After(2 * time.Second): // a target need not answer them
			return shortest
		}
	}
	return shortest
}

// roundTrips is how many round trips are measured over one connection.
const roundTrips = 3
