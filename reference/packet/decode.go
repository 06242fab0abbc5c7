package packet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Errors of a Decoder. Each is fatal for the connection.
var (
	ErrType       = errors.New("unknown packet type")
	ErrPayload    = errors.New("invalid payload")
	ErrID         = errors.New("invalid acknowledgement id")
	ErrAttachment = errors.New("illegal attachments")
	ErrTooMany    = errors.New("too many attachments")
	ErrText       = errors.New("got plaintext data when reconstructing a packet")
	ErrBinary     = errors.New("got binary data when not reconstructing a packet")
)

// Decoder decodes the messages of one connection into packets. The zero Decoder is ready to use. It holds at most one
// packet and its attachments, at most MaxAttachments messages.
type Decoder struct {
	header      *header
	attachments [][]byte
}

// header is a packet whose attachments may still be missing.
type header struct {
	Packet
	payload []byte
	count   int
}

// Text takes a text message. It returns nil and no error if attachments must follow first.
func (d *Decoder) Text(message []byte) (*Packet, error) {
	if d.header != nil {
		return nil, ErrText
	}
	h, err := parse(message)
	if err != nil {
		return nil, err
	}
	if h.count > 0 {
		d.header, d.attachments = h, make([][]byte, 0, h.count)
		return nil, nil
	}
	return h.complete(nil)
}

// Binary takes a binary message. It returns nil and no error if more attachments must follow.
func (d *Decoder) Binary(message []byte) (*Packet, error) {
	if d.header == nil {
		return nil, ErrBinary
	}
	d.attachments = append(d.attachments, message)
	if len(d.attachments) < d.header.count {
		return nil, nil
	}
	h, attachments := d.header, d.attachments
	d.header, d.attachments = nil, nil
	return h.complete(attachments)
}

// Reset forgets a packet whose attachments are missing.
func (d *Decoder) Reset() { d.header, d.attachments = nil, nil }

// parse reads a packet's text: type, attachments, namespace, id, payload.
func parse(message []byte) (*header, error) {
	if len(message) == 0 || message[0] < '0' || message[0] > '6' {
		return nil, ErrType
	}
	if !utf8.Valid(message) {
		message = bytes.ToValidUTF8(message, []byte("\uFFFD"))
	}
	h := &header{Packet: Packet{Type: Type(message[0] - '0'), Namespace: "/"}}
	rest := message[1:]
	var err error
	if h.Type == BinaryEvent || h.Type == BinaryAck {
		if h.count, rest, err = parseCount(rest); err != nil {
			return nil, err
		}
	}
	if len(rest) > 0 && rest[0] == '/' {
		name, after, _ := bytes.Cut(rest, []byte(","))
		h.Namespace, rest = string(name), after
	}
	if h.ID, rest, err = parseID(rest); err != nil {
		return nil, err
	}
	if h.payload, err = parsePayload(h.Type, rest); err != nil {
		return nil, err
	}
	return h, nil
}

func parseCount(rest []byte) (int, []byte, error) {
	digits, after, ok := bytes.Cut(rest, []byte("-"))
	count, err := strconv.ParseUint(string(digits), 10, 32)
	switch {
	case !ok || err != nil || count == 0:
		return 0, nil, ErrAttachment
	case count > MaxAttachments:
		return 0, nil, ErrTooMany
	}
	return int(count), after, nil
}

func parseID(rest []byte) (*uint64, []byte, error) {
	n := 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	if n == 0 {
		return nil, rest, nil
	}
	id, err := strconv.ParseUint(string(rest[:n]), 10, 64)
	if err != nil {
		return nil, nil, ErrID
	}
	return &id, rest[n:], nil
}

// parsePayload checks that the payload fits the packet type, and returns it without white space between tokens.
func parsePayload(kind Type, rest []byte) ([]byte, error) {
	if len(rest) == 0 {
		switch kind {
		case Event, Ack, BinaryEvent, BinaryAck, ConnectError:
			return nil, fmt.Errorf("%w: a packet of type %v needs one", ErrPayload, kind)
		}
		return nil, nil
	}
	var compact bytes.Buffer
	compact.Grow(len(rest))
	if err := json.Compact(&compact, rest); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	payload, first := compact.Bytes(), compact.Bytes()[0]
	valid := false
	switch kind {
	case Connect:
		valid = first == '{'
	case Disconnect:
	case ConnectError:
		valid = first == '{' || first == '"'
	default:
		valid = first == '['
	}
	if !valid {
		return nil, ErrPayload
	}
	return payload, nil
}

// complete puts the attachments in their places and splits the payload.
func (h *header) complete(attachments [][]byte) (*Packet, error) {
	p := h.Packet
	if h.payload == nil {
		return &p, nil
	}
	value := Value{text: h.payload}
	if h.count > 0 {
		var err error
		if value, err = fill(h.payload, attachments); err != nil {
			return nil, err
		}
	}
	switch p.Type {
	case Connect, ConnectError:
		p.Data = []Value{value}
		return &p, nil
	}
	data, err := value.Elements()
	if err != nil {
		return nil, ErrPayload
	}
	p.Data = data
	if p.Type == Event || p.Type == BinaryEvent {
		if err := checkName(&p); err != nil {
			return nil, err
		}
	}
	return &p, nil
}

// checkName refuses an event whose name is missing, reserved, or neither a string nor a number.
func checkName(p *Packet) error {
	if len(p.Data) == 0 || len(p.Data[0].holes) > 0 {
		return fmt.Errorf("%w: no event name", ErrPayload)
	}
	switch c := p.Data[0].text[0]; {
	case c == '-', c >= '0' && c <= '9':
		return nil
	case c != '"':
		return fmt.Errorf("%w: no event name", ErrPayload)
	}
	if name := p.Name(); ReservedEvent(name) {
		return fmt.Errorf("%w: %q is a reserved event name", ErrPayload, name)
	}
	return nil
}
