package suite

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Polling is a session over HTTP long-polling. It polls when the case receives, and answers the
// pings that it then meets, unless it was opened [WithoutPongs].
type Polling struct {
	t      *T
	target int
	quiet  bool
	Open   *OpenPacket
	SID    string
	// Handshake is the response that opened the session.
	Handshake *Response

	asked    bool // the client has asked to join a namespace
	pings    int
	packets  []string // received and not yet read
	pending  *Pending // the GET under way
	recovery *recovery
	pulse    *pulse
	since    time.Time
}

// Polling opens a session over HTTP long-polling.
func (t *T) Polling(given ...Option) *Polling {
	o := t.options(given)
	asked := time.Now()
	p := &Polling{t: t, target: o.target, quiet: o.quiet, recovery: &recovery{}}
	t.Given(OpensOverPolling, func() {
		t.act("opens a session over polling")
		p.Handshake = t.GET(query("polling", o), given...)
		if p.Handshake.Status != 200 {
			t.Failf("Expected\n    a polling session\nbut\n    the handshake was answered with %v", p.Handshake)
		}
		packets := ParsePayload(p.Handshake.Body)
		open, err := ParseOpen(packets[0])
		if err != nil {
			t.Failf("Expected\n    %q\nto be an open packet\nbut\n    %v", packets[0], err)
		}
		p.Open, p.SID, p.packets = open, open.SID, packets[1:]
		p.pulse = t.follow(open, asked, o.quiet)
	})
	return p
}

// Query of the session's requests.
func (p *Polling) Query() string { return "?EIO=4&transport=polling&sid=" + p.SID }

// Packets of the answer to a poll of the session.
func (p *Polling) Packets(r *Response) []string {
	packets := ParsePayload(r.Body)
	for i, packet := range packets {
		packets[i] = p.recovery.seen(packet)
	}
	return packets
}

// StartGET begins a poll and returns once it is written.
func (p *Polling) StartGET(given ...Option) *Pending {
	return p.follow(p.t.Request("GET", p.Query(), append(given, On(p.target))...))
}

// follow the session's heartbeat by the answer to a request.
func (p *Polling) follow(request *Pending) *Pending {
	request.pulse = p.pulse
	return request
}

// GET polls once and waits for the answer.
func (p *Polling) GET(given ...Option) *Response { return p.StartGET(given...).Response() }

// POST sends a payload, as text/plain unless another Content-Type is given.
func (p *Polling) POST(payload string, given ...Option) *Response {
	p.asked = p.asked || asksToJoin(payload)
	from := time.Now()
	r := p.StartPOST(payload, given...).Response()
	if payload == "3" && r.Status == 200 {
		p.pulse.beat(from, time.Now())
	}
	return r
}

// StartPOST sends a payload and returns once it is written.
func (p *Polling) StartPOST(payload string, given ...Option) *Pending {
	all := append(slices.Clone(given), On(p.target), Body(payload))
	named := func(h [2]string) bool { return strings.EqualFold(h[0], "Content-Type") }
	if !slices.ContainsFunc(p.t.options(given).request.Header, named) {
		all = append(all, Header("Content-Type", "text/plain;charset=UTF-8"))
	}
	return p.follow(p.t.Request("POST", p.Query(), all...))
}

// Send posts a payload; the server must take it.
func (p *Polling) Send(payload string) {
	if r := p.POST(payload); r.Status != 200 {
		p.t.Failf("Expected\n    the POST of %q to be answered with 200\nbut\n    it was answered with %v", clip(payload, 200), r)
	}
}

// ReceiveWithin polls until a packet comes that is no ping, and returns it.
func (p *Polling) ReceiveWithin(d time.Duration) string {
	deadline := time.Now().Add(d)
	for {
		if len(p.packets) > 0 {
			packet := p.packets[0]
			p.packets = p.packets[1:]
			if packet == "2" {
				p.pings++
				if !p.quiet {
					p.Send("3")
					continue
				}
			}
			return packet
		}
		if p.pending == nil {
			p.pending = p.StartGET()
		}
		r, err := p.pending.Outcome(max(time.Until(deadline), time.Millisecond))
		if err != nil && p.pending.Answered() {
			p.t.Failf("Expected\n    an answer to the poll\nbut\n    %v", err)
		}
		if err != nil {
			p.t.Failf("Expected\n    a packet over polling\nbut\n    none came within %d ms", d.Milliseconds())
		}
		p.pending = nil
		if r.Status != 200 {
			p.t.Failf("Expected\n    a packet over polling\nbut\n    the poll was answered with %v", r)
		}
		p.packets = p.Packets(r)
	}
}

// Receive polls until a packet comes that is no ping, and returns it: text as it stands, a binary
// message as "b" and base64.
func (p *Polling) Receive() string { return p.ReceiveWithin(p.t.Tolerance().Patience) }

// Pings is the number of pings that were met.
func (p *Polling) Pings() int { return p.pings }

// Ended sees that the session is over: the server closes the poll under way, or a later one, with
// a close packet or an error, and does not know the session any more. Pings are answered meanwhile.
func (p *Polling) Ended() { p.EndedWithin(p.t.unjoined(p.asked, p.Handshake.At)) }

// EndedWithin is Ended with a deadline.
func (p *Polling) EndedWithin(d time.Duration) {
	p.t.act("waits until the server ends the session")
	deadline := time.Now().Add(d)
	for _, packet := range p.packets { // that came with what the case has read
		if packet == "2" && !p.quiet {
			p.POST("3")
		}
	}
	p.packets = nil
	for time.Now().Before(deadline) {
		pending := p.pending
		if pending == nil {
			pending = p.StartGET()
		}
		p.pending = nil
		r, err := pending.Outcome(time.Until(deadline))
		if err != nil && pending.Answered() {
			continue // the connection was closed: the next poll tells whether the session was, too
		}
		if err != nil {
			break
		}
		if r.Status >= 400 && r.Status < 500 {
			if p.pulse.end(r.At); !p.quiet {
				p.t.notByHeartbeat(p.pulse)
			}
			return
		}
		for _, packet := range ParsePayload(r.Body) {
			if packet == "2" && !p.quiet {
				p.POST("3")
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Failf("Expected\n    the session to be closed\nbut\n    it is still open after %d ms, its pings answered", d.Milliseconds())
}

// Lives sees that the session is alive: the server still takes a POST for it. The packet sent is
// an unasked pong, which a server ignores.
func (p *Polling) Lives() {
	p.t.act("sees that the session is alive")
	if r := p.POST("3"); r.Status != 200 {
		p.t.Failf("Expected\n    the polling session to be alive\nbut\n    a POST was answered with %v", r)
	}
}

// Probe opens a WebSocket for the session and sends the probe; it returns once the server has answered it.
func (p *Polling) Probe(given ...Option) *WebSocket {
	var w *WebSocket
	p.t.Given(Upgrades, func() {
		w = p.Beside(given...)
		w.Send("2probe")
		if answer := w.Receive(); answer != "3probe" {
			p.t.Failf("Expected\n    %q\nto be the answer to the probe\n    \"3probe\"", answer)
		}
	})
	return w
}

// Beside opens a WebSocket for the session and sends nothing.
func (p *Polling) Beside(given ...Option) *WebSocket {
	p.t.act("opens a WebSocket for the session")
	w, r := p.t.Upgrade("?EIO=4&transport=websocket&sid="+p.SID, append(slices.Clone(given), On(p.target), within(p.recovery))...)
	if w == nil {
		p.pulse.end(time.Now())
		p.t.Failf("Expected\n    a WebSocket for the session\nbut\n    the handshake was refused: %v", r)
	}
	w.SID, w.Open = p.SID, p.Open
	if !w.quiet.Load() {
		w.pulse.Store(p.pulse)
	} else {
		p.pulse.end(time.Now()) // from here on the case has its own way with pings
	}
	return w
}

// Upgrade moves the session to WebSocket, as a client does it: probe, the pending poll answered, upgrade packet.
// What the polls brought meanwhile is handed over.
func (p *Polling) Upgrade(given ...Option) *WebSocket {
	var w *WebSocket
	p.t.Given(Upgrades, func() {
		w = p.Probe(given...)
		p.t.act("takes the session over to the WebSocket")
		if p.pending == nil {
			p.pending = p.StartGET()
		}
		r := p.pending.Response()
		p.pending = nil
		if r.Status != 200 {
			p.t.Failf("Expected\n    the poll to be answered during the upgrade\nbut\n    it was answered with %v", r)
		}
		asked := false
		for _, packet := range append(p.packets, p.Packets(r)...) {
			switch {
			case packet == "6":
			case packet == "2":
				asked = true
			case strings.HasPrefix(packet, "4"):
				w.received.put(Message{Data: packet, At: r.At})
			default:
				p.t.Failf("Expected\n    %q\nto be a noop, a ping or a message", packet)
			}
		}
		p.packets = nil
		w.Send("5")
		if asked { // nothing but the upgrade packet may follow the probe
			w.Send("3")
		}
	})
	return w
}

func (p *Polling) String() string { return fmt.Sprintf("the polling session %s", p.SID) }

// Seen gives the server time to see what was written on another connection: an answer to a request
// that was sent later comes first, and then some.
func (t *T) Seen() {
	t.GET("?EIO=4&transport=polling&sid=none")
	t.Wait(t.Tolerance().Early, "until the server has seen what was sent before")
}
