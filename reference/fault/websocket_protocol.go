package fault

import (
	"bytes"
	"encoding/binary"
	"net"
)

// Faults in the WebSocket protocol itself.
func init() {
	register(
		Fault{
			Name:     "websocket/pong-with-64-bytes",
			Breaks:   "robustness/12",
			Sentence: "A pong frame has only the first 64 bytes of the ping's data.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode == 0x9 && len(f.payload) > 64 {
					f.payload = f.payload[:64]
				}
			}),
		},
		Fault{
			Name:     "websocket/unsolicited-control-pong-closes",
			Breaks:   "robustness/13",
			Sentence: "A pong frame that answers no ping closes the connection.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode == 0xa {
					f.opcode, f.payload = 0x8, nil
				}
			}),
		},
		Fault{
			Name:     "websocket/close-codes-of-applications-are-errors",
			Breaks:   "robustness/21",
			Sentence: "A close frame with a code of 3000 or more is answered as a protocol error.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode == 0x8 && len(f.payload) > 1 && binary.BigEndian.Uint16(f.payload) >= 3000 {
					binary.BigEndian.PutUint16(f.payload, 999)
				}
			}),
		},
		Fault{
			Name:     "websocket/frame-in-pieces-closes",
			Breaks:   "robustness/14",
			Sentence: "A short frame that comes in two TCP segments closes the connection.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.inPieces && len(f.payload) < 126 {
					f.opcode, f.payload = 0x8, nil
				}
			}),
		},
		Fault{
			Name:     "websocket/extension-not-offered",
			Breaks:   "robustness/15",
			Sentence: "The answer to a WebSocket handshake names an extension that the client did not offer.",
			Apply:    answeredWith("Sec-WebSocket-Extensions: x-webkit-deflate-frame", anyHandshake),
		},
		Fault{
			Name:     "websocket/subprotocol-not-offered",
			Breaks:   "robustness/15",
			Sentence: "A client that offers subprotocols gets another one.",
			Apply:    answeredWith("Sec-WebSocket-Protocol: engine.io", "sec-websocket-protocol:"),
		},
		Fault{
			Name:     "websocket/compression-only-agreed-to",
			Breaks:   "robustness/16",
			Sentence: "The server agrees to compression, and closes the connection after a compressed message.",
			Apply:    answeredWith("Sec-WebSocket-Extensions: permessage-deflate", "permessage-deflate"),
		},
		Fault{
			Name:     "websocket/header-names-compared-exactly",
			Breaks:   "robustness/17",
			Sentence: "The name of the header Sec-WebSocket-Key is recognized only as it is written in the examples.",
			Apply: onConnections(func(c net.Conn, _ net.Listener) net.Conn {
				return &readConn{c, func(p []byte) []byte {
					p = bytes.Replace(p, []byte("\r\nsec-websocket-key:"), []byte("\r\nx:"), 1)
					return bytes.Replace(p, []byte("\r\nSEC-WEBSOCKET-KEY:"), []byte("\r\nx:"), 1)
				}}
			}),
		},
	)
}

// anyHandshake is a text that the head of each request has.
const anyHandshake = ""

// answeredWith makes a fault that adds a header to the answer to each WebSocket handshake that has a text in its head.
func answeredWith(header, asked string) apply {
	return onConnections(func(c net.Conn, _ net.Listener) net.Conn {
		return &answeringConn{Conn: c, header: header, asked: asked}
	})
}

type answeringConn struct {
	net.Conn
	header, asked string
	add           bool
}

func (c *answeringConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.add = c.add || bytes.Contains(bytes.ToLower(p[:n]), []byte(c.asked))
	return n, err
}

func (c *answeringConn) Write(p []byte) (int, error) {
	status, rest, opened := bytes.Cut(p, []byte("\r\n"))
	if !opened || !c.add || !bytes.HasPrefix(status, []byte("HTTP/1.1 101 ")) {
		return c.Conn.Write(p)
	}
	_, err := c.Conn.Write(bytes.Join([][]byte{status, []byte(c.header), rest}, []byte("\r\n")))
	return len(p), err
}

// readConn changes what is read, which must not become longer.
type readConn struct {
	net.Conn
	change func([]byte) []byte
}

func (c *readConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return copy(p, c.change(p[:n])), err
}
