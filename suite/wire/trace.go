// Package wire is the client's side of the wire: raw HTTP, WebSocket and TCP, with every byte
// recorded in a [Trace]. It helps nothing along: one request a connection, no retry, no proxy, no
// decompression, no redirect followed.
package wire

import (
	"fmt"
	"sync"
	"time"
	"unicode/utf8"
)

// Direction of an event, seen from the suite.
type Direction string

const (
	Sent     Direction = ">"
	Received Direction = "<"
	Noted    Direction = "*" // not on the wire: a connection opened or closed, a timer, a step of the case
)

// Event is one thing that happened on the wire, or beside it.
type Event struct {
	// At is when, in milliseconds since the case began.
	At float64 `json:"at"`
	// Connection names the connection: "http-1", "websocket-2", "tcp-1", "observer-a"; empty for a note of the case itself.
	Connection string `json:"connection,omitempty"`
	// Target is the index of the target, from 0.
	Target    int       `json:"target,omitempty"`
	Direction Direction `json:"direction"`
	// Kind is what Text is: "open", "close", "http", "text", "binary", "control", "bytes", "step", "timer", "entry".
	Kind string `json:"kind"`
	// Frame describes a WebSocket frame's head ("FIN masked text, 5 bytes").
	Frame string `json:"frame,omitempty"`
	// Text is the content where it is text.
	Text string `json:"text,omitempty"`
	// Bytes is the content where it is not valid UTF-8, or binary.
	Bytes []byte `json:"bytes,omitempty"`
	// Size in bytes of the whole content, where Text or Bytes keeps only its beginning.
	Size int `json:"size,omitempty"`
}

// Trace is the events of one case in their order.
type Trace []Event

// Bounds of a recording, so that a target which floods cannot fill the memory.
const (
	MaxEventBytes = 4 << 10   // kept of the content of one event
	MaxTraceBytes = 256 << 10 // kept of the contents of one trace
	MaxEvents     = 4000
)

// Recorder records the events of one case. It is safe for use by several goroutines.
type Recorder struct {
	mu     sync.Mutex
	start  time.Time
	events Trace
	bytes  int
	lost   int
	names  map[string]int
}

// NewRecorder starts a recording at time zero.
func NewRecorder() *Recorder {
	return &Recorder{start: time.Now(), names: map[string]int{}}
}

// Name returns the next name of its kind: "http-1", "http-2", …
func (r *Recorder) Name(kind string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[kind]++
	return fmt.Sprintf("%s-%d", kind, r.names[kind])
}

// Add records an event; content is kept as Text where it is valid UTF-8 and the kind is not "binary".
func (r *Recorder) Add(e Event, content []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.events) >= MaxEvents || r.bytes > MaxTraceBytes {
		r.lost++
		return
	}
	e.At = float64(time.Since(r.start).Microseconds()) / 1000
	kept := content
	if len(kept) > MaxEventBytes {
		e.Size = len(kept)
		kept = kept[:MaxEventBytes]
		for range utf8.UTFMax { // do not cut a character in two
			if c, size := utf8.DecodeLastRune(kept); c != utf8.RuneError || size != 1 {
				break
			}
			kept = kept[:len(kept)-1]
		}
	}
	if e.Kind != "binary" && utf8.Valid(kept) {
		e.Text = string(kept)
	} else {
		e.Bytes = append([]byte(nil), kept...)
	}
	r.bytes += len(kept)
	r.events = append(r.events, e)
}

// Note records something that is not on the wire.
func (r *Recorder) Note(kind, format string, args ...any) {
	r.Add(Event{Direction: Noted, Kind: kind}, fmt.Appendf(nil, format, args...))
}

// Trace returns what was recorded so far.
func (r *Recorder) Trace() Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := append(Trace(nil), r.events...)
	if r.lost > 0 {
		t = append(t, Event{
			At:        float64(time.Since(r.start).Microseconds()) / 1000,
			Direction: Noted, Kind: "step",
			Text: fmt.Sprintf("%d further events were not recorded", r.lost),
		})
	}
	return t
}
