package wire

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// decoder parses the bytes of one direction for the trace: an HTTP head, then frames.
type decoder struct {
	mu          sync.Mutex
	first, last int // the numbers of the events that were recorded
	secrets     stream
	over        bool // the connection has ended; bytes from a read in progress are not recorded, because they may be the rest of a secret

	held   []byte // bytes of an incomplete HTTP head or frame head
	frames bool   // past the HTTP head
	http   bool   // HTTP to the end: the handshake was refused
	raw    bool   // not frames, whatever was promised

	inside  bool // of a frame
	frame   FrameData
	mask    []byte
	left    uint64 // bytes of the frame still to come
	seen    int
	payload []byte // the beginning of it

	follows  bool // keep the arrivals
	arrivals []arrival
}

// arrival is the frame that ended a data message.
type arrival struct {
	seq int
	at  time.Time
}

// emitter receives an event, the bytes of its content, and their total number.
type emitter func(e Event, p []byte, size int)

// took notes an event that was recorded, and when.
func (d *decoder) took(e Event, at time.Time) {
	if d.first == 0 {
		d.first = e.Seq
	}
	d.last = e.Seq
	if f := e.Frame; d.follows && f != nil && f.Final && !f.Opcode.Control() && !f.Cut {
		d.arrivals = append(d.arrivals, arrival{e.Seq, at})
	}
}

// arrival returns the arrival of the next data message.
func (d *decoder) arrival() (a arrival, found bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.arrivals) == 0 {
		return a, false
	}
	a, d.arrivals = d.arrivals[0], d.arrivals[1:]
	return a, true
}

// upgrade parses the bytes of a connection that becomes a WebSocket.
func (d *decoder) upgrade(p []byte, direction Direction, emit emitter) {
	for !d.frames && !d.http {
		d.held = append(d.held, p...)
		p = nil
		end := bytes.Index(d.held, []byte("\r\n\r\n"))
		if end < 0 && len(d.held) < MaxEventBytes {
			return
		}
		switch {
		case end >= 0 && direction == Received && interim(d.held):
			head := d.held[:end+4]
			d.held = slices.Clone(d.held[end+4:])
			emit(Event{HTTP: &HTTPData{}}, head, len(head))
		case end < 0 || direction == Received && !bytes.HasPrefix(d.held, []byte("HTTP/1.1 101")):
			p, d.held, d.http = d.held, nil, true
		default:
			head := d.held[:end+4]
			p, d.held, d.frames = d.held[end+4:], nil, true
			emit(Event{HTTP: &HTTPData{}}, head, len(head))
		}
	}
	if len(p) == 0 {
		return
	}
	if d.http {
		emit(Event{HTTP: &HTTPData{}}, p, len(p))
		return
	}
	d.decode(p, emit)
}

// finish records what was incomplete when the connection ended.
func (d *decoder) finish(emit emitter) {
	switch {
	case d.inside:
		d.frame.Cut = true
		d.emit(emit)
	case len(d.held) > 0 && d.frames:
		emit(Event{Bytes: &RawData{}}, d.held, len(d.held))
	case len(d.held) > 0:
		emit(Event{HTTP: &HTTPData{}}, d.held, len(d.held))
	}
	d.held = nil
}

// half reports whether a frame is incomplete.
func (d *decoder) half() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.frames && !d.raw && (d.inside || len(d.held) > 0)
}

func (d *decoder) decode(p []byte, emit emitter) {
	for len(p) > 0 {
		if d.raw {
			emit(Event{Bytes: &RawData{}}, p, len(p))
			return
		}
		if !d.inside {
			d.held = append(d.held, p[0])
			p = p[1:]
			if !d.begin() {
				if d.raw {
					p, d.held = append(d.held, p...), nil
				}
				continue
			}
		}
		n := int(min(uint64(len(p)), d.left)) // 0 for a frame without payload
		for i := 0; i < n && len(d.payload) <= MaxEventBytes; i++ {
			b := p[i]
			if d.mask != nil {
				b ^= d.mask[(d.seen+i)%4]
			}
			d.payload = append(d.payload, b)
		}
		d.seen, d.left, p = d.seen+n, d.left-uint64(n), p[n:]
		if d.left == 0 {
			d.emit(emit)
		}
	}
}

// emit emits the frame.
func (d *decoder) emit(emit emitter) {
	frame, payload, size := d.frame, d.payload, d.seen
	if frame.Opcode == Close && len(payload) >= 2 {
		frame.Code = int(binary.BigEndian.Uint16(payload))
		payload, size = payload[2:], size-2
	}
	d.inside, d.payload = false, nil
	emit(Event{Frame: &frame}, payload, size)
}

// begin reads a frame's head and reports whether it is complete.
func (d *decoder) begin() bool {
	h := d.held
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
	d.frame = FrameData{Opcode: Opcode(h[0] & 0x0f), Final: h[0]&0x80 != 0, Masked: masked, Length: d.left}
	d.mask, d.seen, d.payload = nil, 0, nil
	if masked {
		d.mask = append([]byte(nil), h[size-4:size]...)
	}
	d.held, d.inside = nil, true
	return true
}
