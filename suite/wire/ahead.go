package wire

import (
	"context"
	"net"
	"sync"
	"time"
)

// keepsAhead is how long a connection that was opened ahead may wait for its request. Servers close idle connections, but not
// this soon.
const keepsAhead = 3 * time.Second

// Ahead is a connection that is opened before the request that will use it, so that a request to a target that is far away need
// not wait for it. It appears in the trace when it is used. A nil Ahead is never used.
type Ahead struct {
	done chan struct{} // closed when the attempt to open it is over
	end  context.CancelFunc

	mu    sync.Mutex
	conn  net.Conn // nil if it is not open, or was used
	since time.Time
}

// Ahead begins to open a connection, which ends with [Ahead.Close] unless it is used. It returns nil if the run limits the
// rate of connections, since it might open them in vain.
func (t *Target) Ahead(ctx context.Context) *Ahead {
	if t.Pace.limits() {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &Ahead{done: make(chan struct{}), end: cancel}
	go func() {
		defer close(a.done)
		conn, _, err := t.open(ctx)
		if err != nil {
			return // the request opens its own, and reports why that cannot be opened
		}
		a.mu.Lock()
		a.conn, a.since = conn, time.Now()
		a.mu.Unlock()
		if ctx.Err() != nil {
			a.Close()
		}
	}()
	return a
}

// For returns a context with which the next connection to the target is this one, if it is open and has not waited too long.
func (a *Ahead) For(ctx context.Context) context.Context {
	if a == nil {
		return ctx
	}
	return context.WithValue(ctx, ahead{}, a)
}

// Stale reports whether the connection cannot be used, or has waited too long.
func (a *Ahead) Stale() bool {
	if a == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.done:
		return a.conn == nil || time.Since(a.since) > keepsAhead
	default:
		return false
	}
}

// ahead marks a context that has a connection.
type ahead struct{}

// take returns the connection that a context has, once it is open; nil if there is none to use.
func take(ctx context.Context) net.Conn {
	a, _ := ctx.Value(ahead{}).(*Ahead)
	if a == nil {
		return nil
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		return nil
	}
	if a.Stale() {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	conn := a.conn
	a.conn = nil
	return conn
}

// Close closes the connection, unless it was used.
func (a *Ahead) Close() {
	if a == nil {
		return
	}
	a.end()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn != nil {
		_ = a.conn.Close()
		a.conn = nil
	}
}
