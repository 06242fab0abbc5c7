package suite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.test/conformance/suite/wire"
)

// Response is an answer to an HTTP request.
type Response = wire.Response

// Option changes a request or a session that a case opens.
type Option func(*options)

type options struct {
	target  int
	request wire.Request
	query   string
	quiet   bool // answers no pings
	// recovery of the session that the request is of; nil for a session of its own.
	recovery *recovery
}

// On speaks to the target with that index, from 0.
func On(target int) Option { return func(o *options) { o.target = target } }

// Header adds a header to the request.
func Header(name, value string) Option {
	return func(o *options) { o.request.Header = append(o.request.Header, [2]string{name, value}) }
}

// Body of the request.
func Body(body string) Option { return func(o *options) { o.request.Body = []byte(body) } }

// InSegments sends the body in several TCP segments.
func InSegments(chunks ...string) Option {
	return func(o *options) {
		for _, chunk := range chunks {
			o.request.Chunks = append(o.request.Chunks, []byte(chunk))
		}
	}
}

// Declaring sets a Content-Length that is not the body's own.
func Declaring(length int) Option { return func(o *options) { o.request.Declared = length } }

// Query adds parameters ("mark=x") to the query of a session's handshake.
func Query(parameters string) Option { return func(o *options) { o.query += "&" + parameters } }

// Marked adds the mark under which the conformance application records the requests of a session.
func Marked(mark string) Option { return Query("mark=" + mark) }

// WithoutPongs leaves pings unanswered and hands them to the case.
func WithoutPongs() Option { return func(o *options) { o.quiet = true } }

// within says of which session a WebSocket is.
func within(r *recovery) Option { return func(o *options) { o.recovery = r } }

func (t *T) options(given []Option) options {
	var o options
	for _, f := range given {
		f(&o)
	}
	return o
}

func (t *T) target(i int) *wire.Target {
	return t.flight.config.Targets[i%len(t.flight.config.Targets)]
}

// HTTP sends a request on a connection of its own and waits for the answer. A path that begins with
// "?" is a query behind the Engine.IO path.
func (t *T) HTTP(method, path string, given ...Option) *Response {
	return t.Request(method, path, given...).Response()
}

// GET is HTTP("GET", …).
func (t *T) GET(path string, given ...Option) *Response { return t.HTTP("GET", path, given...) }

// POST is HTTP("POST", …) with a body.
func (t *T) POST(path, body string, given ...Option) *Response {
	return t.HTTP("POST", path, append(given, Body(body))...)
}

// Pending is a request whose answer may be awaited later.
type Pending struct {
	t        *T
	exchange *wire.Exchange
	what     string
	pulse    *pulse // of the session that the request is of; nil where it is of none
}

// Request sends a request and returns once it is written.
func (t *T) Request(method, path string, given ...Option) *Pending {
	o := t.options(given)
	o.request.Method, o.request.Path = method, path
	what := method + " " + path
	exchange, err := t.target(o.target).Start(t.ctx, t.recorder, o.request)
	if err != nil {
		if t.ctx.Err() != nil {
			t.cut()
		}
		t.Failf("Expected\n    an answer to %s\nbut\n    %v", what, err)
	}
	t.Cleanup(exchange.Abort)
	return &Pending{t: t, exchange: exchange, what: what}
}

// Response waits for the answer.
func (p *Pending) Response() *Response { return p.ResponseWithin(p.t.Tolerance().Patience) }

// ResponseWithin waits for the answer that long.
func (p *Pending) ResponseWithin(d time.Duration) *Response {
	r, err := p.Outcome(d)
	if err != nil {
		p.t.Failf("Expected\n    an answer to %s\nbut\n    %v", p.what, err)
	}
	return r
}

// Outcome waits for the answer that long, or for the connection's end: then the error says how it ended.
func (p *Pending) Outcome(d time.Duration) (*Response, error) {
	if _, ok := await(p.t, p.exchange.Done(), d); !ok {
		return nil, fmt.Errorf("none came within %d ms", d.Milliseconds())
	}
	r, err := p.exchange.Result()
	if err == nil && r.Status == 400 {
		p.pulse.end(r.At)
	}
	return r, err
}

// Answered reports whether the answer is there already.
func (p *Pending) Answered() bool {
	select {
	case <-p.exchange.Done():
		return true
	default:
		return false
	}
}

// Abort breaks the request off: its connection is closed.
func (p *Pending) Abort() { p.exchange.Abort() }

// TCP opens a plain connection to a target, for bytes that no HTTP client would send.
func (t *T) TCP(given ...Option) *wire.Conn {
	o := t.options(given)
	ctx, cancel := context.WithTimeout(t.ctx, t.Tolerance().Patience)
	defer cancel()
	conn, err := t.target(o.target).Dial(ctx, t.recorder, "tcp")
	if err != nil {
		t.Failf("Expected\n    a TCP connection\nbut\n    %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(t.Tolerance().Patience))
	return conn
}

// Path is the first target's Engine.IO path: "/socket.io/" by default.
func (t *T) Path() string { return t.target(0).Path }

// Head of a request to a target as a well-formed client sends it, for use on a TCP connection.
func (t *T) Head(method, path string, given ...Option) string {
	o := t.options(given)
	o.request.Method, o.request.Path = method, path
	return string(t.target(o.target).Head(o.request))
}

// query joins the parameters of a session's handshake.
func query(transport string, o options) string {
	return "?EIO=4&transport=" + transport + strings.TrimSuffix(o.query, "&")
}
