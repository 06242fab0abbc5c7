package fault

import (
	"net/http"
	"net/url"
	"slices"
	"sync"

	"example.test/conformance/reference/engineio"
)

const allowOrigin = "Access-Control-Allow-Origin"

// Faults of CORS, of single answers' headers, and of what calls no hook.
func init() {
	register(
		answers("headers/cors-on-handshakes-only", "the answers within a session lack the headers of CORS", func(_ *http.Request, a *engineio.Answer) {
			if a.Kind == engineio.PollAnswer || a.Kind == engineio.PostAnswer {
				a.Header.Del(allowOrigin)
			}
		}),
		answers("headers/cors-not-on-refusals", "refusals lack the headers of CORS", func(_ *http.Request, a *engineio.Answer) {
			if a.Kind == engineio.RefusalAnswer {
				a.Header.Del(allowOrigin)
			}
		}),
		engine("headers/cors-not-on-failed-requests", "the answers to requests within a session that fail lack the headers of CORS", func(d *engineio.Departures) {
			d.Failed = func(h http.Header) { h.Del(allowOrigin) }
		}),
		answers("headers/cors-credentials-for-all", "credentials are allowed for an origin that is an asterisk", func(_ *http.Request, a *engineio.Answer) {
			a.Header.Set("Access-Control-Allow-Credentials", "true")
		}),
		answers("headers/cors-origin-echoed-without-vary", "the request's origin is named, and the answer does not say that it varies with it", func(r *http.Request, a *engineio.Answer) {
			if origin := r.Header.Get("Origin"); origin != "" {
				a.Header.Set(allowOrigin, origin)
			}
		}),
		answers("headers/each-never-on-noops", "what headers sets is not sent with a noop", func(_ *http.Request, a *engineio.Answer) {
			if string(a.Body) == "6" {
				a.Header.Del("X-Each")
			}
		}),
		answers("headers/each-never-on-the-last-poll", "what headers sets is not sent with the poll that ends a session", func(_ *http.Request, a *engineio.Answer) {
			if string(a.Body) == "1" {
				a.Header.Del("X-Each")
			}
		}),
		engine("headers/preflight-without-headers", "the answer to a preflight allows no headers", func(d *engineio.Departures) {
			d.Preflight = func(_ *http.Request, h http.Header) { h.Del("Access-Control-Allow-Headers") }
		}),
		hooked("headers/cors-not-on-websocket-handshake", "the 101 of a WebSocket handshake lacks the headers of CORS", func(_ *http.Request, kind engineio.AnswerKind, h http.Header) {
			if kind == engineio.SocketAnswer || kind == engineio.UpgradeAnswer {
				h.Del(allowOrigin)
			}
		}),
		hooked("headers/hooks-replace-cors", "where a hook sets headers, those of CORS are not sent", func(_ *http.Request, _ engineio.AnswerKind, h http.Header) {
			if h.Get("X-Each") != "" {
				h.Del(allowOrigin)
			}
		}),
		hooked("headers/hooks-lose-the-content-type", "where a hook sets headers, the Content-Type is not sent", func(_ *http.Request, _ engineio.AnswerKind, h http.Header) {
			if h.Get("X-Each") != "" {
				h["Content-Type"] = nil
			}
		}),
		hooked("headers/cookies-sent-twice", "cookies that a hook sets are sent twice", func(_ *http.Request, _ engineio.AnswerKind, h http.Header) {
			h["Set-Cookie"] = append(slices.Clone(h["Set-Cookie"]), h["Set-Cookie"]...)
		}),
		hooked("headers/client-s-cookies-sent-back", "the client's own cookies are sent back", func(r *http.Request, _ engineio.AnswerKind, h http.Header) {
			for _, cookie := range r.Cookies() {
				h.Add("Set-Cookie", cookie.String())
			}
		}),
		engine("headers/session-s-for-each-request", "the requests of a session get the headers of the first of them", func(d *engineio.Departures) {
			var first sync.Map
			d.Hooked = func(r *http.Request, _ engineio.AnswerKind, h http.Header) {
				if sid := r.URL.Query().Get("sid"); sid != "" && h.Get("X-Each") != "" {
					was, _ := first.LoadOrStore(sid, h.Get("X-Each"))
					h.Set("X-Each", was.(string))
				}
			}
		}),
		engine("headers/post-takes-the-poll-s", "a POST gets the headers of the poll that is under way", func(d *engineio.Departures) {
			var polls sync.Map // the marks of polls under way
			d.Query = func(r *http.Request, q url.Values) {
				if sid, mark := q.Get("sid"), q.Get("mark"); r.Method == http.MethodGet && sid != "" && mark != "" {
					polls.Store(sid, mark)
				}
			}
			d.Hooked = func(r *http.Request, kind engineio.AnswerKind, h http.Header) {
				sid := r.URL.Query().Get("sid")
				if kind == engineio.PollAnswer {
					polls.Delete(sid)
				} else if mark, ok := polls.Load(sid); ok && kind == engineio.PostAnswer {
					h.Set("X-Each", mark.(string))
				}
			}
		}),
		engine("headers/kept-for-the-next-of-its-kind", "what headers set for one request of a session is sent with the next of its kind", func(d *engineio.Departures) {
			var last sync.Map
			d.Hooked = func(r *http.Request, kind engineio.AnswerKind, h http.Header) {
				key := r.URL.Query().Get("sid") + string(kind)
				if own := h.Get("X-Each"); own != "" {
					last.Store(key, own)
				} else if was, ok := last.Load(key); ok {
					h.Set("X-Each", was.(string))
				}
			}
		}),
		calls("headers/each-on-upgrades-twice", "headers is called twice for the upgrade", "headers", func(kind engineio.AnswerKind, usual int) int {
			if kind == engineio.UpgradeAnswer {
				return 2
			}
			return usual
		}),
		hookedOn("headers/on-preflights", "the hooks are called for preflight requests", engineio.Preflight),
		hookedOn("headers/on-failed-requests", "the hooks are called for requests within a session that fail", engineio.UnservedMethod, engineio.Overlap, engineio.Oversize),
		hookedOn("headers/on-malformed-websockets", "the hooks are called for malformed WebSocket handshakes", engineio.MalformedHandshake),
		inVerification("headers/null-origin-refused", "a page without an origin is refused", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal == nil && r.Header.Get("Origin") == "null" {
				return refused(engineio.BadRequest, "name", "INVALID_ORIGIN")
			}
			return refusal
		}),
	)
}

// answers makes a fault that changes the answers over plain HTTP.
func answers(name, summary string, change func(*http.Request, *engineio.Answer)) Fault {
	return engine(name, summary, func(d *engineio.Departures) { d.Answer = change })
}

// hookedOn makes a fault that calls both hooks where neither is due.
func hookedOn(name, summary string, occasions ...engineio.Occasion) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.HookOn = func(o engineio.Occasion) bool { return slices.Contains(occasions, o) }
	})
}
