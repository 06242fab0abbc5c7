package engineio

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// openOverPolling answers the handshake of a session over polling.
func (s *Session) openOverPolling(w http.ResponseWriter, r *http.Request) {
	packets := s.outgoing(Polling, []Packet{s.open(Polling)})
	s.answer(w, r, HandshakeAnswer, encodePayload(packets))
}

// answer writes a response of the session over polling.
func (s *Session) answer(w http.ResponseWriter, r *http.Request, kind AnswerKind, body []byte) {
	a := &Answer{Kind: kind, Status: http.StatusOK, Header: w.Header(), Body: body}
	a.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	a.Header.Set("Cache-Control", "no-store")
	s.server.hooks(a.Header, r, kind)
	s.server.write(w, r, a)
}

// poll answers a GET: at once with what waits, else as soon as there is something.
func (s *Session) poll(w http.ResponseWriter, r *http.Request) {
	d := &s.server.options.Departures
	s.mu.Lock()
	if s.waiting != nil && !d.IgnoreOverlap {
		s.overlap()
		s.mu.Unlock()
		s.server.fail(w, r, Overlap, http.StatusBadRequest)
		return
	}
	if d.PollsCountAsPongs && s.awaiting {
		s.pong()
	}
	answers := make(chan []Packet, 1)
	switch {
	case s.state == ended:
		s.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		return
	case len(s.out) == 0 && s.probed && s.noop():
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
		if s.waiting == answers {
			s.waiting = nil
			if !d.IgnoreAbort {
				s.finish("transport error")
			}
		}
	}
}

// overlap ends a session whose client sends two requests of one kind at once.
func (s *Session) overlap() {
	if !s.server.options.Departures.OverlapSpares {
		s.finish("transport error")
	}
}

func (s *Session) respond(w http.ResponseWriter, r *http.Request, packets []Packet) {
	body := changed(s.server.options.Departures.Payload, encodePayload(s.outgoing(Polling, packets)))
	s.answer(w, r, PollAnswer, body)
}

// noop decides whether a poll during an upgrade is answered at once.
func (s *Session) noop() bool {
	d := &s.server.options.Departures
	s.noops++
	return !d.NoNoop && (!d.OneNoop || s.noops == 1)
}

// post takes the packets of a POST.
func (s *Session) post(w http.ResponseWriter, r *http.Request) {
	d := &s.server.options.Departures
	s.mu.Lock()
	if s.posting && !d.IgnoreOverlap {
		s.overlap()
		s.mu.Unlock()
		s.server.fail(w, r, Overlap, http.StatusBadRequest)
		return
	}
	if s.state == ended && !d.SessionOutlives {
		s.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.posting = true
	s.cutPost = func() { _ = http.NewResponseController(w).SetReadDeadline(time.Now()) }
	s.mu.Unlock()
	limit := changed(d.MaxPayload, s.server.options.MaxPayload)
	var from io.Reader = http.MaxBytesReader(w, r.Body, limit)
	switch {
	case d.BodyReader != nil:
		from = d.BodyReader(r, from)
	case d.Size != nil:
		from = r.Body
	}
	body, err := io.ReadAll(from)
	if d.Size != nil && d.Size(body) > s.server.options.MaxPayload {
		err = &http.MaxBytesError{Limit: limit}
	}
	s.mu.Lock()
	s.posting, s.cutPost = false, nil
	over := s.state == ended
	s.mu.Unlock()
	if over && !d.SessionOutlives {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			if d.OversizeEnds {
				s.end("transport error")
			}
			s.server.fail(w, r, Oversize, http.StatusRequestEntityTooLarge)
		} else if !d.IgnoreAbort {
			s.end("transport error")
		}
		return
	}
	if d.Body != nil {
		body = d.Body(Polling, body)
	}
	packets, err := decodePayload(body)
	s.receive(Polling, packets)
	if err != nil && (d.BrokenPacket == nil || !d.BrokenPacket(Polling, body)) {
		s.server.occasion(BrokenPayload, r)
		s.end("parse error")
	}
	s.answer(w, r, PostAnswer, []byte("ok"))
}
