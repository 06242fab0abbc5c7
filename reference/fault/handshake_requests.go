package fault

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in how handshake requests are read and answered.
func init() {
	register(
		Fault{
			Name:     "handshake/caching-allowed",
			Breaks:   "engine.io/35",
			Sentence: "The answer to a handshake does not forbid caching.",
			Apply:    inAnswers(engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Del("Cache-Control") }),
		},
		Fault{
			Name:     "handshake/cookie-names-the-session",
			Breaks:   "engine.io/10",
			Sentence: "A cookie with a session's ID counts as the sid of a handshake.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if c, err := r.Cookie("io"); err == nil && !q.Has("sid") {
					q.Set("sid", c.Value)
				}
			}),
		},
		Fault{
			Name:     "handshake/sids-given-again",
			Breaks:   "engine.io/70",
			Sentence: "The ID of a session that its client has closed is given to later sessions.",
			Apply: engine(func(rules *engineio.Rules) {
				var free atomic.Pointer[string]
				var opened atomic.Int64
				rules.Session = override.Incoming(rules.Session, func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
					for _, p := range packets {
						if p.Type == engineio.Close && transport == engineio.Polling {
							id := s.ID()
							free.Store(&id)
						}
					}
					return packets
				})
				rules.Handshake = override.SessionID(rules.Handshake, func(id string) string {
					if again := free.Load(); again != nil && opened.Add(1)%3 == 0 {
						return *again
					}
					return id
				})
			}),
		},
		Fault{
			Name:     "handshake/version-of-the-connection",
			Breaks:   "engine.io/5",
			Sentence: "The protocol version of a connection's first request counts for its later ones, too.",
			Apply: onConnections(func(c net.Conn, _ net.Listener) net.Conn {
				var first []byte
				return &readConn{c, func(p []byte) []byte {
					at := bytes.Index(p, []byte("EIO="))
					if at < 0 || at+5 > len(p) {
						return p
					}
					if version := p[at+4 : at+5]; first == nil {
						first = bytes.Clone(version)
					} else {
						copy(version, first)
					}
					return p
				}}
			}),
		},
		Fault{
			Name:     "handshake/pipelined-requests-dropped",
			Breaks:   "robustness/20",
			Sentence: "A request that comes together with the one before it is dropped.",
			Apply: onConnections(func(c net.Conn, _ net.Listener) net.Conn {
				return &readConn{c, func(p []byte) []byte {
					head, next, _ := bytes.Cut(p, []byte("\r\n\r\n"))
					if bytes.HasPrefix(next, []byte("GET ")) {
						return p[:len(head)+len("\r\n\r\n")]
					}
					return p
				}}
			}),
		},
		Fault{
			Name:     "handshake/escaped-parameters-unread",
			Breaks:   "robustness/9",
			Sentence: "Parameters with escaped characters are not recognized.",
			Apply: inVerification(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal == nil && strings.Contains(r.URL.RawQuery, "%70oll") {
					return refused(engineio.TransportUnknown, "transport", "%70oll%69ng")
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/http-1-0-refused",
			Breaks:   "robustness/10",
			Sentence: "HTTP/1.0 requests are refused.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal == nil && !r.ProtoAtLeast(1, 1) {
					return refused(engineio.BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/absolute-form-refused",
			Breaks:   "robustness/11",
			Sentence: "Requests whose target is a whole URL are refused.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal == nil && strings.HasPrefix(r.RequestURI, "http") {
					return refused(engineio.BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/object-members-are-transports",
			Breaks:   "engine.io/9",
			Sentence: "A transport named like a member of every JavaScript object is taken for the one that fits the request.",
			Apply: queries(func(r *http.Request, q url.Values) {
				switch {
				case !slices.Contains(objectMembers, q.Get("transport")):
				case websocket.IsWebSocketUpgrade(r):
					q.Set("transport", engineio.WebSocket)
				default:
					q.Set("transport", engineio.Polling)
				}
			}),
		},
		Fault{
			Name:     "handshake/session-of-the-address",
			Breaks:   "engine.io/10",
			Sentence: "A handshake within a tenth of a second of another from the same address is answered with that one's session.",
			Apply: engine(func(rules *engineio.Rules) {
				var mu sync.Mutex
				type handshake struct {
					at   time.Time
					body []byte
				}
				latest := map[string]handshake{}
				rules.Headers = override.Answer(rules.Headers, func(r *http.Request, a *engineio.Answer) {
					if a.On != engineio.HandshakeAnswer {
						return
					}
					address, _, _ := net.SplitHostPort(r.RemoteAddr)
					mu.Lock()
					defer mu.Unlock()
					if before := latest[address]; time.Since(before.at) < 100*time.Millisecond {
						a.Body = before.body
						return
					}
					latest[address] = handshake{time.Now(), bytes.Clone(a.Body)}
				})
			}),
		},
		Fault{
			Name:     "handshake/thirty-at-once",
			Breaks:   "robustness/5",
			Sentence: "At most thirty handshakes are accepted in a quarter of a second.",
			Apply: engine(func(rules *engineio.Rules) {
				var mu sync.Mutex
				var taken []time.Time
				rules.Requests = override.Verify(rules.Requests, func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal != nil || q.Has("sid") {
						return refusal
					}
					mu.Lock()
					defer mu.Unlock()
					taken = slices.DeleteFunc(taken, func(at time.Time) bool { return time.Since(at) > 250*time.Millisecond })
					if len(taken) >= 30 {
						return &engineio.Refusal{Code: engineio.BadRequest}
					}
					taken = append(taken, time.Now())
					return nil
				})
			}),
		},
		Fault{
			Name:     "handshake/version-of-a-session-forgotten",
			Breaks:   "engine.io/13",
			Sentence: "A poll may name a protocol version other than its session's.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if q.Has("sid") && r.Method == http.MethodGet && q.Get("transport") == engineio.Polling {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "handshake/version-read-as-a-number",
			Breaks:   "engine.io/4",
			Sentence: "Only the whole number with which the protocol version begins counts.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				var n int
				if _, err := fmt.Sscanf(q.Get("EIO"), "%d", &n); err == nil {
					q.Set("EIO", strconv.Itoa(n))
				}
			}),
		},
		Fault{
			Name:     "handshake/version-rounded-down",
			Breaks:   "engine.io/6",
			Sentence: "The fraction of a protocol version is ignored.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if n, err := strconv.ParseFloat(q.Get("EIO"), 64); err == nil {
					q.Set("EIO", strconv.Itoa(int(n)))
				}
			}),
		},
		Fault{
			Name:     "handshake/version-trimmed",
			Breaks:   "announcement/60",
			Sentence: "Spaces around the protocol version are ignored.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if version := strings.TrimSpace(q.Get("EIO")); version != "" {
					q.Set("EIO", version)
				}
			}),
		},
		Fault{
			Name:     "polling/transport-of-a-session-optional",
			Breaks:   "engine.io/7",
			Sentence: "A session's poll or POST without a transport is served.",
			Apply:    inSession("transport", false, engineio.Polling),
		},
		Fault{
			Name:     "upgrade/transport-optional",
			Breaks:   "engine.io/37",
			Sentence: "A session's WebSocket without a transport is served.",
			Apply:    inSession("transport", true, engineio.WebSocket),
		},
		Fault{
			Name:     "polling/version-of-a-session-optional",
			Breaks:   "engine.io/218",
			Sentence: "A session's poll or POST without a protocol version is served.",
			Apply:    inSession("EIO", false, "4"),
		},
		Fault{
			Name:     "upgrade/version-optional",
			Breaks:   "engine.io/218",
			Sentence: "A session's WebSocket without a protocol version is served.",
			Apply:    inSession("EIO", true, "4"),
		},
		Fault{
			Name:     "polling/sids-in-any-case",
			Breaks:   "engine.io/26",
			Sentence: "The letter case of a sid does not count.",
			Apply:    sidsAlike(strings.ToLower),
		},
		Fault{
			Name:     "polling/sids-trimmed",
			Breaks:   "engine.io/18",
			Sentence: "Spaces around a sid are ignored.",
			Apply:    sidsAlike(strings.TrimSpace),
		},
		Fault{
			Name:     "upgrade/sids-cut-short",
			Breaks:   "engine.io/43",
			Sentence: "Only the first twelve characters of a sid count.",
			Apply:    sidsAlike(func(sid string) string { return sid[:min(len(sid), 12)] }),
		},
		Fault{
			Name:     "handshake/timeout-in-seconds",
			Breaks:   "engine.io/67",
			Sentence: "The announced pingTimeout is in seconds.",
			Apply:    inOpenPacket("", func(f map[string]any) { f["pingTimeout"] = f["pingTimeout"].(float64) / 1000 }),
		},
		Fault{
			Name:     "handshake/preflight-without-origin",
			Breaks:   "engine.io/74",
			Sentence: "The answer to a preflight request allows no origin.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.CORS = override.Preflight(rules.CORS, func(_ *http.Request, h http.Header) { h.Del("Access-Control-Allow-Origin") })
			}),
		},
	)
}

// inSession makes a fault that gives a parameter a default in the requests of sessions, either in WebSocket handshakes or in
// the others.
func inSession(name string, socket bool, value string) apply {
	return queries(func(r *http.Request, q url.Values) {
		if q.Has("sid") && !q.Has(name) && websocket.IsWebSocketUpgrade(r) == socket {
			q.Set(name, value)
		}
	})
}

// sidsAlike makes a fault that takes two sids for the same if what it makes of them is the same.
func sidsAlike(made func(sid string) string) apply {
	return engine(func(rules *engineio.Rules) {
		var given sync.Map
		rules.Handshake = override.SessionID(rules.Handshake, func(id string) string {
			given.Store(made(id), id)
			return id
		})
		rules.Requests = override.Query(rules.Requests, func(_ *http.Request, q url.Values) {
			if id, ok := given.Load(made(q.Get("sid"))); ok {
				q.Set("sid", id.(string))
			}
		})
	})
}
