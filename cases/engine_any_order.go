package cases

import (
	"slices"
	"strconv"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// Each kind of request right after each kind. What a server keeps of a request, of a refusal or of a hook may reach the next
// request of the session or of the connection.

// requestSeries is one client's series of requests. They belong to the session that the last handshake opened.
type requestSeries struct {
	t        *T
	send     func(method, path, body string) *Response
	session  string    // the query of its requests
	sessions []string  // those of all sessions so far
	since    time.Time // when it opened
	joined   bool      // the main namespace
	refused  []denial  // the requests that were refused, and why
	hooked   []string  // the marks of the requests that were served
	opened   []string  // the marks of the handshakes
}

// denial is a refused request.
type denial struct {
	mark string
	code int
}

// requestKind is a kind of request.
type requestKind struct {
	what string
	send func(*requestSeries)
}

var servedRequests = []requestKind{
	{"a handshake", func(s *requestSeries) {
		mark := s.t.Mark()
		r := s.open(marked(PollingQuery, mark))
		s.headers(r, []string{mark}, []string{mark})
		s.opened, s.hooked = append(s.opened, mark), append(s.hooked, mark)
	}},
	{"a handshake without a mark", func(s *requestSeries) { s.headers(s.open(PollingQuery), nil, nil) }},
	{"a POST", func(s *requestSeries) {
		mark := s.t.Mark()
		s.headers(s.post(marked(s.current(), mark)), []string{mark}, nil)
		s.hooked = append(s.hooked, mark)
	}},
	{"a POST without a mark, and a poll", func(s *requestSeries) {
		s.headers(s.post(s.current()), nil, nil)
		mark := s.t.Mark()
		r := s.send("GET", marked(s.session, mark), "")
		s.headers(r, []string{mark}, nil)
		s.hooked = append(s.hooked, mark)
		if slices.Contains(protocol.ParsePayload(r.Body), "2") {
			s.send("POST", s.session, "3")
		}
	}},
}

// refusedRequests returns the kinds of requests that the target refuses.
func refusedRequests(t *T) []requestKind {
	all := []requestKind{
		refusedWithCode(0, "GET", "?EIO=4&transport=unheard-of", messages[0]),
		refusedWithCode(unknownSession, "GET", "?EIO=4&transport=polling&sid=unheard-of", messages[1]),
		refusedWithCode(2, "POST", PollingQuery, messages[2]),
	}
	if t.Info(0).Declares(AllowRequest) {
		all = append(all, refusedWithCode(4, "GET", "?EIO=4&transport=polling&deny=turned-away", "turned-away"))
	}
	if !servesProtocol3(t) {
		all = append(all, refusedWithCode(unsupportedProtocol, "GET", "?EIO=5&transport=polling", messages[unsupportedProtocol]))
	}
	return all
}

func refusedWithCode(code int, method, query, message string) requestKind {
	return requestKind{"a request that is refused with code " + strconv.Itoa(code), func(s *requestSeries) {
		mark := s.t.Mark()
		r := s.send(method, marked(s.t.Draw(query), mark), "")
		s.t.Expect(r.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
		tellsNoOther(s.t, r.Body, code, s.t.Draw(message), false)
		s.refused = append(s.refused, denial{mark, code})
	}}
}

// open opens a session and makes it the one that later requests belong to.
func (s *requestSeries) open(handshake string) (r *Response) {
	s.since, s.joined = time.Now(), false
	r, s.session = openedOver(s.t, s.send, handshake)
	s.sessions = append(s.sessions, s.session)
	return r
}

// current returns the query of the session's requests. A session whose timers may end it soon is replaced by a new one.
func (s *requestSeries) current() string {
	if timings := s.t.Timings(); time.Since(s.since) > min(timings.PingInterval, timings.ConnectTimeout)/2 {
		s.open(PollingQuery)
	}
	return s.session
}

// post sends a CONNECT: the first of a session to the main namespace, later ones to an unknown one.
func (s *requestSeries) post(query string) *Response {
	packet := "40"
	if s.joined {
		packet = s.t.Draw("40/nowhere,")
	}
	s.joined = true
	return s.send("POST", query, packet)
}

// headers checks the answer to a request that is served, and the headers of the hooks in it.
func (s *requestSeries) headers(r *Response, each, initial []string) {
	s.t.Expect(r.Status, "the status of the answer").To(Equal(200))
	s.t.Expect(slices.Concat(r.Header.Values("x-each")), "the header that headers sets").To(Equal(each))
	s.t.Expect(slices.Concat(r.Header.Values("x-initial")), "the header that initial_headers sets").To(Equal(initial))
}

// recorded checks that each hook was called once for each of its requests, and connection_error for each refused one.
func (s *requestSeries) recorded(o *Observer) {
	for _, mark := range s.hooked {
		s.t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers for the request with the mark %s", mark).To(Equal(1))
		initial := OfType(InitialHeaders)
		if slices.Contains(s.opened, mark) {
			s.t.Expect(Gathered(o.Due(1, initial, WithMark(mark))), "the calls of initial_headers for the handshake with the mark %s", mark).To(HaveLen(1))
		} else {
			s.t.Expect(Gathered(o.Entries(initial, WithMark(mark))), "the calls of initial_headers for the request with the mark %s", mark).To(BeEmpty())
		}
	}
	for _, one := range s.refused {
		asAnnounced(s.t, once(s.t, o, one.mark), one.code, false)
	}
}

var _ = Add(
	requestsInEachOrder("headers/each-after-each-over-a-connection", "over one connection", keepAlive),
	requestsInEachOrder("headers/each-after-each", "within one session", func(t *T) func(method, path, body string) *Response {
		return func(method, path, body string) *Response { return t.HTTP(method, path, Body(body)) }
	}),
)

func requestsInEachOrder(id, where string, connect func(*T) func(method, path, body string) *Response) Case {
	return Case{
		ID: id, Level: Required, Needs: bothHooks.With(ConnectionError),
		Rules: rules(headersBelongToOneRequest, initialForFirstRequest, initialForNoOther, eachForEveryRequest, refusalRaisesOneEvent, eventHasCodeAndMessage),
		Title: "answers each kind of request, and calls its hooks, right after each kind of request " + where,
		Run: func(t *T) {
			all := append(slices.Clone(servedRequests), refusedRequests(t)...)
			lanes := eachAfterEach(len(all))
			t.NeedsSessions(len(lanes) * laneLength)
			t.Together(len(lanes), func(t *T, lane int) {
				s, o := &requestSeries{t: t, send: connect(t)}, t.Observe(0)
				s.open(PollingQuery)
				inOrder(t, lanes[lane], func(i int) string { return all[i].what }, func(_, i int) { all[i].send(s) })
				s.recorded(o)
				for _, session := range s.sessions {
					t.POST(session, "1")
				}
			})
		},
	}
}
