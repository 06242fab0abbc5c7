package fault

import (
	"net/http"
	"sync"

	"example.test/conformance/reference/engineio"
)

// calls makes a fault that changes how often a header hook is called.
func calls(name, summary, hook string, times func(kind engineio.AnswerKind, usual int) int) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.Calls = func(called string, kind engineio.AnswerKind, usual int) int {
			if called == hook {
				return times(kind, usual)
			}
			return usual
		}
	})
}

// never is a hook that is not called for answers of some kinds.
func never(kinds ...engineio.AnswerKind) func(engineio.AnswerKind, int) int {
	return func(kind engineio.AnswerKind, usual int) int {
		for _, k := range kinds {
			if k == kind {
				return 0
			}
		}
		return usual
	}
}

func init() {
	const initial, each = "initial_headers", "headers"
	register(
		calls("headers/initial-never-over-polling", "initial_headers is not called for a polling handshake", initial, never(engineio.HandshakeAnswer)),
		calls("headers/initial-never-over-websocket", "initial_headers is not called for a WebSocket handshake", initial, never(engineio.SocketAnswer)),
		calls("headers/initial-on-every-request", "initial_headers is called for every request", initial, func(engineio.AnswerKind, int) int { return 1 }),
		calls("headers/initial-on-upgrade", "initial_headers is called again for the upgrade", initial, func(kind engineio.AnswerKind, usual int) int {
			if kind == engineio.UpgradeAnswer {
				return 1
			}
			return usual
		}),
		calls("headers/initial-on-posts", "initial_headers is called for POSTs, too", initial, func(kind engineio.AnswerKind, usual int) int {
			if kind == engineio.PostAnswer {
				return 1
			}
			return usual
		}),
		calls("headers/initial-twice", "initial_headers is called twice", initial, func(_ engineio.AnswerKind, usual int) int { return 2 * usual }),
		calls("headers/each-never-on-polls", "headers is not called for polls", each, never(engineio.PollAnswer)),
		calls("headers/each-never-on-posts", "headers is not called for POSTs", each, never(engineio.PostAnswer)),
		calls("headers/each-never-on-handshake", "headers is not called for a session's first request", each, never(engineio.HandshakeAnswer, engineio.SocketAnswer)),
		calls("headers/each-never-over-websocket", "headers is not called for WebSocket handshakes", each, never(engineio.SocketAnswer, engineio.UpgradeAnswer)),
		calls("headers/each-never-on-upgrade", "headers is not called for the upgrade", each, never(engineio.UpgradeAnswer)),
		calls("headers/each-twice", "headers is called twice", each, func(_ engineio.AnswerKind, usual int) int { return 2 * usual }),
		engine("headers/each-before-initial", "headers is called before initial_headers, which has the last word", func(d *engineio.Departures) { d.HeadersFirst = true }),
		engine("headers/each-for-messages", "headers is called for messages over WebSocket, too", func(d *engineio.Departures) { d.HookMessages = true }),
		engine("headers/on-refusals", "the hooks are called for refused requests, too", func(d *engineio.Departures) { d.HookRefusals = true }),
		hooked("headers/lost-on-websocket-handshake", "what the hooks set is not sent with the 101", func(_ *http.Request, kind engineio.AnswerKind, h http.Header) {
			if kind == engineio.SocketAnswer || kind == engineio.UpgradeAnswer {
				clear(h)
			}
		}),
		hooked("headers/cookies-lost", "cookies that a hook sets are not sent", func(_ *http.Request, _ engineio.AnswerKind, h http.Header) { h.Del("Set-Cookie") }),
		hooked("headers/both-values-sent", "where both hooks set a header, both values are sent", func(_ *http.Request, kind engineio.AnswerKind, h http.Header) {
			if (kind == engineio.HandshakeAnswer || kind == engineio.SocketAnswer) && h.Get("Test") != "" {
				h["Test"] = []string{"123", h.Get("Test")}
			}
		}),
		engine("headers/first-session-s-for-all", "every session gets the headers of the first", func(d *engineio.Departures) {
			var once sync.Once
			var first http.Header
			d.Hooked = func(_ *http.Request, kind engineio.AnswerKind, h http.Header) {
				if h.Get("X-Initial") == "" {
					return
				}
				once.Do(func() { first = h.Clone() })
				h["X-Initial"] = first["X-Initial"]
			}
		}),
		engine("headers/shared-between-requests", "what the hooks set for one request is sent with the next one, too", func(d *engineio.Departures) {
			var mu sync.Mutex
			var before http.Header
			d.Hooked = func(_ *http.Request, _ engineio.AnswerKind, h http.Header) {
				mu.Lock()
				defer mu.Unlock()
				for name, values := range before {
					if h[name] == nil && (name == "X-Each" || name == "X-Initial") {
						h[name] = values
					}
				}
				before = h.Clone()
			}
		}),
	)
}

func hooked(name, summary string, change func(*http.Request, engineio.AnswerKind, http.Header)) Fault {
	return engine(name, summary, func(d *engineio.Departures) { d.Hooked = change })
}
