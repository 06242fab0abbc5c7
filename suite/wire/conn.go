package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
)

// Conn is a connection whose every byte is recorded, inside of TLS.
type Conn struct {
	net.Conn
	name     string
	target   *Target
	recorder *Recorder

	closing  sync.Once
	out, in  decoder
	upgraded bool     // set before the first byte goes out
	head     *bounded // of a response; nil where none is awaited
}

// Name of the connection in the trace.
func (c *Conn) Name() string { return c.name }

func (c *Conn) Read(p []byte) (int, error) {
	p, err := c.head.take(p)
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.record(Received, &c.in, p[:n])
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.closing.Do(func() {
			switch {
			case errors.Is(err, io.EOF):
				c.note("close", "closed by the server")
			case errors.Is(err, net.ErrClosed):
				c.note("close", "closed by the suite")
			default:
				c.note("close", "broken off: "+err.Error())
			}
		})
	}
	return n, err
}

func (c *Conn) Write(p []byte) (int, error) {
	c.record(Sent, &c.out, p)
	return c.Conn.Write(p)
}

// Close closes the connection.
func (c *Conn) Close() error {
	c.closing.Do(func() { c.note("close", "closed by the suite") })
	return c.Conn.Close()
}

// CloseWrite ends the suite's half of the connection.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Reset breaks the connection off without the usual farewell of TCP.
func (c *Conn) Reset() error {
	if plain, ok := c.Conn.(*net.TCPConn); ok {
		_ = plain.SetLinger(0)
	}
	return c.Close()
}

func (c *Conn) note(kind, text string) {
	c.add(Event{Direction: Noted, Kind: kind}, []byte(text))
}

func (c *Conn) add(e Event, content []byte) {
	e.Connection, e.Target = c.name, c.target.Index
	for _, secret := range c.target.secrets {
		content = bytes.ReplaceAll(content, []byte(secret), []byte("[hidden]"))
	}
	c.recorder.Add(e, content)
}

// record takes one direction's bytes apart: HTTP as it stands, WebSocket frame by frame.
func (c *Conn) record(direction Direction, d *decoder, p []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !c.upgraded || d.raw {
		c.add(Event{Direction: direction, Kind: "http"}, p)
		return
	}
	if !d.frames {
		d.head = append(d.head, p...)
		end := bytes.Index(d.head, []byte("\r\n\r\n"))
		if end < 0 && len(d.head) < MaxEventBytes {
			return
		}
		if end < 0 || direction == Received && !strings.HasPrefix(string(d.head), "HTTP/1.1 101") {
			d.raw = true
			c.add(Event{Direction: direction, Kind: "http"}, d.head)
			return
		}
		c.add(Event{Direction: direction, Kind: "http"}, d.head[:end+4])
		p, d.head, d.frames = d.head[end+4:], nil, true
	}
	d.decode(p, func(e Event, content []byte) {
		e.Direction = direction
		c.add(e, content)
	})
}
