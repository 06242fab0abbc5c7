package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Conn is a connection that records every byte, inside TLS.
type Conn struct {
	net.Conn
	name     string
	target   *Target
	recorder *Recorder

	closing  sync.Once
	closed   atomic.Int64 // the number of the event that records it
	out, in  decoder
	upgraded bool        // set before the first byte goes out
	leaving  atomic.Bool // the suite has sent a close frame, whose deadline counts
	head     *bounded    // of a response; nil if none is awaited
}

// Name returns the name of the connection in the trace.
func (c *Conn) Name() string { return c.name }

func (c *Conn) Read(p []byte) (int, error) {
	p, err := c.head.take(p)
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	c.head.read(n)
	if n > 0 {
		c.target.heard.Store(int64(time.Since(epoch)))
		c.record(Received, &c.in, p[:n])
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		switch {
		case errors.Is(err, io.EOF):
			c.ended(Closed{By: ByServer})
		case errors.Is(err, net.ErrClosed):
			c.ended(Closed{By: BySuite})
		default:
			c.ended(Closed{By: Nobody, Error: text(Reason(err))})
		}
	}
	return n, err
}

func (c *Conn) Write(p []byte) (int, error) {
	c.record(Sent, &c.out, p)
	if !c.upgraded {
		return c.Conn.Write(p)
	}
	written := 0
	for written < len(p) {
		if !c.leaving.Load() {
			_ = c.SetWriteDeadline(time.Now().Add(writeLimit))
		}
		n, err := c.Conn.Write(p[written:min(len(p), written+writeChunk)])
		if written += n; err != nil {
			return written, err
		}
	}
	return written, nil
}

// Without a limit, a write would block for ever if the peer reads nothing. A slow peer takes a chunk within the limit.
const (
	writeLimit = 20 * time.Second
	writeChunk = 64 << 10 // bytes
)

// Close closes the connection.
func (c *Conn) Close() error {
	c.ended(Closed{By: BySuite})
	return c.Conn.Close()
}

// CloseWrite ends the suite's half of the connection.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Reset breaks the connection without the usual TCP shutdown.
func (c *Conn) Reset() error {
	if plain, ok := c.Conn.(*net.TCPConn); ok {
		_ = plain.SetLinger(0)
	}
	return c.Close()
}

// About returns the numbers of the events that a failure is about: the first and the last that were sent, and the
// first and the last that were received.
func (c *Conn) About() []int {
	var all []int
	for _, d := range []*decoder{&c.out, &c.in} {
		d.mu.Lock()
		for _, seq := range []int{d.first, d.last} {
			if seq > 0 && !slices.Contains(all, seq) {
				all = append(all, seq)
			}
		}
		d.mu.Unlock()
	}
	return all
}

// ended records the end of the connection once, after any bytes that were held back.
func (c *Conn) ended(how Closed) {
	c.closing.Do(func() {
		finish := func(direction Direction, d *decoder) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.over = true
			d.finish(func(e Event, p []byte, size int) { c.add(direction, d, e, p, size) })
			if rest := d.secrets.rest(); len(rest) > 0 {
				e := Event{HTTP: &HTTPData{}}
				if d.raw {
					e = Event{Bytes: &RawData{}}
				}
				c.put(direction, d, e, rest, len(rest))
			}
		}
		finish(Sent, &c.out)
		finish(Received, &c.in)
		c.closed.Store(int64(c.note(Event{Closed: &how}).Seq))
	})
}

// note records an event other than bytes.
func (c *Conn) note(e Event) Event {
	e.Connection, e.Target = c.name, c.target.Index
	return c.recorder.Add(e)
}

// add records bytes without their secrets; size is their total number if p holds only the beginning.
func (c *Conn) add(direction Direction, d *decoder, e Event, p []byte, size int) {
	if d.secrets.idle() {
		c.put(direction, d, e, p, size)
		return
	}
	cut := size > len(p)
	if e.Frame != nil || c.upgraded && e.HTTP != nil && !d.http { // shown as one
		p = d.secrets.whole(p)
		if cut {
			d.secrets.tail = nil
		}
	} else if p = d.secrets.hold(p); len(p) == 0 {
		return
	}
	if !cut {
		size = len(p)
	}
	c.put(direction, d, e, p, size)
}

// put records bytes that are safe to show.
func (c *Conn) put(direction Direction, d *decoder, e Event, p []byte, size int) {
	kept := content(p, e.Frame != nil && e.Frame.Opcode == Binary)
	if size > len(p) {
		kept.Size = size
	}
	switch {
	case e.HTTP != nil:
		e.HTTP.Direction, e.HTTP.Content = direction, kept
	case e.Frame != nil:
		e.Frame.Direction, e.Frame.Content = direction, kept
	case e.Bytes != nil:
		e.Bytes.Direction, e.Bytes.Content = direction, kept
	}
	e = c.note(e)
	d.took(e, c.recorder.Time(e))
}

// record parses the bytes of one direction: HTTP as it is, WebSocket frame by frame.
func (c *Conn) record(direction Direction, d *decoder, p []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	emit := func(e Event, p []byte, size int) { c.add(direction, d, e, p, size) }
	if !c.upgraded {
		emit(Event{HTTP: &HTTPData{}}, p, len(p))
		return
	}
	d.upgrade(p, direction, emit)
}
