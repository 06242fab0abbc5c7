package reference

import (
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// PacketRules decide how packets are read and written, and what happens to a client that sends packets it must not send.
type PacketRules interface {
	// Received returns the messages to decode when the given one came.
	Received(c *Client, message engineio.Message) []engineio.Message
	// MalformedEnds reports whether a message that is not a packet, for the given reason, ends the session.
	MalformedEnds(c *Client, message engineio.Message, reason error) bool
	// Incoming returns the packets to act on when the given one came.
	Incoming(c *Client, p *packet.Packet) []*packet.Packet
	// ViolationEnds reports whether a packet that a client must not send ends the session.
	ViolationEnds(c *Client, p *packet.Packet, v Violation) bool
	// Outgoing returns the packets to send when the given one is due.
	Outgoing(c *Client, p *packet.Packet) []*packet.Packet
	// Encode returns the messages of a packet.
	Encode(c *Client, p *packet.Packet) []engineio.Message
}

// DefaultPackets has the rules of the protocol document, sections "Packet encoding" and "Exchange protocol".
type DefaultPackets struct{}

// Received decodes each message.
func (DefaultPackets) Received(_ *Client, message engineio.Message) []engineio.Message {
	return []engineio.Message{message}
}

// MalformedEnds is true: if a payload is invalid, "then the receiver MUST close the connection".
func (DefaultPackets) MalformedEnds(*Client, engineio.Message, error) bool { return true }

// Incoming acts on each packet.
func (DefaultPackets) Incoming(_ *Client, p *packet.Packet) []*packet.Packet {
	return []*packet.Packet{p}
}

// ViolationEnds is true: "If the server does not receive a CONNECT packet first, then it MUST close the connection
// immediately". The same goes for every packet that a client must not send.
func (DefaultPackets) ViolationEnds(*Client, *packet.Packet, Violation) bool { return true }

// Outgoing sends each packet once.
func (DefaultPackets) Outgoing(_ *Client, p *packet.Packet) []*packet.Packet {
	return []*packet.Packet{p}
}

// Encode returns the text of the packet, followed by each attachment in a binary message.
func (DefaultPackets) Encode(_ *Client, p *packet.Packet) []engineio.Message {
	text, attachments := packet.Encode(p)
	messages := make([]engineio.Message, 1, 1+len(attachments))
	messages[0] = engineio.Message{Data: text}
	for _, attachment := range attachments {
		messages = append(messages, engineio.Message{Data: attachment, Binary: true})
	}
	return messages
}

// Handle acts on a packet from the client.
func (c *Client) Handle(p *packet.Packet) {
	if p.Type == packet.Connect {
		c.connect(p)
		return
	}
	socket := c.find(p.Namespace)
	if socket == nil {
		c.violate(p, NotConnected)
		return
	}
	switch p.Type {
	case packet.Event, packet.BinaryEvent:
		socket.queue.add(func() { socket.dispatch(p) })
	case packet.Ack, packet.BinaryAck:
		socket.acknowledge(p)
	case packet.Disconnect:
		c.forget(socket)
		socket.left("client namespace disconnect")
	default:
		c.violate(p, NotOfAClient)
	}
}

func (c *Client) onMessage(message engineio.Message) {
	for _, message := range c.server.rules.Packets.Received(c, message) {
		c.decode(message)
	}
}

func (c *Client) decode(message engineio.Message) {
	decode := c.decoder.Text
	if message.Binary {
		decode = c.decoder.Binary
	}
	p, err := decode(message.Data)
	switch rules := c.server.rules.Packets; {
	case err != nil:
		if rules.MalformedEnds(c, message, err) {
			c.Abort()
		}
	case p == nil: // attachments follow
	default:
		for _, p := range rules.Incoming(c, p) {
			c.Handle(p)
		}
	}
}

// violate ends the session of a client that sent what it must not send.
func (c *Client) violate(p *packet.Packet, violation Violation) {
	if c.server.rules.Packets.ViolationEnds(c, p, violation) {
		c.Abort()
	}
}

// encode returns the messages of a packet.
func (c *Client) encode(p *packet.Packet) []engineio.Message {
	rules := c.server.rules.Packets
	var messages []engineio.Message
	for _, p := range rules.Outgoing(c, p) {
		messages = append(messages, rules.Encode(c, p)...)
	}
	return messages
}

// Violation is a rule that a well-formed packet from a client breaks.
type Violation string

// The violations.
const (
	NotConnected     Violation = "a packet for a namespace that the client has not joined"
	AlreadyConnected Violation = "a CONNECT packet for a namespace that the client has joined"
	NotOfAClient     Violation = "a packet that only servers send"
)
