package variant

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

type client = *reference.Client

// counter counts from 1.
func counter() func() int64 {
	var n atomic.Int64
	return func() int64 { return n.Add(1) }
}

// written changes what a server writes to its connections. For each connection, the first call of the change gets the head
// of the first answer, and each later call gets what the server writes at once.
func written(change func() func([]byte) [][]byte) func(*application.Options) {
	return override.Application(func(rules *application.Rules) {
		rules.Serving = override.Listener(rules.Serving, func(l net.Listener) net.Listener { return &listener{l, change} })
	})
}

type listener struct {
	net.Listener
	change func() func([]byte) [][]byte
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, change: l.change()}, nil
}

type conn struct {
	net.Conn
	mu     sync.Mutex
	change func([]byte) [][]byte
}

func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, piece := range c.change(p) {
		if _, err := c.Conn.Write(piece); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// isHead reports whether the bytes begin with the head of an HTTP answer.
func isHead(p []byte) bool { return bytes.HasPrefix(p, []byte("HTTP/1.1 ")) }

// isSwitch reports whether the bytes begin with the answer that opens a WebSocket.
func isSwitch(p []byte) bool { return bytes.HasPrefix(p, []byte("HTTP/1.1 101")) }

// messages changes the first frame of each message that a server writes to an open WebSocket.
func messages(change func(frame []byte) [][]byte) func(*application.Options) {
	return written(func() func([]byte) [][]byte {
		open := false
		return func(p []byte) [][]byte {
			if isSwitch(p) {
				open = true
				return same(p)
			}
			if open && len(p) > 0 && (p[0] == 0x81 || p[0] == 0x82) {
				return change(p)
			}
			return same(p)
		}
	})
}

func same(p []byte) [][]byte { return [][]byte{p} }

func init() {
	register(
		Variant{
			Name: "link/early-hints", Summary: "sends 103 before each answer",
			Permitted: "HTTP (RFC 9110, section 15.2): a client must be able to read one or more 1xx responses before the final one.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte {
					if isHead(p) && !isSwitch(p) {
						return [][]byte{[]byte("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"), p}
					}
					return same(p)
				}
			}),
		},
		Variant{
			Name: "link/headers-in-lower-case", Summary: "writes the names of headers in lower case",
			Permitted: "The names of header fields do not depend on case (RFC 9110, section 5.1).",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte {
					end := bytes.Index(p, []byte("\r\n\r\n"))
					if !isHead(p) || end < 0 {
						return same(p)
					}
					lines := bytes.Split(p[:end], []byte("\r\n"))
					for i, line := range lines[1:] {
						name, value, _ := bytes.Cut(line, []byte(":"))
						lines[i+1] = append(append(bytes.ToLower(name), ':'), value...)
					}
					return [][]byte{append(bytes.Join(lines, []byte("\r\n")), p[end:]...)}
				}
			}),
		},
		Variant{
			Name: "link/byte-by-byte", Summary: "writes its answers one byte at a time",
			Permitted: "TCP is a stream: segment boundaries mean nothing.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) (all [][]byte) {
					if len(p) > 4096 {
						return same(p)
					}
					for i := range p {
						all = append(all, p[i:i+1])
					}
					return all
				}
			}),
		},
		Variant{
			Name: "link/slow", Summary: "writes each piece 10 ms late",
			Permitted: "The documents do not demand any speed.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte {
					time.Sleep(10 * time.Millisecond)
					return same(p)
				}
			}),
		},
		Variant{
			Name: "link/websocket-pings", Summary: "sends a WebSocket ping before each message",
			Permitted: "WebSocket (RFC 6455, section 5.5.2): an endpoint may send a ping at any time while the connection is open.",
			Apply:     messages(func(frame []byte) [][]byte { return [][]byte{append([]byte{0x89, 2, 'h', 'i'}, frame...)} }),
		},
		Variant{
			Name: "link/websocket-pongs", Summary: "sends an unsolicited WebSocket pong before each message",
			Permitted: "WebSocket (RFC 6455, section 5.5.3): a pong may be sent unsolicited.",
			Apply:     messages(func(frame []byte) [][]byte { return [][]byte{append([]byte{0x8a, 0}, frame...)} }),
		},
		Variant{
			Name: "link/fragmented-messages", Summary: "sends each short text message in two frames",
			Permitted: "WebSocket (RFC 6455, section 5.4): a message may be sent in several frames.",
			Apply: written(func() func([]byte) [][]byte {
				open := false
				return func(p []byte) [][]byte {
					if isSwitch(p) {
						open = true
						return same(p)
					}
					if !open || len(p) < 4 || p[0] != 0x81 && p[0] != 0x82 || p[1] > 125 || len(p) != int(p[1])+2 {
						return same(p)
					}
					first := append([]byte{p[0] & 0x0f, 1}, p[2])
					return [][]byte{first, append([]byte{0x80, p[1] - 1}, p[3:]...)}
				}
			}),
		},
	)
}
