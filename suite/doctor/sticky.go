package doctor

import (
	"context"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// The number of requests of one session, and of further sessions that make one request each. A balancer that chooses by
// session ID keeps a session where its second request went, which may not be where it was opened.
const (
	requestsOfOne  = 10
	sessionsBeside = 9
)

// stay is the result of the requests that follow a handshake.
type stay struct {
	requests          int // in total, including handshakes
	asked, askedOther int // of the one session, and of the further ones
	lost, lostBeside  int // requests whose session was unknown
	failed            int // requests that failed otherwise
	status            int // of the last that failed; 0 if there was no answer
	last              string
	fastest, slowest  time.Duration
	cookies           string // set by the first handshake, in the form of a request header
}

// stays checks whether the requests of one session reach the same server, each on a connection of its own. If they do not,
// further checks of polling are useless.
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
			advice = "Let POST requests through to the server: clients use them to send over polling."
		}
		e.say("requests over polling", Problem, advice, "%d of %d requests failed, the last with %s", s.failed, s.requests, s.last)
	default:
		e.fine("sticky sessions", "a session was known on each of %d requests, and %d others at their second request, each on a connection of its own, in %s to %s",
			s.asked, s.askedOther, milliseconds(s.fastest), milliseconds(s.slowest))
		return true
	}
	return false
}

func (e *examination) sessions(ctx context.Context) *stay {
	s := &stay{}
	for range 3 { // on a slow machine the heartbeat may end a session before its last request
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

// open opens a session. It returns nil if that fails.
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

// follow makes the requests of one session. It reports whether the result counts: if the session became unknown after the
// time it lives without pongs, or after it ended, that proves nothing.
func (s *stay) follow(ctx context.Context, e *examination) bool {
	begun := time.Now()
	open := s.open(ctx, e)
	if open == nil {
		return true
	}
	s.asked, s.lost = 0, 0
	known := 0 // requests up to the last one that found the session known
	for n := range requestsOfOne {
		packet := e.joins()
		switch {
		case n == requestsOfOne-1:
			packet = "1"
		case n%2 == 1: // a refused namespace changes nothing
			packet = "40/conformance-doctor,"
		case n > 0: // nor does an unsolicited pong
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
	// A session that is known for a while and then never again has ended: another one shows whether that is the rule.
	return s.lost == 0 || known == 0 || s.lost != s.asked-known
}

// ask sends a packet. It returns 1 if the session was unknown.
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
	s.status, s.last = 0, inWords(r, err)
	if r != nil {
		s.status = r.Status
	}
}

// cookies returns the cookies that an answer sets, in the form that later requests send.
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
