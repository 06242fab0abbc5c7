package wire

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"
)

// Opcode of a WebSocket frame (RFC 6455, section 5.2).
type Opcode byte

const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xa
)

func (o Opcode) String() string {
	switch o {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return fmt.Sprintf("opcode %d", byte(o))
}

func (o Opcode) known() bool { return o <= Binary || o >= Close && o <= Pong }

// Frame encodes a masked frame, as a client must send it (RFC 6455, section 5.3).
func Frame(opcode Opcode, final bool, payload []byte) []byte {
	first := byte(opcode)
	if final {
		first |= 0x80
	}
	frame := []byte{first}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	var mask [4]byte
	_, _ = rand.Read(mask[:])
	frame = append(frame, mask[:]...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%4])
	}
	return frame
}

// decoder takes a stream of frames apart for the trace.
type decoder struct {
	mu     sync.Mutex
	head   []byte // bytes of an HTTP head or a frame's head that is not whole
	frames bool   // past the HTTP head
	raw    bool   // no frames, whatever was promised

	opcode  Opcode
	title   string
	mask    []byte
	left    uint64 // bytes of the frame that are still to come
	seen    int
	payload []byte // the beginning of it
	inside  bool
}

func (d *decoder) decode(p []byte, emit func(Event, []byte)) {
	for len(p) > 0 {
		if d.raw {
			emit(Event{Kind: "bytes"}, p)
			return
		}
		if !d.inside {
			d.head = append(d.head, p[0])
			p = p[1:]
			if !d.begin() {
				if d.raw {
					p, d.head = append(d.head, p...), nil
				}
				continue
			}
		}
		n := int(min(uint64(len(p)), d.left)) // none of a frame without payload
		for i := 0; i < n && len(d.payload) <= MaxEventBytes; i++ {
			b := p[i]
			if d.mask != nil {
				b ^= d.mask[(d.seen+i)%4]
			}
			d.payload = append(d.payload, b)
		}
		d.seen, d.left, p = d.seen+n, d.left-uint64(n), p[n:]
		if d.left == 0 {
			e := Event{Kind: d.kind(), Frame: d.title}
			if d.seen > len(d.payload) {
				e.Size = d.seen
			}
			emit(e, d.payload)
			d.inside, d.payload = false, nil
		}
	}
}

func (d *decoder) kind() string {
	switch {
	case d.opcode == Binary:
		return "binary"
	case d.opcode >= Close:
		return "control"
	}
	return "text"
}

// begin reads a frame's head; it reports whether it is whole.
func (d *decoder) begin() bool {
	h := d.head
	if h[0]&0x70 != 0 || !Opcode(h[0]&0x0f).known() {
		d.raw = true
		return false
	}
	if len(h) < 2 {
		return false
	}
	size := 2
	switch h[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	masked := h[1]&0x80 != 0
	length := size
	if masked {
		size += 4
	}
	if len(h) < size {
		return false
	}
	switch length {
	case 2:
		d.left = uint64(h[1] & 0x7f)
	case 4:
		d.left = uint64(binary.BigEndian.Uint16(h[2:]))
	default:
		d.left = binary.BigEndian.Uint64(h[2:])
	}
	d.opcode, d.mask, d.seen, d.payload = Opcode(h[0]&0x0f), nil, 0, nil
	d.title = d.opcode.String()
	if h[0]&0x80 == 0 {
		d.title += ", not final"
	}
	if masked {
		d.mask = append([]byte(nil), h[size-4:size]...)
		d.title += ", masked"
	}
	d.title += fmt.Sprintf(", %d bytes", d.left)
	d.head, d.inside = nil, true
	return true
}
