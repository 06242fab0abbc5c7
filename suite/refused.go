package suite

import (
	"errors"
	"io"
	"syscall"
	"time"
)

// UpgradeOrEnd is [T.Upgrade] for a server that may close the connection without an answer: that refuses a WebSocket just as
// an answer does. The error then says how the connection ended.
func (t *T) UpgradeOrEnd(path string, given ...Option) (*WebSocket, *Response, error) {
	asked := time.Now()
	w, r, err := t.upgrade(path, given)
	closed := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
	switch {
	case w == nil && r == nil && closed:
		return nil, nil, err
	case w == nil && r == nil:
		t.unanswered("the answer to the WebSocket handshake", err, asked, t.knows(path))
	}
	t.saw(seen{response: r, session: t.knows(path)})
	return w, r, nil
}
