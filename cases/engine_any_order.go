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

// visit is one client's series of requests. They belong to the session that the last handshake opened.
type visit struct {
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

// request is a kind of request.
type request struct {
	what string
	send func(*visit)
}

var servedRequests = []request{
	{"a handshake", func(v *visit) {
		mark := v.t.Mark()
		r := v.open(marked(PollingQuery, mark))
		v.headers(r, []string{mark}, []string{mark})
		v.opened, v.hooked = append(v.opened, mark), append(v.hooked, mark)
	}},
	{"a handshake without a mark", func(v *visit) { v.headers(v.open(PollingQuery), nil, nil) }},
	{"a POST", func(v *visit) {
		mark := v.t.Mark()
		v.headers(v.post(marked(v.current(), mark)), []string{mark}, nil)
		v.hooked = append(v.hooked, mark)
	}},
	{"a POST without a mark, and a poll", func(v *visit) {
		v.headers(v.post(v.current()), nil, nil)
		mark := v.t.Mark()
		r := v.send("GET", marked(v.session, mark), "")
		v.headers(r, []string{mark}, nil)
		v.hooked = append(v.hooked, mark)
		if slices.Contains(protocol.ParsePayload(r.Body), "2") {
			v.send("POST", v.session, "3")
		}
	}},
}

// refusedRequests returns the kinds of requests that the target refuses.
func refusedRequests(t *T) (all []request) {
	newer := !servesProtocol3(t)
	all = append(all, refusedWithCode(2, "POST", PollingQuery))
	for _, one := range oftenRefused {
		if one.code == 4 && !t.Info(0).Declares(AllowRequest) || one.code == unsupportedProtocol && !newer {
			continue
		}
		all = append(all, refusedWithCode(one.code, "GET", t.Draw(one.query)))
	}
	return all
}

func refusedWithCode(code int, method, query string) request {
	return request{"a request that is refused with code " + strconv.Itoa(code), func(v *visit) {
		mark := v.t.Mark()
		r := v.send(method, marked(query, mark), "")
		v.t.Expect(r.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
		tellsNoOther(v.t, r.Body, code, messages[code], false)
		v.refused = append(v.refused, denial{mark, code})
	}}
}

// open opens a session and makes it the one that later requests belong to.
func (v *visit) open(handshake string) (r *Response) {
	v.since, v.joined = time.Now(), false
	r, v.session = openedOver(v.t, v.send, handshake)
	v.sessions = append(v.sessions, v.session)
	return r
}

// current returns the query of the session's requests. A session whose timers may end it soon is replaced by a new one.
func (v *visit) current() string {
	if timings := v.t.Timings(); time.Since(v.since) > min(timings.PingInterval, timings.ConnectTimeout)/2 {
		v.open(PollingQuery)
	}
	return v.session
}

// post sends a CONNECT: the first of a session to the main namespace, later ones to an unknown one.
func (v *visit) post(query string) *Response {
	packet := "40"
	if v.joined {
		packet = v.t.Draw("40/nowhere,")
	}
	v.joined = true
	return v.send("POST", query, packet)
}

// headers checks the answer to a request that is served, and the headers of the hooks in it.
func (v *visit) headers(r *Response, each, initial []string) {
	v.t.Expect(r.Status, "the status of the answer").To(Equal(200))
	v.t.Expect(slices.Concat(r.Header.Values("x-each")), "the header that headers sets").To(Equal(each))
	v.t.Expect(slices.Concat(r.Header.Values("x-initial")), "the header that initial_headers sets").To(Equal(initial))
}

// recorded checks that each hook was called once for each of its requests, and connection_error for each refused one.
func (v *visit) recorded(o *Observer) {
	for _, mark := range v.hooked {
		v.t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers for the request with the mark %s", mark).To(Equal(1))
		initial := OfType(InitialHeaders)
		if slices.Contains(v.opened, mark) {
			v.t.Expect(Gathered(o.Due(1, initial, WithMark(mark))), "the calls of initial_headers for the handshake with the mark %s", mark).To(HaveLen(1))
		} else {
			v.t.Expect(Gathered(o.Entries(initial, WithMark(mark))), "the calls of initial_headers for the request with the mark %s", mark).To(BeEmpty())
		}
	}
	for _, one := range v.refused {
		asAnnounced(v.t, once(v.t, o, one.mark), one.code, false)
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
				v, o := &visit{t: t, send: connect(t)}, t.Observe(0)
				v.open(PollingQuery)
				before := "a handshake without a mark"
				for _, i := range lanes[lane] {
					t.Step("%s, right after %s", all[i].what, before)
					all[i].send(v)
					before = all[i].what
				}
				v.recorded(o)
				for _, session := range v.sessions {
					t.POST(session, "1")
				}
			})
		},
	}
}
