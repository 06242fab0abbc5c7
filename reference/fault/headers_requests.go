package fault

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in CORS, in the headers of single answers, and in requests that must not call a hook.
func init() {
	register(
		Fault{
			Name:     "headers/kept-for-the-connection",
			Breaks:   "announcement/21",
			Sentence: "What the hooks set for a request is sent with all later ones of the TCP connection.",
			Apply: fresh(func() apply {
				var of sync.Map // the headers by connection
				return hooked(func(r *http.Request, _ engineio.Occasion, h http.Header) {
					if h.Get("x-each") != "" {
						of.Store(r.RemoteAddr, h.Get("x-each"))
					} else if kept, known := of.Load(r.RemoteAddr); known {
						h.Set("x-each", kept.(string))
					}
				})
			}),
		},
		Fault{
			Name:     "headers/not-on-a-poll-that-waited",
			Breaks:   "announcement/15",
			Sentence: "What headers sets for a poll that was under way for 100 ms is not sent.",
			Apply: fresh(func() apply {
				var came sync.Map
				return all(
					inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
						came.Store(r.URL.RawQuery, time.Now())
						return refusal
					}),
					hooked(func(r *http.Request, _ engineio.Occasion, h http.Header) {
						if at, known := came.LoadAndDelete(r.URL.RawQuery); known && r.Method == http.MethodGet && time.Since(at.(time.Time)) > 100*time.Millisecond {
							h.Del("x-each")
						}
					}))
			}),
		},
		Fault{
			Name:     "headers/cors-on-handshakes-only",
			Breaks:   "announcement/51",
			Sentence: "The answers within a session lack the CORS headers.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if a.On == engineio.PollAnswer || a.On == engineio.PostAnswer {
					a.Header.Del(allowOrigin)
				}
			}),
		},
		Fault{
			Name:     "headers/cors-not-on-refusals",
			Breaks:   "announcement/76",
			Sentence: "Refusals lack the CORS headers.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if a.On == engineio.RefusalAnswer {
					a.Header.Del(allowOrigin)
				}
			}),
		},
		Fault{
			Name:     "headers/cors-not-on-failed-requests",
			Breaks:   "announcement/76",
			Sentence: "The answers to failed requests within a session lack the CORS headers.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				switch a.On {
				case engineio.UnservedMethod, engineio.SecondPoll, engineio.SecondPost, engineio.Oversize:
					a.Header.Del(allowOrigin)
				}
			}),
		},
		Fault{
			Name:     "headers/cors-credentials-for-all",
			Breaks:   "announcement/53",
			Sentence: "Credentials are allowed although the allowed origin is an asterisk.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				a.Header.Set("Access-Control-Allow-Credentials", "true")
			}),
		},
		Fault{
			Name:     "headers/cors-origin-echoed-without-vary",
			Breaks:   "announcement/78",
			Sentence: "The answer names the request's origin but has no Vary header for it.",
			Apply: answers(func(r *http.Request, a *engineio.Answer) {
				if origin := r.Header.Get("Origin"); origin != "" {
					a.Header.Set(allowOrigin, origin)
				}
			}),
		},
		Fault{
			Name:     "headers/each-never-on-noops",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent with a noop.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if string(a.Body) == "6" {
					a.Header.Del("X-Each")
				}
			}),
		},
		Fault{
			Name:     "headers/each-never-on-the-last-poll",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent with the poll that ends a session.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if string(a.Body) == "1" {
					a.Header.Del("X-Each")
				}
			}),
		},
		Fault{
			Name:     "headers/preflight-without-headers",
			Breaks:   "announcement/52",
			Sentence: "The answer to a preflight request allows no headers.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.CORS = override.Preflight(rules.CORS, func(_ *http.Request, h http.Header) { h.Del("Access-Control-Allow-Headers") })
			}),
		},
		Fault{
			Name:     "headers/cors-not-on-websocket-handshake",
			Breaks:   "announcement/77",
			Sentence: "The 101 of a WebSocket handshake lacks the CORS headers.",
			Apply: hooked(func(_ *http.Request, kind engineio.Occasion, h http.Header) {
				if kind == engineio.SocketAnswer || kind == engineio.UpgradeAnswer {
					h.Del(allowOrigin)
				}
			}),
		},
		Fault{
			Name:     "headers/hooks-replace-cors",
			Breaks:   "announcement/55",
			Sentence: "If a hook sets headers, the CORS headers are not sent.",
			Apply: hooked(func(_ *http.Request, _ engineio.Occasion, h http.Header) {
				if h.Get("X-Each") != "" {
					h.Del(allowOrigin)
				}
			}),
		},
		Fault{
			Name:     "headers/hooks-lose-the-content-type",
			Breaks:   "announcement/55",
			Sentence: "If a hook sets headers, the Content-Type is not sent.",
			Apply: hooked(func(_ *http.Request, _ engineio.Occasion, h http.Header) {
				if h.Get("X-Each") != "" {
					h["Content-Type"] = nil
				}
			}),
		},
		Fault{
			Name:     "headers/cookies-sent-twice",
			Breaks:   "announcement/55",
			Sentence: "Cookies that a hook sets are sent twice.",
			Apply: hooked(func(_ *http.Request, _ engineio.Occasion, h http.Header) {
				h["Set-Cookie"] = append(slices.Clone(h["Set-Cookie"]), h["Set-Cookie"]...)
			}),
		},
		Fault{
			Name:     "headers/client-s-cookies-sent-back",
			Breaks:   "announcement/55",
			Sentence: "The client's own cookies are sent back.",
			Apply: hooked(func(r *http.Request, _ engineio.Occasion, h http.Header) {
				for _, cookie := range r.Cookies() {
					h.Add("Set-Cookie", cookie.String())
				}
			}),
		},
		Fault{
			Name:     "headers/session-s-for-each-request",
			Breaks:   "announcement/21",
			Sentence: "All answers of a session get the headers of its first one.",
			Apply: engine(func(rules *engineio.Rules) {
				var first sync.Map
				rules.Headers = override.Hooked(rules.Headers, func(r *http.Request, _ engineio.Occasion, h http.Header) {
					if sid := r.URL.Query().Get("sid"); sid != "" && h.Get("X-Each") != "" {
						was, _ := first.LoadOrStore(sid, h.Get("X-Each"))
						h.Set("X-Each", was.(string))
					}
				})
			}),
		},
		Fault{
			Name:     "headers/post-takes-the-poll-s",
			Breaks:   "announcement/21",
			Sentence: "A POST gets the headers of the poll that is under way.",
			Apply: engine(func(rules *engineio.Rules) {
				var polls sync.Map // the marks of polls under way
				rules.Requests = override.Query(rules.Requests, func(r *http.Request, q url.Values) {
					if sid, mark := q.Get("sid"), q.Get("mark"); r.Method == http.MethodGet && sid != "" && mark != "" {
						polls.Store(sid, mark)
					}
				})
				rules.Headers = override.Hooked(rules.Headers, func(r *http.Request, kind engineio.Occasion, h http.Header) {
					sid := r.URL.Query().Get("sid")
					if kind == engineio.PollAnswer {
						polls.Delete(sid)
					} else if mark, ok := polls.Load(sid); ok && kind == engineio.PostAnswer {
						h.Set("X-Each", mark.(string))
					}
				})
			}),
		},
		Fault{
			Name:     "headers/kept-for-the-next-of-its-kind",
			Breaks:   "announcement/21",
			Sentence: "The headers that the hook headers sets for one request of a session are sent with the next of its kind.",
			Apply: engine(func(rules *engineio.Rules) {
				var last sync.Map
				rules.Headers = override.Hooked(rules.Headers, func(r *http.Request, kind engineio.Occasion, h http.Header) {
					key := r.URL.Query().Get("sid") + string(kind)
					if own := h.Get("X-Each"); own != "" {
						last.Store(key, own)
					} else if was, ok := last.Load(key); ok {
						h.Set("X-Each", was.(string))
					}
				})
			}),
		},
		Fault{
			Name:     "headers/each-on-upgrades-twice",
			Breaks:   "announcement/16",
			Sentence: "The hook headers is called twice for the upgrade.",
			Apply: calls("headers", func(kind engineio.Occasion, usual int) int {
				if kind == engineio.UpgradeAnswer {
					return 2
				}
				return usual
			}),
		},
		Fault{
			Name:     "headers/on-preflights",
			Breaks:   "announcement/20",
			Sentence: "The hooks are called for preflight requests.",
			Apply:    hookedOn(engineio.Preflight),
		},
		Fault{
			Name:     "headers/on-failed-requests",
			Breaks:   "announcement/20",
			Sentence: "The hooks are called for failed requests within a session.",
			Apply:    hookedOn(engineio.UnservedMethod, engineio.SecondPoll, engineio.SecondPost, engineio.Oversize),
		},
		Fault{
			Name:     "headers/on-malformed-websockets",
			Breaks:   "announcement/20",
			Sentence: "The hooks are called for malformed WebSocket handshakes.",
			Apply:    hookedOn(engineio.MalformedHandshake),
		},
		Fault{
			Name:     "headers/null-origin-refused",
			Breaks:   "announcement/54",
			Sentence: "A page without an origin is refused.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal == nil && r.Header.Get("Origin") == "null" {
					return refused(engineio.BadRequest, "name", "INVALID_ORIGIN")
				}
				return refusal
			}),
		},
	)
}

const allowOrigin = "Access-Control-Allow-Origin"

// hookedOn makes a fault that calls both hooks when neither is due.
func hookedOn(occasions ...engineio.Occasion) apply {
	return engine(func(rules *engineio.Rules) { rules.Headers = hookingOn{rules.Headers, occasions, bothHooks} })
}
