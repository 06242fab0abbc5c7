// Package protocol parses what the suite receives: packets and payloads of Engine.IO and Socket.IO, open packets, and JSON,
// which is compared by value. It shares no code with the reference server, so that a rule misread here is not misread there,
// too.
package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Packet is a Socket.IO packet as it came in an Engine.IO message, with its attachments from the messages that follow.
type Packet struct {
	Type        byte   // '0' CONNECT to '6' BINARY_ACK
	Count       int    // the number of attachments that the head announces
	Namespace   string // "/" if the packet names none
	Named       bool   // the packet names its namespace
	ID          string // of an acknowledgement, in digits; empty if there is none
	Data        string // the JSON after the head
	Attachments []string
	Raw         string // the Engine.IO packet
}

// Types of Socket.IO packets.
const (
	Connect      = '0'
	Disconnect   = '1'
	Event        = '2'
	Ack          = '3'
	ConnectError = '4'
	BinaryEvent  = '5'
	BinaryAck    = '6'
)

// Separator between the packets of a polling payload.
const Separator = "\x1e"

// ParsePacket reads the head of a Socket.IO packet in an Engine.IO message ("4…").
func ParsePacket(raw string) (*Packet, error) {
	p := &Packet{Namespace: "/", Raw: raw}
	if !strings.HasPrefix(raw, "4") {
		return p, errors.New("it is not an Engine.IO message: its first character is not 4")
	}
	rest := raw[1:]
	if rest == "" || rest[0] < Connect || rest[0] > BinaryAck {
		return p, errors.New("its second character is not a Socket.IO packet type from 0 to 6")
	}
	p.Type, rest = rest[0], rest[1:]
	if p.Type == BinaryEvent || p.Type == BinaryAck {
		digits := leadingDigits(rest)
		if digits == "" || !strings.HasPrefix(rest[len(digits):], "-") || len(digits) > 6 {
			return p, errors.New("it has a binary type, but no number of attachments and hyphen follow the type")
		}
		for _, d := range digits {
			p.Count = p.Count*10 + int(d-'0')
		}
		rest = rest[len(digits)+1:]
	}
	if strings.HasPrefix(rest, "/") {
		p.Named = true
		name, after, _ := strings.Cut(rest, ",")
		p.Namespace, rest = name, after
	}
	p.ID = leadingDigits(rest)
	p.Data = rest[len(p.ID):]
	if p.Data != "" && !json.Valid([]byte(p.Data)) {
		return p, errors.New("what follows the packet's head is not JSON")
	}
	return p, nil
}

func leadingDigits(s string) string {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return s[:i]
		}
	}
	return s
}

// Event returns the name and the arguments of an event. For an acknowledgement it returns only the arguments.
func (p *Packet) Event() (name string, args []json.RawMessage) {
	if json.Unmarshal([]byte(p.Data), &args) != nil || len(args) == 0 || p.Type == Ack || p.Type == BinaryAck {
		return "", args
	}
	if json.Unmarshal(args[0], &name) != nil {
		return "", args
	}
	return name, args[1:]
}

// SID returns the ID of the socket in the answer to a CONNECT.
func (p *Packet) SID() string {
	var data struct{ SID string }
	_ = json.Unmarshal([]byte(p.Data), &data)
	return data.SID
}

func (p *Packet) String() string {
	s := Clip(p.Raw, 200)
	for _, a := range p.Attachments {
		s += fmt.Sprintf(" + % x", Clip(a, 64))
	}
	return s
}

// ParsePayload splits the body of a polling response into its packets.
func ParsePayload(body string) []string { return strings.Split(body, Separator) }
