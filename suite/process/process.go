// Package process manages programs that the suite starts: interrupts at the terminal do not reach them, they end with all
// processes that they started, and the end of their output is kept for a message.
package process

import (
	"strings"
	"sync"
)

// Tail keeps the last 4 KiB of a program's output. It is safe for concurrent use.
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

// LastLine returns the last line that is not blank; empty if there is none.
func (t *Tail) LastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
