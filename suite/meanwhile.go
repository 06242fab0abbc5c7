package suite

import "time"

// Meanwhile polls and answers pings while f waits for something else, lest the heartbeat end the session. What the polls
// bring is there for the case afterwards.
func (p *Polling) Meanwhile(f func()) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer p.t.recover()
		p.keep(stop)
	}()
	defer func() { <-done }()
	defer close(stop)
	f()
}

func (p *Polling) keep(stop <-chan struct{}) {
	for {
		if p.pending == nil {
			p.pending = p.StartGET()
		}
		select {
		case <-stop:
			return
		case <-p.pending.exchange.Done():
		}
		r, err := p.pending.exchange.Result()
		p.pending = nil
		if err != nil || r.Status != 200 {
			return
		}
		for _, packet := range p.Packets(r) {
			if packet == "2" && !p.quiet {
				p.POST("3")
				continue
			}
			p.packets = append(p.packets, packet)
		}
		time.Sleep(5 * time.Millisecond) // polls during an upgrade are answered at once
	}
}
