package fault

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

// frame is a WebSocket frame of a client, as defined in RFC 6455.
type frame struct {
	final    bool
	reserved byte
	opcode   byte
	masked   bool
	payload  []byte
	inPieces bool // it came in more than one segment
}

// append encodes the frame with a mask of zeros, or without one.
func (f frame) append(b []byte) []byte {
	first := f.opcode | f.reserved
	if f.final {
		first |= 0x80
	}
	var masked byte
	if f.masked {
		masked = 0x80
	}
	switch n := len(f.payload); {
	case n < 126:
		b = append(b, first, masked|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, first, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, masked|127), uint64(n))
	}
	if f.masked {
		b = append(b, 0, 0, 0, 0)
	}
	return append(b, f.payload...)
}

// inFrames makes a fault that mends broken frames of the client before the server sees them. mend gets the opcode of the
// message under way, or 0 if there is none.
func inFrames(mend func(f *frame, open byte)) apply {
	return onConnections(func(c net.Conn, _ net.Listener) net.Conn { return &mendedConn{Conn: c, mend: mend} })
}

// onConnections makes a fault that wraps each connection of an instance.
func onConnections(wrap func(net.Conn, net.Listener) net.Conn) apply {
	return app(func(rules *application.Rules) {
		rules.Serving = override.Listener(rules.Serving, func(l net.Listener) net.Listener { return &wrappedListener{l, wrap} })
	})
}

type wrappedListener struct {
	net.Listener
	wrap func(net.Conn, net.Listener) net.Conn
}

func (l *wrappedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(c, l.Listener), nil
}

// mendedConn reads a WebSocket handshake, and then frames that it mends.
type mendedConn struct {
	net.Conn
	mend   func(*frame, byte)
	in     []byte // an incomplete frame
	out    []byte // what the reader gets
	frames bool
	open   byte
	part   bool // in holds an incomplete frame
}

func (c *mendedConn) Read(p []byte) (int, error) {
	for len(c.out) == 0 {
		chunk := make([]byte, 64<<10)
		n, err := c.Conn.Read(chunk)
		c.in = append(c.in, chunk[:n]...)
		c.digest()
		if err != nil && len(c.out) == 0 {
			return 0, err
		}
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

func (c *mendedConn) digest() {
	if !c.frames {
		head, rest, whole := bytes.Cut(c.in, []byte("\r\n\r\n"))
		if !whole || !bytes.Contains(bytes.ToLower(head), []byte("upgrade: websocket")) {
			c.out, c.in = append(c.out, c.in...), nil
			return
		}
		c.out = append(append(c.out, head...), "\r\n\r\n"...)
		c.in, c.frames = rest, true
	}
	for {
		f, size := parseFrame(c.in)
		if size == 0 {
			c.part = len(c.in) > 0
			return
		}
		f.inPieces, c.part = c.part, false
		c.in = c.in[size:]
		came := f
		c.mend(&f, c.open)
		if came.opcode < 3 {
			switch {
			case came.final:
				c.open = 0
			case came.opcode != 0:
				c.open = came.opcode
			}
		}
		c.out = f.append(c.out)
	}
}

// parseFrame reads one frame and unmasks it; the size is 0 if it is incomplete.
func parseFrame(b []byte) (f frame, size int) {
	if len(b) < 2 {
		return f, 0
	}
	f.final, f.reserved, f.opcode, f.masked = b[0]&0x80 != 0, b[0]&0x70, b[0]&0x0f, b[1]&0x80 != 0
	length, size := uint64(b[1]&0x7f), 2
	switch length {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if len(b) < size {
		return f, 0
	}
	switch size {
	case 4:
		length = uint64(binary.BigEndian.Uint16(b[2:]))
	case 10:
		length = binary.BigEndian.Uint64(b[2:])
	}
	var mask [4]byte
	if f.masked {
		if len(b) < size+4 {
			return f, 0
		}
		copy(mask[:], b[size:])
		size += 4
	}
	if length > 16<<20 || uint64(len(b)-size) < length {
		return f, 0
	}
	f.payload = append([]byte(nil), b[size:size+int(length)]...)
	for i := range f.payload {
		f.payload[i] ^= mask[i%4]
	}
	return f, size + int(length)
}

// toPong turns a frame into a pong, which a server ignores.
func toPong(f *frame) { f.final, f.opcode, f.payload = true, 0xa, nil }

// closesListenerConn closes the listener if the first byte is not a capital letter.
type closesListenerConn struct {
	net.Conn
	listener net.Listener
	begun    bool
}

func (c *closesListenerConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.begun {
		c.begun = true
		if p[0] < 'A' || p[0] > 'Z' {
			_ = c.listener.Close()
		}
	}
	return n, err
}

// earlyConn closes all connections if a frame with reserved bits comes in one piece with the head of a request.
type earlyConn struct {
	net.Conn
	all *sync.Map
}

func (c *earlyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	_, behind, whole := bytes.Cut(p[:n], []byte("\r\n\r\n"))
	if whole && len(behind) > 0 && behind[0]&0x30 == 0x30 && bytes.Contains(p[:n], []byte("Sec-WebSocket-Key")) {
		c.all.Range(func(conn, _ any) bool {
			_ = conn.(net.Conn).Close()
			return true
		})
	}
	return n, err
}
