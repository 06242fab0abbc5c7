package engineio

import (
	"bytes"
	"encoding/base64"
	"errors"
	"unicode/utf8"
)

// The transports.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// The types of packets.
const (
	Open    = '0'
	Close   = '1'
	Ping    = '2'
	Pong    = '3'
	Text    = '4' // a message
	Upgrade = '5'
	Noop    = '6'
)

// Packet is one Engine.IO packet. A binary message has no type on the wire; here it has Text.
type Packet struct {
	Type   byte
	Data   []byte
	Binary bool
}

// Message is the content of a message packet.
type Message struct {
	Data   []byte
	Binary bool
}

// separator of the packets in a payload.
const separator = '\x1e'

var errPacket = errors.New("not a packet")

// Encode returns the packet's text, with base64 for a binary packet.
func (p Packet) Encode() []byte {
	if p.Binary {
		return append([]byte{'b'}, base64.StdEncoding.EncodeToString(p.Data)...)
	}
	return append([]byte{p.Type}, p.Data...)
}

// decodePacket reads a packet's text.
func decodePacket(text []byte) (Packet, error) {
	if len(text) == 0 || !utf8.Valid(text) {
		return Packet{}, errPacket
	}
	if text[0] == 'b' {
		data, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(text[1:], "=")))
		if err != nil {
			return Packet{}, errPacket
		}
		return Packet{Type: Text, Data: data, Binary: true}, nil
	}
	if text[0] < Open || text[0] > Noop {
		return Packet{}, errPacket
	}
	return Packet{Type: text[0], Data: text[1:]}, nil
}

// join writes packets with a separator between them.
func join(packets []Packet) []byte {
	var all [][]byte
	for _, p := range packets {
		all = append(all, p.Encode())
	}
	return bytes.Join(all, []byte{separator})
}

// EncodingRules decide how packets are written and read.
type EncodingRules interface {
	// Payload returns the body of a poll's answer.
	Payload(packets []Packet) []byte
	// Decode returns the packets of a POST's body, or of a WebSocket text message. If one is malformed, it returns an error
	// along with the packets before it, which are acted on.
	Decode(transport string, text []byte) ([]Packet, error)
}

// DefaultEncoding is the encoding of the protocol document, section "Packet encoding".
type DefaultEncoding struct{}

// Payload joins the packets with the record separator: "multiple packets can be concatenated in a single payload".
func (DefaultEncoding) Payload(packets []Packet) []byte { return join(packets) }

// Decode splits the body of a POST at the record separator. Over WebSocket, "Each packet (read or write) is sent its own
// WebSocket frame", so there the separator is data.
func (DefaultEncoding) Decode(transport string, text []byte) (packets []Packet, err error) {
	texts := [][]byte{text}
	if transport == Polling {
		texts = bytes.Split(text, []byte{separator})
	}
	for _, text := range texts {
		p, err := decodePacket(text)
		if err != nil {
			return packets, err
		}
		packets = append(packets, p)
	}
	return packets, nil
}
