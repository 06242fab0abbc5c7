package fault

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

func init() {
	register(rare("One in fifty", func() func() bool { return everyNth(rarely) })...)
	register(
		Fault{
			Name:     "rare/pings-with-payload-when-worn",
			Breaks:   "engine.io/76",
			Sentence: "Pings have a payload from the 300th session on.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := worn(rules)
				rules.Session = override.Outgoing(rules.Session, func(_ *engineio.Session, _ string, packets []engineio.Packet) []engineio.Packet {
					for i := range packets {
						if packets[i].Type == engineio.Ping && acts() {
							packets[i].Data = []byte("x")
						}
					}
					return packets
				})
			}),
		},
		Fault{
			Name:     "rare/acknowledgements-lost-when-worn",
			Breaks:   "socket.io/164",
			Sentence: "No acknowledgement is sent from the 300th session on.",
			Apply: func(o *application.Options) {
				var acts func() bool
				engine(func(rules *engineio.Rules) { acts = worn(rules) })(o)
				dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && acts() })(o)
			},
		},
		Fault{
			Name:     "rare/events-lost-under-load",
			Breaks:   "socket.io/153",
			Sentence: "One in five events is not sent while more than ten sockets are connected.",
			Apply: fresh(func() apply {
				var connected atomic.Int64
				acts := everyNth(5)
				return all(
					records(func(e application.Entry) []application.Entry {
						switch e.Type {
						case "connection":
							connected.Add(1)
						case "disconnect":
							connected.Add(-1)
						}
						return []application.Entry{e}
					}),
					dropped(func(_ client, p pkt) bool {
						return p.Type == packet.Event && p.ID == nil && p.Name() != "auth" && connected.Load() > 10 && acts()
					}),
				)
			}),
		},
		Fault{
			Name:     "rare/acknowledgements-mixed-up",
			Breaks:   "socket.io/164",
			Sentence: "A client that is answered within five milliseconds of another gets the values of the other's acknowledgement.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				var last struct {
					session string
					data    []value
					at      time.Time
				}
				return packetsOut(func(c client, p pkt) []pkt {
					if p.Type != packet.Ack {
						return []pkt{p}
					}
					mu.Lock()
					defer mu.Unlock()
					own := slices.Clone(p.Data)
					if session := c.Session().ID(); session != last.session {
						if time.Since(last.at) < 5*time.Millisecond {
							p.Data = last.data
						}
						last.session = session
					}
					last.data, last.at = own, time.Now()
					return []pkt{p}
				})
			}),
		},
	)
}

// Rare returns the faults that act now and then, but each at random, on average once in that many times.
func Rare(oneIn int) []Fault {
	return rare(fmt.Sprintf("One in %d", oneIn), func() func() bool { return func() bool { return rand.IntN(oneIn) == 0 } })
}

// rare returns the faults that act now and then. Seldom makes a function that says when; often is how often that is, as the
// beginning of a sentence.
func rare(often string, seldom func() func() bool) []Fault {
	return []Fault{
		{
			Name:     "rare/denied-let-in",
			Breaks:   "announcement/66",
			Sentence: often + " requests that the application refuses opens a session.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := seldom()
				rules.Requests = override.Verify(rules.Requests, func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal != nil && refusal.Code == 4 && acts() {
						return nil
					}
					return refusal
				})
			}),
		},
		{
			Name:     "rare/event-with-another-code",
			Breaks:   "announcement/71",
			Sentence: often + " connection errors has a code other than that of the request's refusal.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := seldom()
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if acts() {
						e.Code = (e.Code + 1) % 6
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		{
			Name:     "rare/event-raised-twice",
			Breaks:   "announcement/7",
			Sentence: often + " connection errors is raised twice.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := seldom()
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if acts() {
						return []engineio.ConnectionError{e, e}
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		{
			Name:     "rare/initial-headers-left-out",
			Breaks:   "announcement/13",
			Sentence: often + " handshakes is answered without the headers that initial_headers set.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := seldom()
				rules.Headers = override.Hooked(rules.Headers, func(_ *http.Request, kind engineio.Occasion, h http.Header) {
					if kind == engineio.HandshakeAnswer && acts() {
						h.Del("X-Initial")
					}
				})
			}),
		},
		{
			Name:     "rare/probes-unanswered",
			Breaks:   "engine.io/87",
			Sentence: often + " probes gets no answer.",
			Apply: fresh(func() apply {
				acts := seldom()
				return outgoing(engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
					if isProbe(packets) && acts() {
						return nil
					}
					return packets
				})
			}),
		},
		{
			Name:     "rare/events-doubled",
			Breaks:   "socket.io/153",
			Sentence: often + " events is sent twice.",
			Apply: fresh(func() apply {
				acts := seldom()
				return packetsOut(func(_ client, p pkt) []pkt {
					if p.Type == packet.Event && p.ID == nil && acts() {
						return []pkt{p, p}
					}
					return []pkt{p}
				})
			}),
		},
		{
			Name:     "rare/acknowledgements-lost",
			Breaks:   "socket.io/164",
			Sentence: often + " acknowledgements is not sent.",
			Apply: fresh(func() apply {
				acts := seldom()
				return dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && acts() })
			}),
		},
		{
			Name:     "rare/questions-with-a-used-id",
			Breaks:   "socket.io/171",
			Sentence: often + " questions has the ID of the question before it.",
			Apply: fresh(func() apply {
				acts := seldom()
				var last memory[uint64]
				return packetsOut(func(c client, p pkt) []pkt {
					if p.Type == packet.Event && p.ID != nil {
						last.of(c, func(id *uint64) {
							if acts() {
								p.ID = new(*id)
							}
							*id = *p.ID
						})
					}
					return []pkt{p}
				})
			}),
		},
		{
			Name:     "rare/answers-of-servers-changed",
			Breaks:   "announcement/38",
			Sentence: often + " questions between servers gets no answer in its callback.",
			Apply: fresh(func() apply {
				acts := seldom()
				return app(func(rules *application.Rules) {
					rules.Control = override.Outcomes(rules.Control, func(outcome application.Outcome) []application.Outcome {
						if outcome.Err == nil && acts() {
							outcome.Responses = nil
						}
						return []application.Outcome{outcome}
					})
				})
			}),
		},
		{
			Name:     "rare/acknowledgements-to-another-client",
			Breaks:   "socket.io/164",
			Sentence: often + " acknowledgements is sent to another client.",
			Apply: fresh(func() apply {
				acts := seldom()
				var mu sync.Mutex
				var astray pkt
				var from string
				return packetsOut(func(c client, p pkt) []pkt {
					mu.Lock()
					defer mu.Unlock()
					session := c.Session().ID()
					switch {
					case astray != nil && session != from:
						both := []pkt{astray, p}
						astray = nil
						return both
					case astray == nil && p.Type == packet.Ack && acts():
						astray, from = p, session
						return nil
					}
					return []pkt{p}
				})
			}),
		},
	}
}

// rarely is how often the faults of this file act: once in that many times.
const rarely = 50

// everyNth returns a function that reports true in every nth call.
func everyNth(nth int64) func() bool {
	var n atomic.Int64
	return func() bool { return n.Add(1)%nth == 0 }
}

// wornAfter is how many sessions a server opens before the faults of this file act.
const wornAfter = 300

// worn counts the sessions of a server, and returns a function that reports whether wornAfter have been opened.
func worn(rules *engineio.Rules) func() bool {
	var n atomic.Int64
	rules.Handshake = override.SessionID(rules.Handshake, func(id string) string {
		n.Add(1)
		return id
	})
	return func() bool { return n.Load() >= wornAfter }
}
