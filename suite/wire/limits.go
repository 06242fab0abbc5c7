package wire

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// A target may flood the suite: these limit what is read from it at once, in bytes.
const (
	// MaxHead is the largest head of a response.
	MaxHead = 256 << 10
	// MaxBody is the largest body of a response, and the largest WebSocket message, whatever the target announces.
	MaxBody = 32 << 20
	// spare is read even from a target that announces little or nothing.
	spare = 4 << 20
)

// ErrFlood means that the suite broke a connection because more came than it keeps.
var ErrFlood = errors.New("the suite broke it off, since more came than it keeps")

// Limit returns how many bytes of a body, of a message or of unread messages the suite accepts: four times the largest
// payload that the target announces, plus 4 MiB, but no more than [MaxBody].
func (t *Target) Limit() int64 {
	return min(MaxBody, spare+4*min(max(atomic.LoadInt64(&t.MaxPayload), 0), MaxBody))
}

// Announces sets the largest payload that the target announces, in bytes. Connections may be reading meanwhile.
func (t *Target) Announces(maxPayload int64) { atomic.StoreInt64(&t.MaxPayload, maxPayload) }

// bounded limits the head of a response. The limit is lifted after the head.
type bounded struct{ left int }

func (b *bounded) take(p []byte) ([]byte, error) {
	if b == nil {
		return p, nil
	}
	if b.left <= 0 {
		return nil, fmt.Errorf("the response's head has more than %d KiB: %w", MaxHead>>10, ErrFlood)
	}
	return p[:min(len(p), b.left)], nil
}

// read counts bytes that were read.
func (b *bounded) read(n int) {
	if b != nil {
		b.left -= n
	}
}
