package wire

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Trace is the events of one recording, in order. Their sequence numbers increase, with gaps where events were left out.
type Trace []Event

// Event is one thing that happened, on the wire or elsewhere. Exactly one of the pointers is set and says what.
type Event struct {
	// Seq numbers the events of a recording from 1. Use it to refer to an event: shortening a trace changes indices, but not
	// sequence numbers.
	Seq int `json:"seq"`
	// At is when, in milliseconds since the recording began.
	At float64 `json:"at"`
	// Connection names the connection: "http-1", "websocket-2", "tcp-1", "observer-1", "page". It is empty if the event
	// belongs to none.
	Connection string `json:"connection,omitempty"`
	// Target is the index of the target, from 0.
	Target int `json:"target,omitempty"`

	Opened    *Opened     `json:"opened,omitempty"`    // a connection was opened
	NotOpened *NotOpened  `json:"notOpened,omitempty"` // it could not be
	Closed    *Closed     `json:"closed,omitempty"`    // a connection ended
	HTTP      *HTTPData   `json:"http,omitempty"`      // bytes of HTTP
	Frame     *FrameData  `json:"frame,omitempty"`     // a WebSocket frame
	Bytes     *RawData    `json:"bytes,omitempty"`     // bytes that are neither
	Session   *SessionEnd `json:"session,omitempty"`   // the browser's session ended
	Record    *RecordData `json:"record,omitempty"`    // of the control connection, or of the page in the browser
	Timer     *Timer      `json:"timer,omitempty"`     // the case lets time pass
	Step      *Step       `json:"step,omitempty"`      // what the case does next
	Lost      *Lost       `json:"lost,omitempty"`      // events are not in the trace
}

// Direction of bytes, seen from the suite.
type Direction string

const (
	Sent     Direction = "sent"
	Received Direction = "received"
)

// Party says who did something.
type Party string

const (
	BySuite  Party = "suite"
	ByServer Party = "server"
	ByClient Party = "client" // the client under test in the browser
	Nobody   Party = "nobody" // the connection broke
)

// Kind is the kind of a connection.
type Kind string

const (
	KindHTTP      Kind = "http"
	KindWebSocket Kind = "websocket"
	KindTCP       Kind = "tcp"
)

// Opened records that a connection was opened.
type Opened struct {
	Kind    Kind   `json:"kind"`
	Address string `json:"address"` // host and port
}

// NotOpened records that a connection could not be opened.
type NotOpened struct {
	Kind    Kind   `json:"kind"`
	Address string `json:"address"`
	TLS     bool   `json:"tls,omitempty"` // the TLS handshake failed
	Error   string `json:"error"`
}

// Closed records that a connection ended, and who ended it.
type Closed struct {
	By    Party  `json:"by"`
	Error string `json:"error,omitempty"` // if nobody closed it: why it broke
}

// Content is what was carried: text if it is valid UTF-8 and not binary by its kind, otherwise bytes.
type Content struct {
	Text  string `json:"text,omitempty"`
	Bytes []byte `json:"bytes,omitempty"`
	// Size is the number of bytes of the whole, if Text or Bytes holds only its beginning.
	Size int `json:"size,omitempty"`
}

// Len returns the size of the whole content in bytes.
func (c *Content) Len() int { return max(c.Size, len(c.Text)+len(c.Bytes)) }

// HTTPData is bytes of an HTTP request or response, head and body, as they went over the connection.
type HTTPData struct {
	Direction Direction `json:"direction"`
	Content
}

// FrameData is one WebSocket frame (RFC 6455, section 5.2).
type FrameData struct {
	Direction Direction `json:"direction"`
	Opcode    Opcode    `json:"opcode"`
	Final     bool      `json:"final,omitempty"`
	Masked    bool      `json:"masked,omitempty"`
	Length    uint64    `json:"length"`         // of the payload, as the frame's head declares it
	Code      int       `json:"code,omitempty"` // of a close frame; 0 if it has none
	Cut       bool      `json:"cut,omitempty"`  // the connection ended inside the frame
	// Content is the unmasked payload; for a close frame, the reason after the code.
	Content
}

// RawData is bytes that are neither HTTP nor a WebSocket frame, although the connection should carry those.
type RawData struct {
	Direction Direction `json:"direction"`
	Content
}

// How says how a session ended.
type How string

const (
	WithPacket     How = "packet"     // the packet 1
	WithRefusal    How = "refusal"    // a request of the session was refused
	WithCloseFrame How = "closeFrame" // a WebSocket close frame
	WithConnection How = "connection" // the end of the TCP connection that carried it
)

// SessionEnd says how the session of the client in the browser ended, as the proxy in front of the target saw it.
type SessionEnd struct {
	By   Party `json:"by"`
	With How   `json:"with"`
}

// RecordKind says what a record is.
type RecordKind string

const (
	Command RecordKind = "command" // sent over the control connection
	Answer  RecordKind = "answer"  // to a command
	Entry   RecordKind = "entry"   // of what the application saw
	Seen    RecordKind = "page"    // an event that the page in the browser saw
)

// RecordData is a message to or from the application that a target runs, or from the page in the browser.
type RecordData struct {
	Kind RecordKind `json:"kind"`
	// Name is the name of the command, also for its answer, or of the page's event.
	Name string `json:"name,omitempty"`
	Content
}

// Timer records that the case lets time pass.
type Timer struct {
	Duration time.Duration `json:"duration"` // in nanoseconds
	Why      string        `json:"why"`
}

// Step records what the case does next.
type Step struct {
	Text string `json:"text"`
}

// Lost means that events are missing from the trace: the recording was full, or the trace was shortened.
type Lost struct {
	Events    int  `json:"events"`
	Shortened bool `json:"shortened,omitempty"`
}

// Direction returns the direction of the event's bytes or record; empty if it has none.
func (e *Event) Direction() Direction {
	switch {
	case e.HTTP != nil:
		return e.HTTP.Direction
	case e.Frame != nil:
		return e.Frame.Direction
	case e.Bytes != nil:
		return e.Bytes.Direction
	case e.Record != nil && e.Record.Kind == Command:
		return Sent
	case e.Record != nil:
		return Received
	}
	return ""
}

// Content returns the content of the event; nil if it carries none.
func (e *Event) Content() *Content {
	switch {
	case e.HTTP != nil:
		return &e.HTTP.Content
	case e.Frame != nil:
		return &e.Frame.Content
	case e.Bytes != nil:
		return &e.Bytes.Content
	case e.Record != nil:
		return &e.Record.Content
	}
	return nil
}

// routine reports whether a client sends an event by itself: a pong or a control frame.
func (e *Event) routine() bool {
	return e.Frame != nil && (e.Frame.Opcode.Control() || e.Frame.Opcode == Text && e.Frame.Text == "3")
}

// Find returns the event with that sequence number; nil if the trace does not hold it.
func (t Trace) Find(seq int) *Event {
	for i := range t {
		if t[i].Seq == seq {
			return &t[i]
		}
	}
	return nil
}

// Shortened returns the trace with at most that many events, and that many bytes of each content. Events whose sequence
// numbers are in keep stay whole, however many they are.
func (t Trace) Shortened(events, bytes int, keep ...int) Trace {
	kept := map[int]bool{}
	for _, seq := range keep {
		kept[seq] = true
	}
	short := make(Trace, 0, min(len(t), events+len(keep)))
	room := events
	var lost *Lost
	for _, e := range t {
		if !kept[e.Seq] {
			if room == 0 {
				if lost == nil {
					lost = &Lost{Shortened: true}
					short = append(short, Event{Seq: e.Seq, At: e.At, Lost: lost})
				}
				lost.Events++
				continue
			}
			room--
			e = e.cut(bytes)
		}
		lost = nil
		short = append(short, e)
	}
	return short
}

// cut keeps that many bytes of the event's content. The event itself is not changed: it may be shared.
func (e Event) cut(limit int) Event {
	c := e.Content()
	if c == nil || len(c.Text)+len(c.Bytes) <= limit {
		return e
	}
	short := Content{Size: c.Len()}
	if c.Text != "" {
		short.Text = string(whole([]byte(c.Text[:limit])))
	} else {
		short.Bytes = append([]byte(nil), c.Bytes[:limit]...)
	}
	switch {
	case e.HTTP != nil:
		copied := *e.HTTP
		copied.Content, e.HTTP = short, &copied
	case e.Frame != nil:
		copied := *e.Frame
		copied.Content, e.Frame = short, &copied
	case e.Bytes != nil:
		copied := *e.Bytes
		copied.Content, e.Bytes = short, &copied
	case e.Record != nil:
		copied := *e.Record
		copied.Content, e.Record = short, &copied
	}
	return e
}

// content keeps the beginning of bytes; binary means that they are not text, whatever they look like.
func content(p []byte, binary bool) Content {
	var c Content
	kept := p
	if len(kept) > MaxEventBytes {
		c.Size = len(kept)
		kept = whole(kept[:MaxEventBytes])
	}
	if !binary && utf8.Valid(kept) {
		c.Text = string(kept)
	} else {
		c.Bytes = append([]byte(nil), kept...)
	}
	return c
}

// whole removes a character at the end that was cut in two.
func whole(p []byte) []byte {
	for n := range min(utf8.UTFMax, len(p)+1) {
		if c, size := utf8.DecodeLastRune(p[:len(p)-n]); c != utf8.RuneError || size != 1 {
			return p[:len(p)-n]
		}
	}
	return p
}

// text returns a copy that is valid UTF-8.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
