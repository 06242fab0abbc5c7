package suite

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// Response is an answer to an HTTP request.
type Response = wire.Response

// Option changes a request or a session that a case opens.
type Option func(*options)

type options struct {
	target       int
	request      wire.Request
	query        string
	untyped      bool // the body is sent without a Content-Type
	ignoresPings bool // answers no pings
	// recovery is that of the request's session; nil if the request opens its own session.
	recovery *recovery
}

// On selects the target with that index, counting from 0.
func On(target int) Option { return func(o *options) { o.target = target } }

// Header adds a header to the request.
func Header(name, value string) Option {
	return func(o *options) { o.request.Header = append(o.request.Header, [2]string{name, value}) }
}

// Body sets the body of the request.
func Body(body string) Option { return func(o *options) { o.request.Body = []byte(body) } }

// Untyped sends the body without a Content-Type. Otherwise a POST that names none is declared as plain text in UTF-8, as the
// official client does.
func Untyped() Option { return func(o *options) { o.untyped = true } }

// InSegments sends the body in several TCP segments.
func InSegments(chunks ...string) Option {
	return func(o *options) {
		for _, chunk := range chunks {
			o.request.Chunks = append(o.request.Chunks, []byte(chunk))
		}
	}
}

// Declaring sets a Content-Length other than the length of the body.
func Declaring(length int) Option { return func(o *options) { o.request.Declared = length } }

// Query adds parameters ("mark=x") to the query of a session's handshake.
func Query(parameters string) Option { return func(o *options) { o.query += "&" + parameters } }

// Marked adds the mark that the conformance application records with the requests of a session.
func Marked(mark string) Option { return Query("mark=" + mark) }

// WithoutPongs leaves pings unanswered and hands them to the case.
func WithoutPongs() Option { return func(o *options) { o.ignoresPings = true } }

// within says which session a WebSocket belongs to.
func within(r *recovery) Option { return func(o *options) { o.recovery = r } }

func (t *T) options(given []Option) options {
	var o options
	for _, f := range given {
		f(&o)
	}
	return o
}

// request returns the options of a request, whose method and path are set.
func (t *T) request(method, path string, given []Option) options {
	o := t.options(given)
	o.request.Method, o.request.Path = method, path
	typed := func(h [2]string) bool { return strings.EqualFold(h[0], "Content-Type") }
	if method == "POST" && !o.untyped && !slices.ContainsFunc(o.request.Header, typed) {
		o.request.Header = append(o.request.Header, [2]string{"Content-Type", plainText})
	}
	return o
}

// plainText is the Content-Type of a payload.
const plainText = "text/plain;charset=UTF-8"

func (t *T) target(i int) *wire.Target {
	return t.env.Targets[i%len(t.env.Targets)]
}

// HTTP sends a request on a connection of its own and waits for the answer. A path that begins with "?" is a query that
// follows the Engine.IO path.
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
	t         *T
	exchange  *wire.Exchange
	what      string
	heartbeat *heartbeat // of the request's session; nil if it has none
	since     time.Time
	session   bool       // the request belongs to a session that the target had opened
	pong      *sync.Once // counts the pong that it carries; nil if it carries none
}

// Request sends a request and returns once it is written.
func (t *T) Request(method, path string, given ...Option) *Pending {
	o := t.request(method, path, given)
	t.requiresFor(o.target, path)
	ctx := t.paced(o.target, path)
	what, since := method+" "+path, time.Now()
	exchange, err := t.target(o.target).Start(t.ahead(ctx, o.target), t.recorder, o.request)
	if err != nil {
		if t.ctx.Err() != nil {
			t.cut()
		}
		t.unanswered("the answer to "+what, err, since, t.knows(path))
	}
	t.Cleanup(exchange.Abort)
	return &Pending{t: t, exchange: exchange, what: what, since: since, session: t.knows(path)}
}

// as returns the same request for another T of the case.
func (p *Pending) as(t *T) *Pending {
	other := *p
	other.t = t
	return &other
}

// Response waits for the answer.
func (p *Pending) Response() *Response { return p.ResponseWithin(p.t.Tolerance().Patience) }

// ResponseWithin is Response with a time limit.
func (p *Pending) ResponseWithin(d time.Duration) *Response {
	r, err := p.Outcome(d)
	if err != nil {
		p.t.unanswered("the answer to "+p.what, err, p.since, p.session)
	}
	return r
}

// Outcome waits that long for the answer, or for the end of the connection: the error then says how it ended.
func (p *Pending) Outcome(d time.Duration) (*Response, error) {
	clock := p.t.clock(d)
	defer clock.stop()
	return p.outcomeBy(clock)
}

// outcomeBy is Outcome with a clock that other waits may share.
func (p *Pending) outcomeBy(clock *clock) (*Response, error) {
	if !p.Answered() {
		if _, ok := awaitBy(p.t, p.exchange.Done(), clock); !ok {
			return nil, errNothing
		}
	}
	r, err := p.exchange.Result()
	if err == nil {
		p.t.saw(seen{response: r, session: p.session})
	}
	switch {
	case err != nil:
	case r.Status == 400: // unless a later answer shows that it was refused for a different reason
		p.heartbeat.end(r.At)
	case r.Status == 200:
		p.heartbeat.alive(r.At)
		if p.pong != nil {
			p.pong.Do(func() { p.heartbeat.beat(p.since, r.At) })
		}
	}
	return r, err
}

// Took notes an answer that a case read by itself, to a request with that path, and returns it.
func (t *T) Took(r *Response, path string) *Response {
	t.saw(seen{response: r, session: t.knows(path)})
	return r
}

// Answered reports whether the answer has come.
func (p *Pending) Answered() bool {
	select {
	case <-p.exchange.Done():
		return true
	default:
		return false
	}
}

// Abort aborts the request by closing its connection.
func (p *Pending) Abort() { p.exchange.Abort() }

// TCP opens a plain TCP connection to a target, for bytes that no HTTP client would send.
func (t *T) TCP(given ...Option) *wire.Conn {
	o := t.options(given)
	ctx, cancel := context.WithTimeout(t.ahead(t.paced(o.target, ""), o.target), t.Tolerance().Patience)
	defer cancel()
	since := time.Now()
	conn, err := t.target(o.target).Dial(ctx, t.recorder, wire.KindTCP)
	if err != nil {
		t.unanswered("the TCP connection", err, since, false)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(t.Tolerance().Patience))
	return conn
}

// Path returns the first target's Engine.IO path: "/socket.io/" by default.
func (t *T) Path() string { return t.target(0).Path }

// Head returns the head of a well-formed request to a target, for use on a TCP connection.
func (t *T) Head(method, path string, given ...Option) string {
	o := t.request(method, path, given)
	t.requiresFor(o.target, path)
	return string(t.target(o.target).Head(o.request))
}

// Escaped returns a session ID as clients put it into a query.
func Escaped(sid string) string { return wire.Escaped(sid) }

// query joins the parameters of a session's handshake.
func query(transport string, o options) string {
	return "?EIO=4&transport=" + transport + strings.TrimSuffix(o.query, "&")
}
