// Package process holds what the suite does with programs that it starts: they stand apart from the terminal's interrupts, end
// with all that they started, and the end of what they say is kept for a message.
package process

import (
	"strings"
	"sync"
)

// Tail keeps the last 4 KiB of what a program says. It may be written to and read at once.
type Tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLength = 4 << 10

// Write implements [io.Writer].
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-tailLength):]
	return len(p), nil
}

// LastLine is the last line that is not blank; empty where there is none.
func (t *Tail) LastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
