// Package packet encodes and decodes the packets of the Socket.IO protocol, revision 5, with their attachments.
//
// The rules are those of https://socket.io/docs/v4/socket-io-protocol/. Where that document is silent, the package does what
// socket.io-parser 4.2 does.
package packet

import "strconv"

// Type is the type of a packet: the first digit of its text.
type Type byte

// The types of https://socket.io/docs/v4/socket-io-protocol/#exchange-protocol.
const (
	Connect Type = iota
	Disconnect
	Event
	Ack
	ConnectError
	BinaryEvent
	BinaryAck
)

var typeNames = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// String returns the protocol's name for the type.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "type " + strconv.Itoa(int(t))
}

// MaxAttachments is the largest number of attachments that a Decoder accepts in one packet, as in socket.io-parser 4.2.
const MaxAttachments = 10

// Packet is one Socket.IO packet.
//
// Encode chooses BinaryEvent or BinaryAck itself if Data holds attachments, so callers may use Event and Ack for both. A
// Decoder keeps the type that it read.
type Packet struct {
	Type      Type
	Namespace string  // "/" is the main namespace
	ID        *uint64 // asks for an acknowledgement (Event), or says which one this is (Ack)

	// Data holds the event's name and its arguments (Event), the arguments (Ack), or at most one object (Connect,
	// ConnectError). It is nil if the packet has no payload.
	Data []Value
}

// Binary reports whether the packet has attachments.
func (p *Packet) Binary() bool {
	for _, value := range p.Data {
		if len(value.holes) > 0 {
			return true
		}
	}
	return false
}

// Name returns the event's name: a string as it is, a number in its JSON form.
func (p *Packet) Name() string {
	if len(p.Data) == 0 {
		return ""
	}
	if name, err := unquote(p.Data[0].Text(asBase64)); err == nil {
		return name
	}
	return string(p.Data[0].text)
}

// ReservedEvent reports whether neither client nor server may send an event of that name. See
// https://socket.io/docs/v4/emit-cheatsheet/.
func ReservedEvent(name string) bool {
	switch name {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}
