package reporter

import (
	"encoding/hex"
	"fmt"
	"strings"

	"example.test/conformance/suite/wire"
)

// raw is the content of an event as it can be shown: text with every character visible, or bytes
// in hexadecimal. At most limit bytes of the content are shown.
func raw(e wire.Event, limit int) string {
	var shown string
	var kept int
	switch {
	case len(e.Bytes) > 0:
		kept = min(len(e.Bytes), limit/3)
		shown = spaced(e.Bytes[:kept])
	default:
		text := e.Text
		if len(text) > limit {
			text = whole(text[:limit])
		}
		kept = len(text)
		shown = Visible(text)
	}
	if left := size(e) - kept; left > 0 {
		shown += fmt.Sprintf(" … (%d of %d bytes)", kept, size(e))
	}
	return shown
}

// spaced is bytes in hexadecimal, 16 a line.
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

var arrows = map[wire.Direction]string{wire.Sent: "->", wire.Received: "<-", wire.Noted: "--"}

// line is an event in plain text, its content indented below it.
func line(e wire.Event, limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%10.1f ms  ", e.At)
	if e.Connection != "" {
		fmt.Fprintf(&b, "%s@%s %s ", VisibleLine(e.Connection), instance(e.Target), arrows[e.Direction])
	}
	content := raw(e, limit)
	switch {
	case e.Direction == wire.Noted:
		if e.Kind != "open" && e.Kind != "close" {
			fmt.Fprintf(&b, "%s: ", VisibleLine(e.Kind))
		}
		b.WriteString(strings.ReplaceAll(content, "\n", "\n              "))
		return b.String()
	case e.Frame != "":
		fmt.Fprintf(&b, "[%s]", VisibleLine(e.Frame))
	default:
		b.WriteString(VisibleLine(e.Kind))
	}
	if words := decode(e); words != "" && e.Kind != "entry" {
		fmt.Fprintf(&b, " %s", strings.ReplaceAll(Visible(clip(words, 400)), "\n", "; "))
	}
	if content = strings.TrimRight(content, "\n"); content != "" {
		b.WriteString("\n              " + strings.ReplaceAll(content, "\n", "\n              "))
	}
	return b.String()
}

// plain is a trace as text of at most limit bytes. Where it is longer, its beginning and its end
// stay: what was asked and what came of it.
func plain(trace wire.Trace, limit int) string {
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
	var head, tail string
	rest := limit - 80 // for the line that says what is left out
	i, j := 0, len(lines)
	for i < j && len(head)+len(lines[i]) <= rest*2/3 {
		head += lines[i]
		i++
	}
	for j > i && len(head)+len(tail)+len(lines[j-1]) <= rest {
		j--
		tail = lines[j] + tail
	}
	return fmt.Sprintf("%s... %d events are left out here; results.json has them\n%s", head, j-i, tail)
}
