package wire

import (
	"runtime"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits on what a process keeps of its targets, in bytes.
const (
	MaxContent = 96 << 20 // bodies and messages that are being read or have not been looked at, and records
	MaxTraces  = 24 << 20 // traces, as JSON
)

// Budget limits what a process keeps of all its targets. A connection that would exceed it is broken with [ErrFlood]. A nil
// Budget has no limits.
type Budget struct {
	mu        sync.Mutex
	content   int64
	traces    int64
	collected time.Time
}

// Take asks for room for that many bytes of content.
func (b *Budget) Take(n int64) error {
	if b == nil || n <= 0 {
		return nil
	}
	if b.take(n) {
		return nil
	}
	// Memory that is no longer referenced is returned when it is collected.
	b.mu.Lock()
	again := time.Since(b.collected) > time.Second
	if again {
		b.collected = time.Now()
	}
	b.mu.Unlock()
	if again {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		if b.take(n) {
			return nil
		}
	}
	return ErrFlood
}

func (b *Budget) take(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.content+n > MaxContent {
		return false
	}
	b.content += n
	return true
}

// Give returns room.
func (b *Budget) Give(n int64) {
	if b == nil || n <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.content -= n
}

// held returns how many bytes of content are taken.
func (b *Budget) held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content
}

// Limits on one trace when the budget runs out: each gets a little, and none takes more than a share of what is left.
const (
	leastTrace = 8 << 10
	traceShare = 32
)

// trace asks for room for an event in a trace that already takes that much.
func (b *Budget) trace(taken, n int64) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if taken+n > max(leastTrace, (MaxTraces-b.traces)/traceShare) {
		return false
	}
	b.traces += n
	return true
}

func (b *Budget) untrace(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.traces -= n
}

// weight returns roughly how many bytes an event takes as JSON.
func weight(e Event) int64 {
	const members = 160
	n := int64(members)
	if c := e.Content(); c != nil {
		n += int64(len(c.Bytes))*4/3 + escaped(c.Text)
	}
	if e.Step != nil {
		n += escaped(e.Step.Text)
	}
	if e.Timer != nil {
		n += escaped(e.Timer.Why)
	}
	if e.Record != nil {
		n += escaped(e.Record.Name)
	}
	return n
}

// escaped returns how long a text is as a JSON string.
func escaped(s string) (n int64) {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b < ' ' || b == 0x7f:
			n += 6
		case b == '"' || b == '\\':
			n += 2
		case b >= utf8.RuneSelf:
			n += 2 // for characters that are written like \u2028
		default:
			n++
		}
	}
	return n
}
