package suite

import "time"

// PollDuring polls and answers pings while f waits for something else, so that the heartbeat does not end the session. The
// case can read what the polls bring afterwards.
func (p *Polling) PollDuring(f func()) {
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
			if packet == "2" && !p.ignoresPings {
				p.POST("3")
				continue
			}
			p.packets = append(p.packets, packet)
		}
		time.Sleep(5 * time.Millisecond) // polls during an upgrade are answered at once
	}
}

// Attend reads what the pending poll has brought, answers its pings and polls on, for a case that sends one payload after
// another. It waits for no packet. The case can read what the polls bring afterwards.
func (p *Polling) Attend() {
	if p.pending == nil {
		p.pending = p.StartGET()
		return
	}
	if !p.pending.Answered() {
		return
	}
	r, err := p.pending.exchange.Result()
	p.pending = nil
	if err != nil || r.Status != 200 {
		return // the next payload will show it
	}
	packets := p.Packets(r)
	p.pong(packets)
	for _, packet := range packets {
		if packet == "2" && !p.ignoresPings {
			p.pings++
			continue
		}
		p.packets = append(p.packets, packet)
	}
	p.pending = p.StartGET()
}
