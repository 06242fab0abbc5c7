package engineio

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// PollingRules decide which polls and POSTs are accepted, and when polls are answered.
type PollingRules interface {
	// AllowsTwo reports whether a session may have two requests of the same method under way.
	AllowsTwo(method string) bool
	// Notices reports whether a poll that the client aborts is no longer under way.
	Notices() bool
	// Holds reports whether a poll is held if no packet waits for it.
	Holds() bool
	// Read returns the body of a POST. It fails with a *http.MaxBytesError if the body has more than limit bytes.
	Read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error)
}

// DefaultPolling is long-polling as in the protocol document, section "HTTP long-polling".
type DefaultPolling struct{}

// AllowsTwo is false: "a client MUST NOT have more than one active GET request", nor POST request. "Should it happen, the
// server MUST return an HTTP 400 error status and close the session."
func (DefaultPolling) AllowsTwo(string) bool { return false }

// Notices is true: nobody waits for the answer any more.
func (DefaultPolling) Notices() bool { return true }

// Holds is true: a poll is answered when there is a packet for it.
func (DefaultPolling) Holds() bool { return true }

// Read counts the bytes of the whole body, whether or not the request has a Content-Length.
func (DefaultPolling) Read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
}

// poll answers a GET: at once if packets wait, otherwise as soon as there is one.
func (s *Session) poll(w http.ResponseWriter, r *http.Request) {
	rules := s.server.rules.Polling
	s.mu.Lock()
	if s.waiting != nil && !rules.AllowsTwo(r.Method) {
		s.happens(SecondPoll, "transport error")
		s.mu.Unlock()
		s.server.fail(w, r, SecondPoll, http.StatusBadRequest)
		return
	}
	if s.awaiting && s.server.rules.Heartbeat.PollAnswers() {
		s.pong()
	}
	answers := make(chan []Packet, 1)
	switch {
	case s.state == ended:
		s.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		return
	case len(s.out) == 0 && (!rules.Holds() || s.probed && s.noop()):
		answers <- []Packet{{Type: Noop}}
	default:
		s.waiting = answers
		s.flush()
	}
	s.mu.Unlock()
	select {
	case packets := <-answers:
		s.respond(w, r, packets)
	case <-r.Context().Done():
		s.server.occasion(BrokenOffPoll, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.waiting == answers && rules.Notices() {
			s.waiting = nil
			s.happens(BrokenOffPoll, "transport error")
		}
	}
}

func (s *Session) respond(w http.ResponseWriter, r *http.Request, packets []Packet) {
	s.answer(w, r, PollAnswer, s.server.rules.Encoding.Payload(s.outgoing(Polling, packets)))
}

// post handles the packets of a POST.
func (s *Session) post(w http.ResponseWriter, r *http.Request) {
	rules := s.server.rules
	s.mu.Lock()
	if s.posting && !rules.Polling.AllowsTwo(r.Method) {
		s.happens(SecondPost, "transport error")
		s.mu.Unlock()
		s.server.fail(w, r, SecondPost, http.StatusBadRequest)
		return
	}
	if !s.server.knows(s) {
		s.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.posting = true
	s.cutPost = func() { _ = http.NewResponseController(w).SetReadDeadline(time.Now()) }
	s.mu.Unlock()
	body, err := rules.Polling.Read(w, r, rules.Session.MaxPayload(s.server.options.MaxPayload))
	s.mu.Lock()
	s.posting, s.cutPost = false, nil
	over := !s.server.knows(s)
	s.mu.Unlock()
	if over {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			s.happened(Oversize, "transport error")
			s.server.fail(w, r, Oversize, http.StatusRequestEntityTooLarge)
		} else {
			s.happened(BrokenOffPost, "transport error")
		}
		return
	}
	packets, err := rules.Encoding.Decode(Polling, body)
	s.receive(Polling, packets)
	if err != nil {
		s.server.occasion(BrokenPayload, r)
		s.happened(BrokenPayload, "parse error")
	}
	s.answer(w, r, PostAnswer, []byte("ok"))
}
