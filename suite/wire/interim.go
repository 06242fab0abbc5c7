package wire

import (
	"bytes"
	"net"
)

// interim reports whether a head belongs to an interim response, such as 100, 102 or 103 (RFC 9110, section 15.2). 101 is
// final for the HTTP on its connection.
func interim(head []byte) bool {
	const status = len("HTTP/1.1 ")
	return len(head) >= status+3 && bytes.HasPrefix(head, []byte("HTTP/1.")) && head[status] == '1' && string(head[status:status+3]) != "101"
}

// finalConn is a connection that hides interim responses.
type finalConn struct {
	net.Conn
	held  []byte
	final bool
}

func (c *finalConn) Read(p []byte) (int, error) {
	for !c.final {
		const known = len("HTTP/1.1 100")
		end := bytes.Index(c.held, []byte("\r\n\r\n"))
		switch {
		case interim(c.held) && end >= 0:
			c.held = c.held[end+4:]
			continue
		case len(c.held) >= known && !interim(c.held):
			c.final = true
			continue
		}
		n, err := c.Conn.Read(p)
		c.held = append(c.held, p[:n]...)
		if err != nil {
			c.final = true
			if len(c.held) == 0 {
				return 0, err
			}
		}
	}
	if len(c.held) > 0 {
		n := copy(p, c.held)
		c.held = c.held[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}
