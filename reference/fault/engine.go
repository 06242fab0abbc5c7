package fault

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
)

// engine makes a fault of the Engine.IO server.
func engine(name, summary string, apply func(*engineio.Departures)) Fault {
	return Fault{name, summary, func(o *application.Options) { apply(&o.Engine) }}
}

// inOpenPacket makes a fault that changes the fields of open packets over one transport; "" stands for both.
func inOpenPacket(name, summary, transport string, change func(fields map[string]any)) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.OpenPacket = func(_ *engineio.Session, over, text string) engineio.Packet {
			if transport == "" || transport == over {
				fields := map[string]any{}
				_ = json.Unmarshal([]byte(text), &fields)
				change(fields)
				changed, _ := json.Marshal(fields)
				text = string(changed)
			}
			return engineio.Packet{Type: engineio.Open, Data: []byte(text)}
		}
	})
}

// inVerification makes a fault that changes how requests are verified.
func inVerification(name, summary string, verified func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal) Fault {
	return engine(name, summary, func(d *engineio.Departures) { d.Verified = verified })
}

// inRefusals makes a fault that changes the refusals with a code; -1 stands for all.
func inRefusals(name, summary string, code int, change func(*engineio.Refusal)) Fault {
	return inVerification(name, summary, func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
		if refusal != nil && (code < 0 || refusal.Code == code) {
			copied := *refusal
			change(&copied)
			return &copied
		}
		return refusal
	})
}

// inAnswers makes a fault that changes the answers of one kind over plain HTTP.
func inAnswers(name, summary string, kind engineio.AnswerKind, change func(*http.Request, *engineio.Answer)) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.Answer = func(r *http.Request, a *engineio.Answer) {
			if a.Kind == kind {
				change(r, a)
			}
		}
	})
}

// inEvents makes a fault that changes which connection errors are raised.
func inEvents(name, summary string, raise func(engineio.ConnectionError) []engineio.ConnectionError) Fault {
	return engine(name, summary, func(d *engineio.Departures) { d.Raise = raise })
}

// outgoing makes a fault that changes the packets to be sent over a transport; "" stands for both.
func outgoing(name, summary, transport string, change func(*engineio.Session, []engineio.Packet) []engineio.Packet) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.Outgoing = func(s *engineio.Session, over string, packets []engineio.Packet) []engineio.Packet {
			if transport == "" || transport == over {
				return change(s, packets)
			}
			return packets
		}
	})
}

// incoming makes a fault that changes the packets that came over a transport; "" stands for both.
func incoming(name, summary, transport string, change func(*engineio.Session, []engineio.Packet) []engineio.Packet) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.Incoming = func(s *engineio.Session, over string, packets []engineio.Packet) []engineio.Packet {
			if transport == "" || transport == over {
				return change(s, packets)
			}
			return packets
		}
	})
}

// mapped changes each packet.
func mapped(change func(engineio.Packet) engineio.Packet) func(*engineio.Session, []engineio.Packet) []engineio.Packet {
	return func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
		var all []engineio.Packet
		for _, p := range packets {
			all = append(all, change(p))
		}
		return all
	}
}

// without drops the packets for which drop holds.
func without(drop func(engineio.Packet) bool) func(*engineio.Session, []engineio.Packet) []engineio.Packet {
	return func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
		var all []engineio.Packet
		for _, p := range packets {
			if !drop(p) {
				all = append(all, p)
			}
		}
		return all
	}
}

// perSession remembers something for each session.
type perSession[V any] struct{ all sync.Map }

func (m *perSession[V]) of(s *engineio.Session) *V {
	v, _ := m.all.LoadOrStore(s.ID(), new(V))
	return v.(*V)
}

// firstPings lets that many pings of each session through.
func firstPings(n int) func(*engineio.Session, []engineio.Packet) []engineio.Packet {
	var sent perSession[int]
	return func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
		return without(func(p engineio.Packet) bool {
			if p.Type != engineio.Ping {
				return false
			}
			count := sent.of(s)
			*count++
			return *count > n
		})(s, packets)
	}
}

func isEvent(p engineio.Packet) bool {
	return p.Type == engineio.Text && !p.Binary && bytes.HasPrefix(p.Data, []byte("2"))
}

func isMessage(p engineio.Packet) bool { return p.Type == engineio.Text }

func truncated(data []byte, n int) []byte {
	if len(data) > n {
		return data[:n]
	}
	return data
}

// latin1 writes each character above U+00FF as a question mark, and the others in one byte each.
func latin1(text []byte) []byte {
	var b []byte
	for _, c := range string(text) {
		if c > 0xff {
			c = '?'
		}
		b = append(b, byte(c))
	}
	return b
}

func asTyped(p engineio.Packet, kind byte) engineio.Packet {
	p.Type = kind
	return p
}
