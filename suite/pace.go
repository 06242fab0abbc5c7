package suite

import (
	"context"
	"time"
)

// paced waits until a connection to a target may be opened, for a request with that path and query. It returns the context
// to open it with.
func (t *T) paced(target int, path string) context.Context {
	from := time.Now()
	ctx, err := t.target(target).Await(t.ctx, path)
	if err != nil {
		t.cut()
	}
	t.env.Stalls.pace(from, time.Now())
	return ctx
}
