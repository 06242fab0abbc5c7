package wording

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http/httputil"
	"strings"

	"example.test/conformance/suite/wire"
)

// RawContent returns the content of an event, harmless: text with every character visible, or bytes in hexadecimal. It shows
// at most limit bytes of the content.
func RawContent(e wire.Event, limit int) string {
	c := e.Content()
	if c == nil {
		return ""
	}
	var shown string
	var kept int
	switch {
	case len(c.Bytes) > 0:
		kept = min(len(c.Bytes), limit/3)
		shown = spaced(c.Bytes[:kept])
	default:
		text := c.Text
		if len(text) > limit {
			text = whole(text[:limit])
		}
		kept = len(text)
		shown = Visible(text)
	}
	if left := c.Len() - kept; left > 0 {
		shown += fmt.Sprintf(" … (%d of %d bytes)", kept, c.Len())
	}
	return shown
}

// Happened says in words what happened in an event without bytes. It is empty for an event with bytes.
func Happened(e wire.Event) string {
	switch {
	case e.Opened != nil:
		return "connected to " + e.Opened.Address
	case e.NotOpened != nil && e.NotOpened.TLS:
		return "the TLS handshake failed: " + e.NotOpened.Error
	case e.NotOpened != nil:
		return "not connected: " + e.NotOpened.Error
	case e.Closed != nil && e.Closed.By == wire.Nobody:
		return "broken off: " + e.Closed.Error
	case e.Closed != nil:
		return fmt.Sprintf("closed by the %s", e.Closed.By)
	case e.Session != nil:
		return fmt.Sprintf("the %s ended the session %s", e.Session.By, endings[e.Session.With])
	case e.Timer != nil:
		return fmt.Sprintf("waits %d ms: %s", e.Timer.Duration.Milliseconds(), e.Timer.Why)
	case e.Step != nil:
		return e.Step.Text
	case e.Lost != nil && e.Lost.Shortened:
		return fmt.Sprintf("%s left out: the case passed", further(e.Lost.Events))
	case e.Lost != nil:
		return fmt.Sprintf("%s not recorded", further(e.Lost.Events))
	}
	return ""
}

func further(events int) string {
	if events == 1 {
		return "1 further event is"
	}
	return fmt.Sprintf("%d further events are", events)
}

var endings = map[wire.How]string{
	wire.WithPacket: "with a close packet", wire.WithRefusal: "by refusing a poll",
	wire.WithCloseFrame: "with a close frame", wire.WithConnection: "by closing the connection",
}

// EventLabel says what the bytes of an event are: "[text, masked, 2 bytes]" for a frame, "http" for a part of a message. It is
// harmless.
func EventLabel(e wire.Event) string {
	switch {
	case e.HTTP != nil:
		return "http"
	case e.Frame != nil:
		return "[" + head(e.Frame) + "]"
	case e.Bytes != nil:
		return "bytes"
	case e.Record != nil && e.Record.Kind == wire.Seen:
		return "[page]"
	case e.Record != nil && e.Record.Kind == wire.Entry: // its content names it
		return "[entry]"
	case e.Record != nil:
		return strings.TrimSpace(fmt.Sprintf("[%s] %s", e.Record.Kind, VisibleLine(Clip(e.Record.Name, 80))))
	}
	return ""
}

// head returns the head of a frame in words.
func head(f *wire.FrameData) string {
	words := f.Opcode.String()
	if !f.Final {
		words += ", not final"
	}
	if f.Masked {
		words += ", masked"
	}
	words += fmt.Sprintf(", %d bytes", f.Length)
	if f.Cut {
		words += ", cut short"
	}
	return words
}

// VisibleClip returns the first limit bytes of a text, made harmless, and says how many of how many bytes they are.
func VisibleClip(s string, limit int) string {
	kept := s
	if len(kept) > limit {
		kept = whole(kept[:limit])
	}
	if len(kept) < len(s) {
		return fmt.Sprintf("%s … (%d of %d bytes)", Visible(kept), len(kept), len(s))
	}
	return Visible(kept)
}

// spaced returns bytes in hexadecimal, 16 a line.
func spaced(p []byte) string {
	var b strings.Builder
	for i, c := range p {
		switch {
		case i > 0 && i%16 == 0:
			b.WriteByte('\n')
		case i > 0:
			b.WriteByte(' ')
		}
		b.WriteString(hex.EncodeToString([]byte{c}))
	}
	return b.String()
}

var arrows = map[wire.Direction]string{wire.Sent: "->", wire.Received: "<-", "": "--"}

// line returns an event as plain text, with its content indented below it.
func line(e wire.Event, limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%10.1f ms  ", e.At)
	if e.Connection != "" {
		fmt.Fprintf(&b, "%s@%s %s ", VisibleLine(e.Connection), Instance(e.Target), arrows[e.Direction()])
	}
	if words := Happened(e); words != "" || e.Content() == nil {
		switch {
		case e.Step != nil:
			b.WriteString("step: ")
		case e.Timer != nil:
			b.WriteString("timer: ")
		}
		b.WriteString(strings.ReplaceAll(VisibleClip(words, limit), "\n", "\n              "))
		return b.String()
	}
	b.WriteString(EventLabel(e))
	if words := Decode(e); words != "" {
		fmt.Fprintf(&b, " %s", strings.ReplaceAll(Visible(Clip(words, 400)), "\n", "; "))
	}
	content := RawContent(e, limit)
	if content = strings.TrimRight(content, "\n"); content != "" {
		b.WriteString("\n              " + strings.ReplaceAll(content, "\n", "\n              "))
	}
	return b.String()
}

// PlainTrace returns a trace as harmless text of at most limit bytes. If the trace is longer, its beginning and end are kept:
// what was asked and what came of it.
func PlainTrace(trace wire.Trace, limit int) string {
	const each = 4 << 10
	var lines []string
	total := 0
	for _, e := range trace {
		text := line(e, each) + "\n"
		lines = append(lines, text)
		total += len(text)
	}
	if total <= limit {
		return strings.Join(lines, "")
	}
	rest := limit - 80 // for the line that says what is left out
	used, i, j := 0, 0, len(lines)
	for i < j && used+len(lines[i]) <= rest*2/3 {
		used += len(lines[i])
		i++
	}
	for j > i && used+len(lines[j-1]) <= rest {
		j--
		used += len(lines[j])
	}
	cut := fmt.Sprintf("... %d events are left out here; results.json has them\n", j-i)
	return strings.Join(lines[:i], "") + cut + strings.Join(lines[j:], "")
}

// ShortEvent returns an event in a few harmless lines: for HTTP the first line and the body.
func ShortEvent(e wire.Event) string {
	e = unchunked(e)
	text := RawContent(e, 600)
	if e.Content() == nil {
		text = VisibleClip(Happened(e), 600)
	}
	switch words := Visible(Clip(Decode(e), 200)); {
	case e.HTTP != nil:
		head, body, _ := strings.Cut(text, "\n\n")
		text = strings.TrimSpace(FirstLine(head) + "\n" + body)
	case e.Record != nil:
		text = EventLabel(e) + "\n" + text
	case words != "":
		text = words + "\n" + text
	}
	return strings.TrimSpace(text)
}

// unchunked returns an HTTP message without the chunked coding of its body, as far as it is well-formed.
func unchunked(e wire.Event) wire.Event {
	if e.HTTP == nil {
		return e
	}
	head, body, _ := strings.Cut(e.HTTP.Text, "\r\n\r\n")
	if !strings.Contains(strings.ToLower(head), "\r\ntransfer-encoding: chunked") {
		return e
	}
	http := *e.HTTP
	http.Text = head + "\r\n\r\n" + withoutChunks(body)
	e.HTTP = &http
	return e
}

// withoutChunks returns a body without its chunked coding. If the coding is broken, it returns what came before the break.
func withoutChunks(body string) string {
	whole, _ := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(body)))
	return string(whole)
}
