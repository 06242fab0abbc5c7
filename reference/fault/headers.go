package fault

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in the header hooks.
func init() {
	register(
		Fault{
			Name:     "headers/initial-never-over-polling",
			Breaks:   "announcement/13",
			Sentence: "initial_headers is not called for a polling handshake.",
			Apply:    calls(engineio.InitialHeaders, never(engineio.HandshakeAnswer)),
		},
		Fault{
			Name:     "headers/initial-never-over-websocket",
			Breaks:   "announcement/13",
			Sentence: "initial_headers is not called for a WebSocket handshake.",
			Apply:    calls(engineio.InitialHeaders, never(engineio.SocketAnswer)),
		},
		Fault{
			Name:     "headers/initial-on-every-request",
			Breaks:   "announcement/14",
			Sentence: "initial_headers is called for every request.",
			Apply:    calls(engineio.InitialHeaders, func(engineio.Occasion, int) int { return 1 }),
		},
		Fault{
			Name:     "headers/initial-on-upgrade",
			Breaks:   "announcement/14",
			Sentence: "initial_headers is called again for the upgrade.",
			Apply: calls(engineio.InitialHeaders, func(kind engineio.Occasion, usual int) int {
				if kind == engineio.UpgradeAnswer {
					return 1
				}
				return usual
			}),
		},
		Fault{
			Name:     "headers/initial-on-posts",
			Breaks:   "announcement/14",
			Sentence: "initial_headers is called for POSTs, too.",
			Apply: calls(engineio.InitialHeaders, func(kind engineio.Occasion, usual int) int {
				if kind == engineio.PostAnswer {
					return 1
				}
				return usual
			}),
		},
		Fault{
			Name:     "headers/initial-twice",
			Breaks:   "announcement/14",
			Sentence: "initial_headers is called twice.",
			Apply:    calls(engineio.InitialHeaders, func(_ engineio.Occasion, usual int) int { return 2 * usual }),
		},
		Fault{
			Name:     "headers/each-never-on-polls",
			Breaks:   "announcement/15",
			Sentence: "The hook headers is not called for polls.",
			Apply:    calls(engineio.Headers, never(engineio.PollAnswer)),
		},
		Fault{
			Name:     "headers/each-never-on-posts",
			Breaks:   "announcement/15",
			Sentence: "The hook headers is not called for POSTs.",
			Apply:    calls(engineio.Headers, never(engineio.PostAnswer)),
		},
		Fault{
			Name:     "headers/each-never-on-handshake",
			Breaks:   "announcement/15",
			Sentence: "The hook headers is not called for a session's first request.",
			Apply:    calls(engineio.Headers, never(engineio.HandshakeAnswer, engineio.SocketAnswer)),
		},
		Fault{
			Name:     "headers/each-never-over-websocket",
			Breaks:   "announcement/15",
			Sentence: "The hook headers is not called for WebSocket handshakes.",
			Apply:    calls(engineio.Headers, never(engineio.SocketAnswer, engineio.UpgradeAnswer)),
		},
		Fault{
			Name:     "headers/each-never-on-upgrade",
			Breaks:   "announcement/16",
			Sentence: "The hook headers is not called for the upgrade.",
			Apply:    calls(engineio.Headers, never(engineio.UpgradeAnswer)),
		},
		Fault{
			Name:     "headers/each-twice",
			Breaks:   "announcement/15",
			Sentence: "The hook headers is called twice.",
			Apply:    calls(engineio.Headers, func(_ engineio.Occasion, usual int) int { return 2 * usual }),
		},
		Fault{
			Name:     "headers/each-before-initial",
			Breaks:   "announcement/19",
			Sentence: "The hook headers is called before initial_headers, whose values win.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Headers = headersFirst{rules.Headers} }),
		},
		Fault{
			Name:     "headers/each-for-messages",
			Breaks:   "announcement/17",
			Sentence: "The hook headers is called for messages over WebSocket, too.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Headers = hookingOn{rules.Headers, []engineio.Occasion{engineio.SocketMessage}, []engineio.Hook{engineio.Headers}}
			}),
		},
		Fault{
			Name:     "headers/on-refusals",
			Breaks:   "announcement/20",
			Sentence: "The hooks are called for refused requests, too.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Headers = hookingOn{rules.Headers, []engineio.Occasion{engineio.RefusalAnswer}, bothHooks}
			}),
		},
		Fault{
			Name:     "headers/initial-on-refusals",
			Breaks:   "announcement/75",
			Sentence: "The headers that initial_headers sets are sent with refusals, too.",
			Apply: answers(func(r *http.Request, a *engineio.Answer) {
				if mark := r.URL.Query().Get("mark"); a.On == engineio.RefusalAnswer && mark != "" {
					a.Header.Set("X-Initial", mark)
				}
			}),
		},
		Fault{
			Name:     "headers/hooks-without-the-query",
			Breaks:   "announcement/18",
			Sentence: "The hooks get the request without its query.",
			Apply: records(func(e application.Entry) []application.Entry {
				if text, ok := e.Fields["url"].(string); ok && (e.Type == string(engineio.InitialHeaders) || e.Type == string(engineio.Headers)) {
					e.Fields["url"], _, _ = strings.Cut(text, "?")
				}
				return []application.Entry{e}
			}),
		},
		Fault{
			Name:     "headers/lost-on-websocket-handshake",
			Breaks:   "announcement/13",
			Sentence: "The headers that the hooks set are not sent with the 101.",
			Apply: hooked(func(_ *http.Request, kind engineio.Occasion, h http.Header) {
				if kind == engineio.SocketAnswer || kind == engineio.UpgradeAnswer {
					clear(h)
				}
			}),
		},
		Fault{
			Name:     "headers/cookies-lost",
			Breaks:   "announcement/13",
			Sentence: "Cookies that a hook sets are not sent.",
			Apply:    hooked(func(_ *http.Request, _ engineio.Occasion, h http.Header) { h.Del("Set-Cookie") }),
		},
		Fault{
			Name:     "headers/both-values-sent",
			Breaks:   "announcement/74",
			Sentence: "If both hooks set a header, both values are sent.",
			Apply: hooked(func(_ *http.Request, kind engineio.Occasion, h http.Header) {
				if (kind == engineio.HandshakeAnswer || kind == engineio.SocketAnswer) && h.Get("Test") != "" {
					h["Test"] = []string{"123", h.Get("Test")}
				}
			}),
		},
		Fault{
			Name:     "headers/first-session-s-for-all",
			Breaks:   "announcement/21",
			Sentence: "Every session gets the headers of the first.",
			Apply: engine(func(rules *engineio.Rules) {
				var once sync.Once
				var first http.Header
				rules.Headers = override.Hooked(rules.Headers, func(_ *http.Request, kind engineio.Occasion, h http.Header) {
					if h.Get("X-Initial") == "" {
						return
					}
					once.Do(func() { first = h.Clone() })
					h["X-Initial"] = first["X-Initial"]
				})
			}),
		},
		Fault{
			Name:     "headers/shared-between-requests",
			Breaks:   "announcement/21",
			Sentence: "The headers that the hooks set for one request are sent with the next one, too.",
			Apply: engine(func(rules *engineio.Rules) {
				var mu sync.Mutex
				var before http.Header
				rules.Headers = override.Hooked(rules.Headers, func(_ *http.Request, _ engineio.Occasion, h http.Header) {
					mu.Lock()
					defer mu.Unlock()
					for name, values := range before {
						if h[name] == nil && (name == "X-Each" || name == "X-Initial") {
							h[name] = values
						}
					}
					before = h.Clone()
				})
			}),
		},
		Fault{
			Name:     "headers/each-never-on-later-upgrades",
			Breaks:   "announcement/16",
			Sentence: "The headers that the hook headers sets are not sent with a second attempt to upgrade.",
			Apply: laterAnswers(noEach, func(a later) bool {
				return a.kind == engineio.UpgradeAnswer && a.upgrades > 1
			}),
		},
		Fault{
			Name:     "headers/initial-on-later-upgrades",
			Breaks:   "announcement/14",
			Sentence: "The headers that initial_headers sets are sent with a second attempt to upgrade, too.",
			Apply: laterAnswers(initialAgain, func(a later) bool {
				return a.kind == engineio.UpgradeAnswer && a.upgrades > 1
			}),
		},
		Fault{
			Name:     "headers/each-never-on-posts-beside-an-upgrade",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent with a POST during an upgrade.",
			Apply: laterAnswers(noEach, func(a later) bool {
				return a.kind == engineio.PostAnswer && a.upgrades > 0
			}),
		},
		Fault{
			Name:     "headers/initial-after-a-failed-upgrade",
			Breaks:   "announcement/14",
			Sentence: "The headers that initial_headers sets are sent with a poll after an upgrade, too.",
			Apply: laterAnswers(initialAgain, func(a later) bool {
				return a.kind == engineio.PollAnswer && a.upgrades > 0
			}),
		},
		Fault{
			Name:     "headers/each-lost-after-a-refusal",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent after a request of the session was refused.",
			Apply: laterAnswers(noEach, func(a later) bool {
				return a.refusals > 0
			}),
		},
		Fault{
			Name:     "headers/initial-after-a-refusal",
			Breaks:   "announcement/14",
			Sentence: "The headers that initial_headers sets are sent again after a request of the session was refused.",
			Apply: laterAnswers(initialAgain, func(a later) bool {
				return a.refusals > 0
			}),
		},
		Fault{
			Name:     "headers/each-lost-when-the-client-closes",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent with the poll that waits when the client closes.",
			Apply: laterAnswers(noEach, func(a later) bool {
				return a.kind == engineio.PollAnswer && a.closing
			}),
		},
		Fault{
			Name:     "headers/initial-when-the-client-closes",
			Breaks:   "announcement/14",
			Sentence: "The headers that initial_headers sets are sent when the client closes, too.",
			Apply: laterAnswers(initialAgain, func(a later) bool {
				return a.closing
			}),
		},
		Fault{
			Name:     "headers/each-on-two-polls-only",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are sent only with the first two polls of a session.",
			Apply: laterAnswers(noEach, func(a later) bool {
				return a.kind == engineio.PollAnswer && a.polls > 2
			}),
		},
		Fault{
			Name:     "headers/each-never-on-several-packets",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent with a payload of several packets.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if a.On == engineio.PollAnswer && bytes.ContainsRune(a.Body, 0x1e) {
					a.Header.Del("X-Each")
				}
			}),
		},
		Fault{
			Name:     "headers/initial-on-refusals-within-sessions",
			Breaks:   "announcement/75",
			Sentence: "The headers that initial_headers sets are sent with the refusals of a session's requests.",
			Apply: engine(func(rules *engineio.Rules) {
				living := sessions(rules)
				rules.Headers = override.Answer(rules.Headers, func(r *http.Request, a *engineio.Answer) {
					if a.On == engineio.RefusalAnswer && living(r.URL.Query()) {
						initialAgain(r, a.Header)
					}
				})
			}),
		},
		Fault{
			Name:     "headers/each-never-on-compressed-polls",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent to a client that allows compression.",
			Apply: answers(func(r *http.Request, a *engineio.Answer) {
				if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
					a.Header.Del("X-Each")
				}
			}),
		},
		Fault{
			Name:     "headers/initial-once-a-connection",
			Breaks:   "announcement/13",
			Sentence: "initial_headers is called only for the first session of each TCP connection.",
			Apply:    onceAConnection(engineio.InitialHeaders),
		},
		Fault{
			Name:     "headers/each-once-a-connection",
			Breaks:   "announcement/15",
			Sentence: "The hook headers is called only for the first request of each TCP connection.",
			Apply:    onceAConnection(engineio.Headers),
		},
	)
}

// onceAConnection calls a hook only for the first of a TCP connection's requests for which it is due.
func onceAConnection(hook engineio.Hook) apply {
	return engine(func(rules *engineio.Rules) {
		var called sync.Map
		rules.Headers = override.Hooks(rules.Headers, hook, func(r *http.Request, _ engineio.Occasion, usual int) int {
			if usual > 0 {
				if _, before := called.LoadOrStore(r.RemoteAddr, true); before {
					return 0
				}
			}
			return usual
		})
	})
}

// never stops a hook from being called for answers of certain kinds.
func never(kinds ...engineio.Occasion) func(engineio.Occasion, int) int {
	return func(kind engineio.Occasion, usual int) int {
		for _, k := range kinds {
			if k == kind {
				return 0
			}
		}
		return usual
	}
}

// later describes an answer of a session and what came before it.
type later struct {
	kind                      engineio.Occasion
	upgrades, polls, refusals int
	closing                   bool // the client has sent a close packet
}

func noEach(_ *http.Request, h http.Header) { h.Del("X-Each") }

func initialAgain(r *http.Request, h http.Header) {
	if mark := r.URL.Query().Get("mark"); mark != "" {
		h.Set("X-Initial", mark)
	}
}

// laterAnswers makes a fault that changes the headers of some answers of a session after the hooks have been called.
func laterAnswers(change func(*http.Request, http.Header), which func(later) bool) apply {
	return engine(func(rules *engineio.Rules) {
		var mu sync.Mutex
		of := map[string]*later{}
		update := func(sid string, f func(*later)) later {
			mu.Lock()
			defer mu.Unlock()
			if of[sid] == nil {
				of[sid] = &later{}
			}
			f(of[sid])
			return *of[sid]
		}
		rules.Requests = override.Verify(rules.Requests, func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if sid := q.Get("sid"); refusal != nil && sid != "" {
				update(sid, func(a *later) { a.refusals++ })
			}
			return refusal
		})
		rules.Session = override.Incoming(rules.Session, func(s *engineio.Session, _ string, packets []engineio.Packet) []engineio.Packet {
			for _, p := range packets {
				if p.Type == engineio.Close {
					update(s.ID(), func(a *later) { a.closing = true })
				}
			}
			return packets
		})
		rules.Headers = override.Hooked(rules.Headers, func(r *http.Request, kind engineio.Occasion, h http.Header) {
			sid := r.URL.Query().Get("sid")
			if sid == "" {
				return
			}
			now := update(sid, func(a *later) {
				a.kind = kind
				switch kind {
				case engineio.UpgradeAnswer:
					a.upgrades++
				case engineio.PollAnswer:
					a.polls++
				}
			})
			if which(now) {
				change(r, h)
			}
		})
	})
}

// headersFirst calls headers before initial_headers.
type headersFirst struct{ engineio.HeaderRules }

func (f headersFirst) Hooks(r *http.Request, on engineio.Occasion) []engineio.Hook {
	hooks := slices.Clone(f.HeaderRules.Hooks(r, on))
	slices.Reverse(hooks)
	return hooks
}

var bothHooks = []engineio.Hook{engineio.InitialHeaders, engineio.Headers}

// hookingOn calls hooks on more occasions.
type hookingOn struct {
	engineio.HeaderRules
	occasions []engineio.Occasion
	hooks     []engineio.Hook
}

func (f hookingOn) Hooks(r *http.Request, on engineio.Occasion) []engineio.Hook {
	if slices.Contains(f.occasions, on) {
		return f.hooks
	}
	return f.HeaderRules.Hooks(r, on)
}
