package doctor

import (
	"context"
	"fmt"
	"strings"

	"example.test/conformance/suite/wire"
)

// Sizes of the bodies that are sent to find a limit, in bytes.
const (
	largestBody  = 8 << 20
	smallestBody = 1 << 10
)

// carries checks whether a body that the server would accept gets through: one near its maxPayload.
func (e *examination) carries(ctx context.Context) {
	limit := e.open.MaxPayload
	if limit < smallestBody {
		return // the server does not say, or accepts next to nothing
	}
	size := min(limit, largestBody) * 49 / 50
	r, err := e.sends(ctx, size)
	if err == nil && r.Status == 200 {
		e.fine("bodies", "a body of %d bytes gets through: the server accepts %d", size, limit)
		return
	}
	passes := int64(0)
	for smaller := size / 2; smaller >= smallestBody && ctx.Err() == nil; smaller /= 4 {
		if r, err := e.sends(ctx, smaller); err == nil && r.Status == 200 {
			passes = smaller
			break
		}
	}
	if ctx.Err() != nil {
		return
	}
	says := fmt.Sprintf("a body of %d bytes is answered with %s, although the server accepts %d (maxPayload)", size, inWords(r, err), limit)
	if passes > 0 {
		says += fmt.Sprintf("; one of %d gets through", passes)
	}
	e.sayWith(e.lines(bodies), "bodies", Problem, "Raise the limit of request bodies at the proxy to the server's maxPayload, or lower maxHttpBufferSize at the server: a client that sends more over polling loses its connection.", "%s", says)
}

// sends sends a body of that size in a session of its own: a request to join a namespace that no server has.
func (e *examination) sends(ctx context.Context, size int64) (*wire.Response, error) {
	r, _, err := e.do(ctx, "GET", handshake, "")
	open := opened(r)
	if open == nil {
		return r, err
	}
	session := handshake + "&sid=" + wire.Escaped(open.SID)
	const before, behind = `40/conformance-doctor,{"pad":"`, `"}`
	body := before + strings.Repeat("x", int(size)-len(before)-len(behind)) + behind
	r, _, err = e.do(ctx, "POST", session, body, [2]string{"Content-Type", "text/plain;charset=UTF-8"})
	_, _, _ = e.do(ctx, "POST", session, "1")
	return r, err
}
