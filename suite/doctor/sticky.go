package doctor

import (
	"context"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// Requests of one session, and sessions beside it that make one each: a balancer that takes the session's ID
// for its choice keeps a session where its second request went, which is not where it was opened.
const (
	requestsOfOne  = 10
	sessionsBeside = 9
)

// stay is what became of requests that follow a handshake.
type stay struct {
	requests          int // in all, handshakes among them
	asked, askedOther int // of the one session, and of those beside it
	lost, lostBeside  int // whose session was unknown
	failed            int // that failed otherwise
	status            int // of the last that failed; 0 where there was no answer
	last              string
	fastest, slowest  time.Duration
	cookies           string // that the first handshake set, as a request sends them
}

// stays looks whether requests of one session reach the same server, each on a connection of its own. It
// reports whether they do: without that, there is no use in looking at polling any further.
func (e *examination) stays(ctx context.Context) bool {
	s := e.sessions(ctx)
	e.lost = s.lost+s.lostBeside > 0
	if e.lost && s.cookies != "" {
		e.cookies = s.cookies
		if with := e.sessions(ctx); with.lost+with.lostBeside == 0 && with.failed < with.requests {
			e.held = true
			e.sayWith(e.lines(stickiness), "sticky sessions", Problem, "Balance by the client's address, or set withCredentials: true at clients in Node and of other origins, and for those cors: {credentials: true} with a single origin at the server: by default they keep no cookies.",
				"sessions stay where they were opened only for clients that send the cookies that they get: %s", cookieNames(s.cookies))
			if s = with; s.failed == 0 {
				return true
			}
		} else {
			e.cookies = ""
		}
	}
	switch {
	case s.lost+s.lostBeside > 0:
		e.sayWith(e.lines(stickiness), "sticky sessions", Problem, "Turn on sticky sessions at the load balancer, or set transports: [\"websocket\"] at the client: all requests of a session must reach the server that opened it.",
			"a session was unknown on %d of %d requests, and %d of %d others at their second request", s.lost, s.asked, s.lostBeside, s.askedOther)
	case s.failed > 0:
		advice := "Look at the log of the server or the proxy for these requests."
		if s.status == 403 || s.status == 405 || s.status == 501 {
			advice = "Let POST requests through to the server: clients send with them over polling."
		}
		e.say("sticky sessions", Problem, advice, "%d of %d requests failed, the last with %s", s.failed, s.requests, s.last)
	default:
		e.fine("sticky sessions", "a session is known on each of %d requests, and %d others at their second one, each on a connection of its own, in %s to %s",
			s.asked, s.askedOther, milliseconds(s.fastest), milliseconds(s.slowest))
		return true
	}
	return false
}

func (e *examination) sessions(ctx context.Context) *stay {
	s := &stay{}
	for range 3 { // on a slow machine the heartbeat ends a session before its last request
		if s.follow(ctx, e) {
			break
		}
	}
	for range sessionsBeside {
		begun := time.Now()
		if open := s.open(ctx, e); open != nil {
			lost := s.ask(ctx, e, handshake+"&sid="+wire.Escaped(open.SID), "1")
			if lost > 0 && time.Since(begun) >= open.PingInterval+open.PingTimeout {
				continue // as above
			}
			s.askedOther++
			s.lostBeside += lost
		}
	}
	return s
}

// open opens a session; it returns nil where that fails.
func (s *stay) open(ctx context.Context, e *examination) *protocol.OpenPacket {
	r, _, err := e.do(ctx, "GET", handshake, "")
	s.requests++
	open := opened(r)
	if open == nil {
		s.fail(r, err)
	} else if s.cookies == "" {
		s.cookies = cookies(r)
	}
	return open
}

// follow makes the requests of one session. It reports whether that is judged: what is unknown later than a session
// lives without pongs, or once it has ended, tells nothing.
func (s *stay) follow(ctx context.Context, e *examination) bool {
	begun := time.Now()
	open := s.open(ctx, e)
	if open == nil {
		return true
	}
	s.asked, s.lost = 0, 0
	known := 0 // requests up to the last whose session was known
	for n := range requestsOfOne {
		packet := e.joins()
		switch {
		case n == requestsOfOne-1:
			packet = "1"
		case n%2 == 1: // a namespace that is refused changes nothing
			packet = "40/conformance-doctor,"
		case n > 0: // nor does a pong that nobody asked for
			packet = "3"
		}
		lost := s.ask(ctx, e, handshake+"&sid="+wire.Escaped(open.SID), packet)
		if lost > 0 && time.Since(begun) >= open.PingInterval+open.PingTimeout {
			return false
		}
		s.asked++
		s.lost += lost
		if lost == 0 {
			known = s.asked
		}
	}
	// A session that is known for a while and never again has ended: another is asked, to see whether that is the rule.
	return s.lost == 0 || known == 0 || s.lost != s.asked-known
}

// ask sends a packet. It returns 1 where the session was unknown.
func (s *stay) ask(ctx context.Context, e *examination, session, packet string) int {
	r, took, err := e.do(ctx, "POST", session, packet, [2]string{"Content-Type", "text/plain;charset=UTF-8"})
	s.requests++
	if r != nil {
		if no, ok := refused(r.Body); ok && *no.Code == 1 {
			return 1
		}
	}
	if err != nil || r.Status != 200 {
		s.fail(r, err)
		return 0
	}
	if s.fastest == 0 || took < s.fastest {
		s.fastest = took
	}
	s.slowest = max(s.slowest, took)
	return 0
}

func (s *stay) fail(r *wire.Response, err error) {
	s.failed++
	s.status, s.last = 0, cmpOr(r, err)
	if r != nil {
		s.status = r.Status
	}
}

// cookies that an answer sets, as the requests that follow send them.
func cookies(r *wire.Response) string {
	var all []string
	for _, set := range r.Header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(set, ";")
		all = append(all, strings.TrimSpace(pair))
	}
	return strings.Join(all, "; ")
}

func cookieNames(cookies string) string {
	var names []string
	for _, pair := range strings.Split(cookies, "; ") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, first(name, 40))
	}
	return strings.Join(names, ", ")
}
