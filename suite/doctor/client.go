package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// Client is the result for the official client, version 4.x with its default options, in one place.
type Client struct {
	Origin   string `json:"origin,omitempty"` // of the page that it runs on; empty in Node
	Connects bool   `json:"connects"`         // its application gets the event "connect"
	Stays    bool   `json:"stays"`            // and it keeps the connection beyond the server's first ping
	Over     string `json:"over,omitempty"`   // the transport that it ends up with: polling or WebSocket
	Because  string `json:"because,omitempty"`
	// With is an option that it needs for that, such as "rejectUnauthorized: false"; empty for none.
	With string `json:"with,omitempty"`
	// Unseen means that the examination ended before the result was known.
	Unseen bool `json:"unseen,omitempty"`
}

// Waits of the client, and of the examination that watches it.
const (
	clientPatience = 20 * time.Second // of the option timeout: for the open packet
	joinPatience   = 20 * time.Second // for the answer to CONNECT, for which the client waits forever
	afterBeat      = time.Second      // how long to watch after the pong
	unbeatenWatch  = 5 * time.Second  // if the first ping is too far off to wait for
	longestProbe   = 5 * time.Second  // how much longer to wait for the probe
	repeatedOpens  = 5                // open packets in answer to polls, after which nothing else is expected
)

// joins returns the packet with which a client joins its namespace.
func (e *examination) joins() string {
	packet := "40"
	if ns := e.options.Namespace; ns != "" && ns != "/" {
		packet += ns + ","
	}
	return packet + string(e.options.Auth)
}

// trial is one client that tries to connect.
type trial struct {
	target *wire.Target
	header [][2]string // of each polling request
	socket http.Header // of the WebSocket handshake
	jar    *jar        // nil if no cookies are kept
	reads  reads       // whether the client may see an answer; nil if always
	joins  string      // the packet that joins the namespace
	ns     string      // the namespace
	open   *protocol.OpenPacket
	first  []string // packets that came with the open packet
	result *Client

	events  chan event
	queue   []string // packets to send
	polling bool     // a poll is pending
	posting bool
	probing bool // the move to a WebSocket has begun
	pausing bool // the probe was answered: the session moves as soon as no request is pending
	ws      *wire.WebSocket
	over    bool // the WebSocket has the session
	opens   int  // open packets
	pinged  bool
	ponged  bool
	closing func()
}

// reads says why a page may not see an answer; empty if it may.
type reads func(*wire.Response) string

// event is something that happened to a client.
type event struct {
	kind    eventKind
	packets []string
	why     string // why it failed
	ws      *wire.WebSocket
	close   func()
}

type eventKind int

const (
	polled eventKind = iota
	posted
	probed // the WebSocket answered the probe, or there is none
	framed // a message came over the WebSocket
)

// run runs the trial until it is known whether the client connects and stays.
func (c *trial) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if why := c.opensSession(ctx); why != "" {
		c.result.Because, c.result.Unseen = why, ctx.Err() != nil
		return
	}
	defer func() {
		if c.closing != nil {
			c.closing()
		}
	}()
	c.events = make(chan event, 16)
	c.result.Over = "polling"
	c.queue = []string{c.joins}
	for _, name := range c.open.Upgrades {
		if name == "websocket" {
			c.probing = true
			go c.probes(ctx)
		}
	}
	begun := time.Now()
	for _, packet := range c.first {
		if why := c.packet(packet); why != "" {
			c.lost(begun, why)
			return
		}
	}
	joining := time.NewTimer(joinPatience)
	alive := time.NewTimer(c.open.PingInterval + c.open.PingTimeout)
	stayed := time.NewTimer(time.Hour)
	stayed.Stop()
	watched, extended := false, time.Duration(0)
	for {
		if why := c.step(ctx); why != "" {
			c.lost(begun, why)
			return
		}
		if c.result.Connects && !watched && (c.ponged || c.open.PingInterval > longestBeat) {
			watched = true
			if c.ponged {
				stayed.Reset(afterBeat)
			} else {
				stayed.Reset(unbeatenWatch)
			}
		}
		select {
		case ev := <-c.events:
			why := c.take(ev)
			if why != "" && ctx.Err() == nil {
				c.lost(begun, why)
				return
			}
		case <-joining.C:
			if !c.result.Connects {
				c.result.Because = fmt.Sprintf("nothing answers its request to join the namespace %s within %s", c.ns, joinPatience)
				return
			}
		case <-alive.C:
			c.lost(begun, fmt.Sprintf("no ping comes within %s", c.open.PingInterval+c.open.PingTimeout))
			return
		case <-stayed.C:
			if c.probing && extended < longestProbe { // the final transport is not known yet
				extended += afterBeat
				stayed.Reset(afterBeat)
				continue
			}
			c.result.Stays = true
			if c.over {
				_ = c.ws.Send(wire.Message{Data: "1"})
			} else {
				_, _ = c.request(ctx, afterBeat, "POST", c.session(), "1")
			}
			return
		case <-ctx.Done():
			c.result.Unseen = true
			return
		}
		if c.pinged {
			c.pinged = false
			alive.Reset(c.open.PingInterval + c.open.PingTimeout)
		}
	}
}

// lost records why the connection is gone.
func (c *trial) lost(begun time.Time, why string) {
	if c.result.Connects {
		why = fmt.Sprintf("it connects, and loses its connection after %s: %s", milliseconds(time.Since(begun)), why)
	}
	c.result.Because = why
}

// step does what the client does next. It returns why the connection is lost; empty if it is not.
func (c *trial) step(ctx context.Context) string {
	if c.pausing && !c.over && !c.polling && !c.posting {
		c.over, c.probing, c.result.Over = true, false, "WebSocket"
		c.queue = append([]string{"5"}, c.queue...)
	}
	if c.over {
		for _, packet := range c.queue {
			if err := c.ws.Send(wire.Message{Data: packet}); err != nil {
				return "its WebSocket broke off"
			}
			c.ponged = c.ponged || packet == "3"
		}
		c.queue = nil
	}
	if c.pausing {
		return ""
	}
	if !c.polling {
		c.polling = true
		go func() {
			r, why := c.request(ctx, 0, "GET", c.session(), "")
			ev := event{kind: polled, why: why}
			if why == "" {
				ev.packets = protocol.ParsePayload(r.Body)
			}
			c.tell(ctx, ev)
		}()
	}
	if !c.posting && len(c.queue) > 0 {
		c.posting = true
		payload := strings.Join(c.queue, "\x1e")
		pong := slices.Contains(c.queue, "3")
		c.queue = nil
		go func() {
			_, why := c.request(ctx, 0, "POST", c.session(), payload)
			ev := event{kind: posted, why: why}
			if pong {
				ev.packets = []string{"3"}
			}
			c.tell(ctx, ev)
		}()
	}
	return ""
}

// take handles an event. If it loses or refuses the connection, take returns why.
func (c *trial) take(ev event) string {
	switch ev.kind {
	case polled:
		c.polling = false
	case posted:
		c.posting = false
		c.ponged = c.ponged || len(ev.packets) > 0 && ev.why == ""
		return ev.why
	case probed:
		if ev.why == "" {
			c.pausing, c.ws, c.closing = true, ev.ws, ev.close
		} else {
			c.probing = false
		}
		return "" // without a WebSocket the session stays on polling
	}
	if ev.why != "" {
		return ev.why
	}
	for _, packet := range ev.packets {
		if why := c.packet(packet); why != "" {
			return why
		}
	}
	return ""
}

// packet handles a packet from the server.
func (c *trial) packet(packet string) string {
	kind := byte(0)
	if packet != "" {
		kind = packet[0]
	}
	switch kind {
	case '0':
		if c.opens++; c.opens >= repeatedOpens {
			return "its polls are repeatedly answered with the open packet of a session: something in between answers from a cache"
		}
	case '1':
		return "the server closes the session"
	case '2':
		c.pinged = true
		c.queue = append(c.queue, "3")
	case '3', '6', 'b':
	case '4':
		return c.message(packet[1:])
	default:
		return fmt.Sprintf("it receives a packet that it cannot read: %q", first(packet, 40))
	}
	return ""
}

// message handles a Socket.IO packet.
func (c *trial) message(packet string) string {
	if packet == "" {
		return "it receives a packet that it cannot read"
	}
	kind, rest, ns := packet[0], packet[1:], "/"
	if strings.HasPrefix(rest, "/") {
		ns, rest, _ = strings.Cut(rest, ",")
	}
	if ns != c.ns {
		return ""
	}
	switch kind {
	case '0':
		var content struct {
			SID string `json:"sid"`
		}
		if json.Unmarshal([]byte(rest), &content) != nil || content.SID == "" {
			return "the server speaks the protocol of Socket.IO 2: its CONNECT packet holds no sid"
		}
		c.result.Connects = true
	case '1':
		return fmt.Sprintf("the server's application disconnects it from the namespace %s", c.ns)
	case '4':
		return fmt.Sprintf("the server refuses it in the namespace %s, with %q", c.ns, messageOf(rest))
	}
	return ""
}

// messageOf returns the message of a CONNECT_ERROR packet.
func messageOf(content string) string {
	var refusal struct{ Message string }
	if json.Unmarshal([]byte(content), &refusal) != nil {
		return first(content, 80)
	}
	return first(refusal.Message, 80)
}

func (c *trial) session() string { return handshake + "&sid=" + wire.Escaped(c.open.SID) }

// opensSession makes the handshake. It returns why there is no session.
func (c *trial) opensSession(ctx context.Context) string {
	r, why := c.request(ctx, clientPatience, "GET", handshake, "")
	if why != "" {
		return why
	}
	packets := protocol.ParsePayload(r.Body)
	if ofVersion3(r.Body) {
		return becauseVersion3
	}
	open, err := protocol.ParseOpen(packets[0])
	if err != nil {
		return fmt.Sprintf("what answers at %s is not an Engine.IO server", c.target.Path)
	}
	c.open, c.first = open, packets[1:]
	return ""
}

// request sends a request over polling. It returns why the client gets no usable answer. Within is 0 for no limit of its
// own.
func (c *trial) request(ctx context.Context, within time.Duration, method, path, body string) (*wire.Response, string) {
	if within > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeoutCause(ctx, within, fmt.Errorf("nothing came within %s", within))
		defer cancel()
	}
	header := c.header
	if method == "POST" {
		header = append(header[:len(header):len(header)], [2]string{"Content-Type", "text/plain;charset=UTF-8"})
	}
	if cookie := c.jar.sends(); cookie != "" {
		header = append(header[:len(header):len(header)], [2]string{"Cookie", cookie})
	}
	r, err := c.target.Do(ctx, wire.NewRecorder(), wire.Request{Method: method, Path: path, Header: header, Body: []byte(body)})
	if err != nil {
		return nil, fmt.Sprintf("its %s request is not answered: %s", method, first(err.Error(), 120))
	}
	c.jar.keeps(r)
	if c.reads != nil {
		if why := c.reads(r); why != "" {
			return nil, why
		}
	}
	if r.Status != http.StatusOK {
		return nil, whyRefused(method, r)
	}
	return r, ""
}

// whyRefused says what an answer to a polling request means if its status is not 200.
func whyRefused(method string, r *wire.Response) string {
	if no, ok := refused(r.Body); ok {
		switch *no.Code {
		case 0:
			return "polling, with which it begins, is turned off at the server"
		case 1:
			return "its requests do not all reach the server that opened its session"
		case 4:
			return fmt.Sprintf("the server's application refuses it, with %d %q", r.Status, first(no.Message, 80))
		case 5:
			return becauseVersion3
		}
	}
	if to := r.Header.Get("Location"); to != "" && r.Status/100 == 3 {
		return "it is redirected to " + first(to, 120)
	}
	return fmt.Sprintf("its %s request is answered with %s", method, inWords(r, nil))
}

// probes tries to move the session to a WebSocket, and reads what comes over it.
func (c *trial) probes(ctx context.Context) {
	header := c.socket.Clone()
	if cookie := c.jar.sends(); cookie != "" {
		header.Set("Cookie", cookie)
	}
	w, _, err := c.target.Upgrade(ctx, wire.NewRecorder(), handshakeOfSockets+"&sid="+wire.Escaped(c.open.SID), header)
	if w == nil {
		c.tell(ctx, event{kind: probed, why: text(err)})
		return
	}
	stop := context.AfterFunc(ctx, w.Break)
	if err := w.Send(wire.Message{Data: "2probe"}); err == nil {
		if m, end := w.Receive(); end == nil && m.Data == "3probe" {
			c.tell(ctx, event{kind: probed, ws: w, close: func() { stop(); w.Close() }})
			for {
				m, end := w.Receive()
				if end != nil {
					c.tell(ctx, event{kind: framed, why: fmt.Sprintf("its WebSocket ended: %s", first(end.String(), 80))})
					return
				}
				if !m.Binary {
					c.tell(ctx, event{kind: framed, packets: []string{m.Data}})
				}
			}
		}
	}
	stop()
	w.Close()
	c.tell(ctx, event{kind: probed, why: "its probe is not answered"})
}

// tell hands an event to the client, unless nobody waits for it.
func (c *trial) tell(ctx context.Context, ev event) {
	select {
	case c.events <- ev:
	case <-ctx.Done():
	}
}
