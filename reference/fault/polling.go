package fault

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in long-polling: polls, POSTs and their limits.
func init() {
	register(
		Fault{
			Name:     "polling/post-answered-with-nothing",
			Breaks:   "engine.io/17",
			Sentence: "A POST is answered with an empty body.",
			Apply:    inAnswers(engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = nil }),
		},
		Fault{
			Name:     "polling/post-answered-with-204",
			Breaks:   "engine.io/17",
			Sentence: "A POST is answered with 204.",
			Apply:    inAnswers(engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Status, a.Body = http.StatusNoContent, nil }),
		},
		Fault{
			Name:     "polling/post-answered-with-json",
			Breaks:   "engine.io/17",
			Sentence: "A POST is answered with ok as a JSON string.",
			Apply:    inAnswers(engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = []byte(`"ok"`) }),
		},
		Fault{
			Name:     "polling/post-as-html",
			Breaks:   "socket.io/209",
			Sentence: "The answer to a POST has the Content-Type of HTML.",
			Apply:    inAnswers(engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Content-Type", "text/html") }),
		},
		Fault{
			Name:     "polling/caching-allowed",
			Breaks:   "engine.io/35",
			Sentence: "Answers to polls do not forbid caching.",
			Apply:    inAnswers(engineio.PollAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Del("Cache-Control") }),
		},
		Fault{
			Name:     "polling/octets",
			Breaks:   "socket.io/207",
			Sentence: "Answers to polls have the Content-Type application/octet-stream.",
			Apply:    inAnswers(engineio.PollAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Content-Type", "application/octet-stream") }),
		},
		Fault{
			Name:     "polling/overlap-allowed",
			Breaks:   "engine.io/19",
			Sentence: "Two polls, or two POSTs, at once are allowed.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = overlapping{rules.Polling, []string{http.MethodGet, http.MethodPost}}
			}),
		},
		Fault{
			Name:     "polling/overlap-spares-the-session",
			Breaks:   "engine.io/32",
			Sentence: "The second of two polls, or of two POSTs, at once is refused, but the session goes on.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, false, engineio.SecondPoll, engineio.SecondPost)
			}),
		},
		Fault{
			Name:     "polling/aborted-poll-forgiven",
			Breaks:   "engine.io/34",
			Sentence: "A poll or a POST that the client aborts does not end the session.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, false, engineio.BrokenOffPoll, engineio.BrokenOffPost)
			}),
		},
		Fault{
			Name:     "polling/aborted-poll-unnoticed",
			Breaks:   "engine.io/34",
			Sentence: "A poll that the client aborts stays under way.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Polling = unnoticed{rules.Polling} }),
		},
		Fault{
			Name:     "polling/close-packet-ignored",
			Breaks:   "engine.io/54",
			Sentence: "The client's close packet is ignored.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Session = override.Ends(rules.Session, false, engineio.ClientClose) }),
		},
		Fault{
			Name:     "polling/sessions-outlive-their-end",
			Breaks:   "engine.io/45",
			Sentence: "A session that has ended is still known, and its polls are answered.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Session = keptAlive{rules.Session, anyReason} }),
		},
		Fault{
			Name:     "polling/unknown-session-opens-one",
			Breaks:   "engine.io/26",
			Sentence: "A poll with an unknown sid opens a session.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Requests = override.Verify(rules.Requests, func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal != nil && refusal.Code == engineio.SessionUnknown && r.Method == http.MethodGet && q.Get("transport") == engineio.Polling {
						return nil
					}
					return refusal
				})
			}),
		},
		Fault{
			Name:     "polling/session-of-the-connection",
			Breaks:   "engine.io/10",
			Sentence: "The first session of a TCP connection gets all requests of the connection.",
			Apply: engine(func(rules *engineio.Rules) {
				var first sync.Map
				rules.Requests = override.Query(rules.Requests, func(r *http.Request, q url.Values) {
					if sid := q.Get("sid"); sid != "" && q.Get("transport") == engineio.Polling {
						was, _ := first.LoadOrStore(r.RemoteAddr, sid)
						q.Set("sid", was.(string))
					}
				})
			}),
		},
		Fault{
			Name:     "polling/handshake-of-the-connection",
			Breaks:   "engine.io/10",
			Sentence: "A second handshake over a TCP connection gets the same answer as the first.",
			Apply: engine(func(rules *engineio.Rules) {
				var answers sync.Map
				rules.Headers = override.Answer(rules.Headers, func(r *http.Request, a *engineio.Answer) {
					if a.On == engineio.HandshakeAnswer {
						was, _ := answers.LoadOrStore(r.RemoteAddr, a.Body)
						a.Body = was.([]byte)
					}
				})
			}),
		},
		Fault{
			Name:     "polling/body-decoder-of-all-sessions",
			Breaks:   "engine.io/107",
			Sentence: "If a character is split between two pieces of a POST, the next piece of any POST completes it.",
			Apply: engine(func(rules *engineio.Rules) {
				shared := &pieces{}
				rules.Polling = override.Body(rules.Polling, func(_ *http.Request, from io.Reader) io.Reader { return reading(shared.from(from)) })
			}),
		},
		Fault{
			Name:     "polling/refused-post-answered-twice",
			Breaks:   "engine.io/18",
			Sentence: "A POST that is refused is answered a second time.",
			Apply:    onConnections(func(c net.Conn, _ net.Listener) net.Conn { return &answeringTwice{Conn: c} }),
		},
		Fault{
			Name:     "polling/post-without-content-type-refused",
			Breaks:   "engine.io/14",
			Sentence: "A POST without a Content-Type is refused.",
			Apply:    refusingPOSTs(func(r *http.Request) bool { return r.Header.Get("Content-Type") == "" }),
		},
		Fault{
			Name:     "polling/post-without-content-type-is-latin-1",
			Breaks:   "engine.io/14",
			Sentence: "Each byte of a POST without a Content-Type is read as one character.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Body(rules.Polling, func(r *http.Request, from io.Reader) io.Reader {
					if r.Header.Get("Content-Type") != "" {
						return from
					}
					body, _ := io.ReadAll(from)
					var text []rune
					for _, b := range body {
						text = append(text, rune(b))
					}
					return strings.NewReader(string(text))
				})
			}),
		},
		Fault{
			Name:     "polling/post-with-charset-in-lower-case-refused",
			Breaks:   "robustness/18",
			Sentence: "A POST in text/plain is refused if its charset is not written in upper case.",
			Apply:    refusingPOSTs(func(r *http.Request) bool { return r.Header.Get("Content-Type") == "text/plain;charset=utf-8" }),
		},
		Fault{
			Name:     "polling/late-body-is-empty",
			Breaks:   "robustness/19",
			Sentence: "A body that is not there 100 ms after its head is taken for an empty one.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Body(rules.Polling, func(_ *http.Request, from io.Reader) io.Reader {
					read := make(chan []byte, 1)
					go func() {
						body, _ := io.ReadAll(from)
						read <- body
					}()
					select {
					case body := <-read:
						return bytes.NewReader(body)
					case <-time.After(100 * time.Millisecond):
						return strings.NewReader("")
					}
				})
			}),
		},
		Fault{
			Name:     "polling/post-with-charset-refused",
			Breaks:   "engine.io/15",
			Sentence: "A POST whose Content-Type has a parameter is refused.",
			Apply:    refusingPOSTs(func(r *http.Request) bool { return strings.Contains(r.Header.Get("Content-Type"), ";") }),
		},
		Fault{
			Name:     "polling/post-as-octets-refused",
			Breaks:   "engine.io/16",
			Sentence: "A POST with the Content-Type application/octet-stream is refused.",
			Apply:    refusingPOSTs(func(r *http.Request) bool { return r.Header.Get("Content-Type") == "application/octet-stream" }),
		},
		Fault{
			Name:     "polling/post-to-unknown-session-taken",
			Breaks:   "engine.io/18",
			Sentence: "A POST to an unknown session is answered as if it had been accepted.",
			Apply: inAnswers(engineio.RefusalAnswer, func(r *http.Request, a *engineio.Answer) {
				if r.Method == http.MethodPost && bytes.Contains(a.Body, []byte("Session ID unknown")) {
					a.Status, a.Body = http.StatusOK, []byte("ok")
				}
			}),
		},
		Fault{
			Name:     "polling/object-members-are-sessions",
			Breaks:   "engine.io/27",
			Sentence: "A poll whose sid is named like a member of every JavaScript object fails with a server error.",
			Apply: inAnswers(engineio.RefusalAnswer, func(r *http.Request, a *engineio.Answer) {
				if slices.Contains(objectMembers, r.URL.Query().Get("sid")) {
					a.Status, a.Body = http.StatusInternalServerError, []byte("TypeError")
				}
			}),
		},
		Fault{
			Name:     "polling/posts-at-once-spare-the-session",
			Breaks:   "engine.io/20",
			Sentence: "The second of two POSTs at once is refused, but the session goes on.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Session = override.Ends(rules.Session, false, engineio.SecondPost) }),
		},
		Fault{
			Name:     "polling/broken-off-post-forgiven",
			Breaks:   "engine.io/25",
			Sentence: "A POST that the client aborts does not end the session.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, false, engineio.BrokenOffPost)
			}),
		},
		Fault{
			Name:     "polling/polls-not-held",
			Breaks:   "engine.io/28",
			Sentence: "A poll is answered with a noop at once if no packet waits for it.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Polling = holdingNone{rules.Polling} }),
		},
		Fault{
			Name:     "polling/polls-at-once-allowed",
			Breaks:   "engine.io/31",
			Sentence: "Two polls at once are allowed.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Polling = overlapping{rules.Polling, []string{http.MethodGet}} }),
		},
		Fault{
			Name:     "polling/first-of-two-polls-gets-a-noop",
			Breaks:   "engine.io/33",
			Sentence: "The first of two polls at once is answered with a noop.",
			Apply:    lastPacket("transport error"),
		},
		Fault{
			Name:     "polling/server-closes-with-a-noop",
			Breaks:   "engine.io/56",
			Sentence: "The poll of a session that the application closes is answered with a noop.",
			Apply:    lastPacket("forced close"),
		},
		Fault{
			Name:     "polling/put-is-a-post",
			Breaks:   "engine.io/60",
			Sentence: "A PUT within a session is taken for a POST.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if r.Method == http.MethodPut && q.Has("sid") {
					r.Method = http.MethodPost
				}
			}),
		},
	)
}

// pieces keeps the first bytes of an incomplete character for whichever POST is read next.
type pieces struct {
	mu   sync.Mutex
	kept []byte
}

func (k *pieces) from(r io.Reader) func([]byte) (int, error) {
	return func(b []byte) (int, error) {
		n, err := r.Read(b[:max(len(b)-utf8.UTFMax, 1)])
		if n == 0 {
			return n, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		text := append(bytes.Clone(k.kept), b[:n]...)
		whole := len(text)
		for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
			if start := text[len(text)-back:]; utf8.RuneStart(start[0]) {
				if !utf8.FullRune(start) {
					whole -= back
				}
				break
			}
		}
		k.kept = bytes.Clone(text[whole:])
		return copy(b, text[:whole]), err
	}
}

// refusingPOSTs makes a fault that refuses some of the POSTs of sessions.
func refusingPOSTs(refuse func(*http.Request) bool) apply {
	return inVerification(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
		if refusal == nil && q.Has("sid") && r.Method == http.MethodPost && refuse(r) {
			return &engineio.Refusal{Code: engineio.BadRequest}
		}
		return refusal
	})
}

// lastPacket makes a fault that answers the waiting poll with a noop when a session ends for a reason.
func lastPacket(reason string) apply {
	return engine(func(rules *engineio.Rules) {
		rules.Session = endingWithANoop{rules.Session, reason}
	})
}

// endingWithANoop answers the waiting poll with a noop when a session ends for a reason.
type endingWithANoop struct {
	engineio.SessionRules
	reason string
}

func (f endingWithANoop) LastPacket(reason string) engineio.Packet {
	if reason == f.reason {
		return engineio.Packet{Type: engineio.Noop}
	}
	return f.SessionRules.LastPacket(reason)
}

// overlapping allows two requests at once for certain methods.
type overlapping struct {
	engineio.PollingRules
	methods []string
}

func (f overlapping) AllowsTwo(method string) bool {
	return slices.Contains(f.methods, method) || f.PollingRules.AllowsTwo(method)
}

// unnoticed keeps polls under way that the client has aborted.
type unnoticed struct{ engineio.PollingRules }

func (unnoticed) Notices() bool { return false }

// holdingNone answers each poll at once.
type holdingNone struct{ engineio.PollingRules }

func (holdingNone) Holds() bool { return false }

// answeringTwice writes a second answer behind the refusal of a POST.
type answeringTwice struct {
	net.Conn
	post atomic.Bool
}

func (c *answeringTwice) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 4 {
		c.post.Store(bytes.HasPrefix(p[:n], []byte("POST ")))
	}
	return n, err
}

func (c *answeringTwice) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil && c.post.Load() && bytes.HasPrefix(p, []byte("HTTP/1.1 400 ")) {
		_, err = io.WriteString(c.Conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}
	return n, err
}
