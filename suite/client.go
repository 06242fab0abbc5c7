package suite

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// Transport is the transport of a client's session.
type Transport string

const (
	OverWebSocket Transport = "WebSocket"
	OverPolling   Transport = "polling"
	AfterUpgrade  Transport = "WebSocket after an upgrade from polling"
)

// Transports are those over which every Socket.IO rule holds.
var Transports = []Transport{OverWebSocket, OverPolling, AfterUpgrade}

// Client speaks Socket.IO over a session of either transport.
type Client struct {
	t         *T
	WebSocket *WebSocket // set for a session over WebSocket, or upgraded to it
	Polling   *Polling   // set for a session over polling, or upgraded from it
}

// Client opens a session over that transport. It joins no namespace.
func (t *T) Client(transport Transport, given ...Option) *Client {
	c := &Client{t: t}
	switch transport {
	case OverWebSocket:
		c.WebSocket = t.WebSocket(given...)
	case OverPolling:
		c.Polling = t.Polling(given...)
	case AfterUpgrade:
		c.Polling = t.Polling(given...)
		c.WebSocket = c.Polling.Upgrade()
	}
	return c
}

// Connected opens a session over WebSocket and joins the main namespace.
func (t *T) Connected(given ...Option) *Client {
	c := t.Client(OverWebSocket, given...)
	c.Connect("/")
	return c
}

// target returns the index of the session's target.
func (c *Client) target() int {
	if c.WebSocket != nil {
		return c.WebSocket.target
	}
	return c.Polling.target
}

// as returns the same session for another T of the case.
func (c *Client) as(t *T) *Client { return &Client{t, c.WebSocket.as(t), c.Polling.as(t)} }

// SessionID returns the ID of the Engine.IO session.
func (c *Client) SessionID() string {
	if c.WebSocket != nil {
		return c.WebSocket.SID
	}
	return c.Polling.SID
}

// Send sends a packet, followed by its attachments as binary messages.
func (c *Client) Send(packet string, attachments ...string) {
	if c.WebSocket == nil {
		payload := packet
		for _, a := range attachments {
			payload += protocol.Separator + "b" + base64.StdEncoding.EncodeToString([]byte(a))
		}
		c.Polling.Send(payload)
		return
	}
	c.WebSocket.Send(packet)
	for _, a := range attachments {
		c.WebSocket.SendBinary(a)
	}
}

// Receive waits for the next Socket.IO packet and its attachments.
func (c *Client) Receive() *protocol.Packet { return c.ReceiveWithin(c.t.Tolerance().Patience) }

// ReceiveWithin is Receive with a time limit.
func (c *Client) ReceiveWithin(d time.Duration) *protocol.Packet {
	raw, binary := c.next(d)
	if binary {
		c.t.contradicted("the next message", describes("a Socket.IO packet"), inHex(raw))
	}
	p := c.t.Packet(raw)
	for len(p.Attachments) < p.Count {
		raw, binary := c.next(d)
		if !binary {
			subject := fmt.Sprintf("the message after the packet %s", protocol.Clip(p.Raw, 200))
			c.t.contradicted(subject, describes("attachment %d of %d", len(p.Attachments)+1, p.Count), text(result.Packet, raw))
		}
		p.Attachments = append(p.Attachments, raw)
	}
	return p
}

func (c *Client) next(d time.Duration) (content string, binary bool) {
	if c.WebSocket != nil {
		m := c.WebSocket.ReceiveWithin(d)
		return m.Data, m.Binary
	}
	packet := c.Polling.ReceiveWithin(d)
	if !strings.HasPrefix(packet, "b") {
		return packet, false
	}
	data, err := base64.StdEncoding.DecodeString(packet[1:])
	if err != nil {
		c.t.contradicted("the packet over polling", describes("a binary message in base64"), text(result.Packet, packet))
	}
	return string(data), true
}

// Expect waits for the next packet and compares it with the wanted packet, as [MatchPacket] does.
func (c *Client) Expect(want string, attachments ...string) {
	c.t.Expect(c.Receive(), "the packet").To(MatchPacket(want, attachments...))
}

// Connect joins a namespace and returns the server's answer. It also reads the event auth, which the echo application sends
// next. Data, if given, is the JSON of the CONNECT packet. Connect takes for granted that the server lets clients in.
func (c *Client) Connect(namespace string, data ...string) (p *protocol.Packet) {
	rule := ConnectsToMain
	if namespace != "/" {
		rule = ConnectsToCustom
	}
	c.t.Given(rule, func(t *T) { p = c.as(t).Join(namespace, data...) })
	return p
}

// Join is Connect for a case that is about the server's answer.
func (c *Client) Join(namespace string, data ...string) *protocol.Packet {
	if namespace == "/" {
		c.t.requires(c.target(), JoiningAbility)
	}
	c.t.act("joins the namespace " + namespace)
	c.Send("40" + Prefix(namespace) + strings.Join(data, ""))
	p := c.Receive()
	if p.Type != protocol.Connect || p.Namespace != namespace || p.SID() == "" {
		c.t.contradicted("the answer to the CONNECT", describes("a CONNECT packet of the namespace %s with a sid", namespace), valueOf(p))
	}
	if c.t.env.Capabilities.Echo && namespace != controlNamespace {
		next := c.Receive()
		if name, _ := next.Event(); name != "auth" {
			c.t.contradicted("the packet behind the answer to the CONNECT", describes("the event auth"), valueOf(next))
		}
	}
	return p
}

// Prefix returns the prefix of a packet for a namespace: empty for the main one, otherwise the name and a comma.
func Prefix(namespace string) string {
	if namespace == "/" {
		return ""
	}
	return namespace + ","
}

// Echoes checks that the application still answers in a namespace, and that nothing comes before its answer.
func (c *Client) Echoes(namespace string) {
	c.t.act("checks that the application answers in the namespace " + namespace)
	text := c.t.drawWord()
	c.Send(fmt.Sprintf(`42%s["message",%q]`, Prefix(namespace), text))
	c.Expect(fmt.Sprintf(`42%s["message-back",%q]`, Prefix(namespace), text))
}

// Closed waits until the server ends the session. Pings are answered meanwhile.
func (c *Client) Closed() {
	if c.WebSocket != nil {
		c.WebSocket.Closed()
		return
	}
	c.Polling.Ended()
}

// Close ends the session from the client's side.
func (c *Client) Close() {
	if c.WebSocket != nil {
		c.WebSocket.Close()
		return
	}
	c.Polling.POST("1")
}
