package suite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// Polling is a session over HTTP long-polling. It polls when the case receives, and then answers pings, unless it was opened
// [WithoutPongs].
type Polling struct {
	t *T
	*polling
}

// polling is the state that the handles of one session share.
type polling struct {
	target       int
	ignoresPings bool
	Open         *protocol.OpenPacket
	SID          string
	// Handshake is the response that opened the session.
	Handshake *Response

	asked     bool // the client has asked to join a namespace
	pings     int
	packets   []string // received but not yet read
	pending   *Pending // the GET under way
	mu        sync.Mutex
	requests  []*Pending // that may not be answered yet
	noops     int
	recovery  *recovery
	heartbeat *heartbeat
}

// Polling opens a session over HTTP long-polling. It takes for granted that the server opens one.
func (t *T) Polling(given ...Option) (p *Polling) {
	t.Given(OpensOverPolling, func(t *T) { p = t.OpenPolling(given...) })
	return p.as(t)
}

// OpenPolling is Polling for a case that is about the handshake.
func (t *T) OpenPolling(given ...Option) *Polling {
	o := t.options(given)
	t.requires(o.target, PollingTransport)
	t.seat()
	asked := time.Now()
	p := &Polling{t, &polling{target: o.target, ignoresPings: o.ignoresPings, recovery: &recovery{}}}
	t.act("opens a session over polling")
	p.Handshake = t.GET(query("polling", o), given...)
	if p.Handshake.Status != 200 {
		t.refused("the status of the answer to the handshake", withValue(result.Equals, 200), p.Handshake, false)
	}
	packets := protocol.ParsePayload(p.Handshake.Body)
	open := t.OpenPacket(packets[0])
	p.Open, p.SID, p.packets = open, open.SID, packets[1:]
	t.opened(open.SID)
	p.heartbeat = t.follow(open, asked, o.ignoresPings, false)
	return p
}

// as returns the same session for another T of the case.
func (p *Polling) as(t *T) *Polling {
	if p == nil {
		return nil
	}
	return &Polling{t, p.polling}
}

// Query returns the query of the session's requests.
func (p *Polling) Query() string { return "?EIO=4&transport=polling&sid=" + Escaped(p.SID) }

// Packets returns the packets in the answer to a poll.
func (p *Polling) Packets(r *Response) []string {
	packets := protocol.ParsePayload(r.Body)
	for i, packet := range packets {
		if strings.HasPrefix(packet, "40") {
			p.heartbeat.join()
		}
		packets[i] = p.recovery.seen(packet)
	}
	return packets
}

// StartGET begins a poll and returns once the request is written.
func (p *Polling) StartGET(given ...Option) *Pending {
	return p.follow(p.t.Request("GET", p.Query(), append(given, On(p.target))...))
}

// follow makes the answer to a request count for the session's heartbeat.
func (p *Polling) follow(request *Pending) *Pending {
	request.heartbeat = p.heartbeat
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(slices.DeleteFunc(p.requests, (*Pending).Answered), request)
	return request
}

// underWay returns the session's requests that may have no answer yet.
func (p *Polling) underWay() []*Pending {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// GET polls once and waits for the answer.
func (p *Polling) GET(given ...Option) *Response { return p.StartGET(given...).Response() }

// POST sends a payload.
func (p *Polling) POST(payload string, given ...Option) *Response {
	p.asked = p.asked || asksToJoin(payload)
	return p.StartPOST(payload, given...).Response()
}

// StartPOST sends a payload and returns once it is written.
func (p *Polling) StartPOST(payload string, given ...Option) *Pending {
	payload = p.t.withAuth(p.target, payload)
	all := append(slices.Clone(given), On(p.target), Body(payload))
	request := p.t.Request("POST", p.Query(), all...)
	if slices.Contains(protocol.ParsePayload(payload), "3") {
		request.pong = &sync.Once{}
	}
	return p.follow(request)
}

// Send posts a payload. The server must accept it.
func (p *Polling) Send(payload string) {
	p.t.fits(p.Open.MaxPayload, len(payload))
	if r := p.POST(payload); r.Status != 200 {
		p.t.refused("the status of the answer to the POST of "+protocol.Clip(payload, 200), withValue(result.Equals, 200), r, true)
	}
}

// ReceiveWithin polls until a packet other than a ping comes, and returns it.
func (p *Polling) ReceiveWithin(d time.Duration) string {
	since := time.Now()
	clock := p.t.clock(d)
	defer clock.stop()
	for {
		if packet, ok := p.unread(); ok {
			return packet
		}
		p.poll(clock, since)
	}
}

// held is the number of polls in a row answered with nothing which shows that a server holds its packets back for the
// WebSocket.
const held = 3

// Brings polls until a packet other than a ping comes, leaves it to be received, and returns true. It returns false if the
// server answers three polls with nothing but noops and pings. A server may do so while a WebSocket probes: a client has
// paused polling then, and anything not yet sent comes over the WebSocket once the upgrade is complete.
func (p *Polling) Brings() bool {
	since := time.Now()
	clock := p.t.clock(p.t.Tolerance().Patience)
	defer clock.stop()
	for polls := 0; ; polls++ {
		if packet, ok := p.unread(); ok {
			p.packets = slices.Insert(p.packets, 0, packet)
			return true
		}
		if polls == held {
			return false
		}
		p.poll(clock, since)
	}
}

// unread takes the next received packet that is not a noop. Pings are answered unless the case handles them itself.
func (p *Polling) unread() (packet string, ok bool) {
	for len(p.packets) > 0 {
		packet, p.packets = p.packets[0], p.packets[1:]
		switch {
		case packet == "6": // means nothing
			p.noops++
			continue
		case packet == "2":
			p.pings++
			if !p.ignoresPings {
				p.Send("3")
				continue
			}
		}
		return packet, true
	}
	return "", false
}

// poll reads the packets in the answer to one poll.
func (p *Polling) poll(clock *clock, since time.Time) {
	if p.pending == nil {
		p.pending = p.StartGET()
	}
	r, err := p.pending.as(p.t).outcomeBy(clock)
	if err != nil && p.pending.Answered() {
		p.t.unanswered("the answer to the poll", err, since, true)
	}
	if err != nil {
		p.t.absent("a packet over polling", comes, nothing, since)
	}
	p.pending = nil
	if r.Status != 200 {
		p.t.refused("the status of the answer to the poll", withValue(result.Equals, 200), r, true)
	}
	p.packets = p.Packets(r)
}

// Receive polls until a packet other than a ping comes, and returns it: text unchanged, a binary message as "b" and base64.
func (p *Polling) Receive() string { return p.ReceiveWithin(p.t.Tolerance().Patience) }

// Noops returns the number of noops received. They mean nothing, and cases never see them.
func (p *Polling) Noops() int { return p.noops }

// Pings returns the number of pings received.
func (p *Polling) Pings() int { return p.pings }

// Ended waits until the session is over: the server no longer knows it. Pings are answered meanwhile.
func (p *Polling) Ended() {
	since, pongs := time.Now(), p.heartbeat.beats()
	p.EndedWithin(p.t.unjoined(p.asked, p.Handshake.At))
	p.t.endedAtOnce(p.heartbeat, since, pongs)
}

// EndedUnpolled is Ended for a case in which a poll might be what ends the session. It polls only once the server refuses the
// session's POSTs: pongs, so that the heartbeat does not end the session meanwhile.
func (p *Polling) EndedUnpolled() {
	p.t.act("waits until the server refuses the POSTs of the session")
	since, pongs := time.Now(), p.heartbeat.beats()
	clock := p.t.clock(p.t.unjoined(p.asked, p.Handshake.At))
	defer clock.stop()
	for {
		r, err := p.StartPOST("3").outcomeBy(clock)
		if err == nil && unknown(r) {
			break
		}
		if clock.passed() {
			p.t.Endless(since, "the session")
		}
		p.t.pause(5 * time.Millisecond)
	}
	p.t.endedAtOnce(p.heartbeat, since, pongs)
	p.Ended()
}

// EndedWithin is Ended with a deadline, and says when the session ended: when a poll brought the close packet, or between
// the first poll that was refused and its answer. The session's pending requests finish first: a concurrent poll would be
// refused for that alone. A refusal for any reason other than an unknown session does not show that the session has ended.
func (p *Polling) EndedWithin(d time.Duration) (ended Moment) {
	p.t.act("waits until the server ends the session")
	since := time.Now()
	clock := p.t.clock(d)
	defer func() { clock.stop() }()
	closed := func(r *Response) {
		if ended.Latest.IsZero() && slices.Contains(protocol.ParsePayload(r.Body), "1") {
			ended = At(r.At)
		}
	}
	p.pong(p.packets) // that came with packets the case has read
	p.packets = nil
	for _, request := range p.underWay() {
		if request != p.pending && request.Answered() {
			continue
		}
		if r, err := request.as(p.t).outcomeBy(clock); err == nil && r.Status == 200 {
			closed(r)
			p.pong(protocol.ParsePayload(r.Body))
		}
	}
	p.pending = nil
	refused := false
	for refused || !clock.passed() {
		sent := time.Now()
		poll := p.StartGET()
		if refused { // the session ended in time; the check may take another exchange
			clock.stop()
			clock = p.t.clock(p.t.Tolerance().Patience)
		}
		r, err := poll.outcomeBy(clock)
		if err == nil && unknown(r) && ended.Latest.IsZero() {
			ended = Between(sent, r.At)
		}
		switch {
		case err != nil && poll.Answered(): // the connection was closed: the next poll tells whether the session was, too
		case err != nil:
			p.t.absent("the session", result.Expectation{Relation: result.Ends}, result.Value{Form: result.Open}, since)
		case unknown(r) && refused:
			if p.heartbeat.end(r.At); !p.ignoresPings {
				p.t.notByHeartbeat(p.heartbeat)
			}
			return ended
		case r.Status == 200:
			closed(r)
			p.pong(protocol.ParsePayload(r.Body))
		}
		refused = err == nil && unknown(r) // and ask again: an unknown session stays unknown
		time.Sleep(5 * time.Millisecond)
	}
	p.t.absent("the session", result.Expectation{Relation: result.Ends}, result.Value{Form: result.Open}, since)
	return ended
}

// pong answers the pings among packets. A pong may be refused only because the session is unknown.
func (p *Polling) pong(packets []string) {
	for _, packet := range packets {
		if packet != "2" || p.ignoresPings {
			continue
		}
		if r := p.POST("3"); r.Status != 200 && !unknown(r) {
			p.t.refused("the status of the answer to the pong", withValue(result.Equals, 200), r, true)
		}
	}
}

// unknown reports whether a request was refused because its session is unknown, unless the answer gives another reason.
func unknown(r *Response) bool {
	if r.Status < 400 || r.Status >= 500 || Intermediate(r.Status) {
		return false
	}
	var reason map[string]json.RawMessage
	_ = json.Unmarshal([]byte(r.Body), &reason)
	code, told := reason["code"]
	return !told || protocol.SameJSON(string(code), "1")
}

// Lives checks that the session is alive: the server still accepts a POST for it. The packet sent is an unsolicited pong,
// which a server ignores.
func (p *Polling) Lives() {
	p.t.act("checks that the session is alive")
	if r := p.POST("3"); r.Status != 200 {
		p.t.refused("the status of the answer to a POST of the session", withValue(result.Equals, 200), r, true)
	}
}

// Probe opens a WebSocket for the session and sends the probe. It returns once the server has answered it.
func (p *Polling) Probe(given ...Option) *WebSocket {
	p.t.requires(p.target, UpgradeAbility)
	var w *WebSocket
	p.t.Given(Upgrades, func(t *T) { w = p.as(t).probe(func() {}, given) })
	return w.as(p.t)
}

// probe calls meanwhile after it has sent the probe.
func (p *Polling) probe(meanwhile func(), given []Option) *WebSocket {
	w := p.Beside(given...)
	w.Send("2probe")
	meanwhile()
	if answer := w.Receive(); answer != "3probe" {
		p.t.contradicted("the answer to the probe", withValue(result.Equals, "3probe"), text(result.Packet, answer))
	}
	return w
}

// Beside opens a WebSocket for the session and sends nothing.
func (p *Polling) Beside(given ...Option) *WebSocket {
	p.t.requires(p.target, UpgradeAbility)
	p.t.act("opens a WebSocket for the session")
	w, r := p.t.Upgrade("?EIO=4&transport=websocket&sid="+Escaped(p.SID), append(slices.Clone(given), On(p.target), within(p.recovery))...)
	if w == nil {
		p.heartbeat.end(time.Now())
		p.t.refused("the answer to the session's WebSocket handshake", describes("a WebSocket"), r, true)
	}
	w.SID, w.Open = p.SID, p.Open
	p.t.mu.Lock()
	p.t.beside = append(p.t.beside, w.webSocket)
	p.t.mu.Unlock()
	w.heartbeat.Store(p.heartbeat)
	if w.ignoresPings.Load() {
		p.heartbeat.leaveToCase()
	}
	return w
}

// Upgrade moves the session to WebSocket as a client does: it probes, waits for the pending poll to be answered, and sends
// the upgrade packet. Packets that the polls brought meanwhile are handed over.
func (p *Polling) Upgrade(given ...Option) *WebSocket {
	p.t.requires(p.target, UpgradeAbility)
	var w *WebSocket
	p.t.Given(Upgrades, func(t *T) {
		p := p.as(t)
		w = p.probe(func() {
			if p.pending == nil { // as a client does, which polls until the probe is answered
				p.pending = p.StartGET()
			}
		}, given)
		p.t.act("takes the session over to the WebSocket")
		r := p.pending.as(t).Response()
		p.pending = nil
		if r.Status != 200 {
			p.t.refused("the status of the answer to the poll during the upgrade", withValue(result.Equals, 200), r, true)
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
				p.t.contradicted("the packet that ends the poll", describes("a noop, a ping or a message"), text(result.Packet, packet))
			}
		}
		p.packets = nil
		w.Send("5")
		if asked { // nothing but the upgrade packet may follow the probe
			w.Send("3")
		}
	})
	return w.as(p.t)
}

func (p *Polling) String() string { return fmt.Sprintf("the polling session %s", p.SID) }

// PingSoon reports whether a ping may come before the server sees what the case sends next: one is due, or is as good as due
// at this distance.
func (p *Polling) PingSoon() bool {
	return p.heartbeat.due(time.Now().Add(p.t.env.exchangeOf(p.target) / 2))
}

// AwaitSeen gives the server time to see what was written on another connection: it waits for the answer to a later request,
// and a little longer.
func (t *T) AwaitSeen() {
	t.GET("?EIO=4&transport=polling&sid=none")
	t.Wait(t.Tolerance().Early, "until the server has seen what was sent before")
}
