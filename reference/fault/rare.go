package fault

import (
	"net/http"
	"net/url"
	"sync/atomic"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults that act only now and then, or late.
func init() {
	register(
		Fault{
			Name:     "rare/denied-let-in",
			Breaks:   "announcement/66",
			Sentence: "One in fifty requests that the application refuses opens a session.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := nowAndThen()
				rules.Requests = override.Verify(rules.Requests, func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal != nil && refusal.Code == 4 && acts() {
						return nil
					}
					return refusal
				})
			}),
		},
		Fault{
			Name:     "rare/event-with-another-code",
			Breaks:   "announcement/71",
			Sentence: "One in fifty connection errors has another code than the refusal of the request.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := nowAndThen()
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if acts() {
						e.Code = (e.Code + 1) % 6
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Fault{
			Name:     "rare/event-raised-twice",
			Breaks:   "announcement/7",
			Sentence: "One in fifty connection errors is raised twice.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := nowAndThen()
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if acts() {
						return []engineio.ConnectionError{e, e}
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Fault{
			Name:     "rare/initial-headers-left-out",
			Breaks:   "announcement/13",
			Sentence: "One in fifty handshakes is answered without the headers that initial_headers set.",
			Apply: engine(func(rules *engineio.Rules) {
				acts := nowAndThen()
				rules.Headers = override.Hooked(rules.Headers, func(_ *http.Request, kind engineio.Occasion, h http.Header) {
					if kind == engineio.HandshakeAnswer && acts() {
						h.Del("X-Initial")
					}
				})
			}),
		},
		Fault{
			Name:     "rare/events-doubled",
			Breaks:   "socket.io/153",
			Sentence: "One in fifty events is sent twice.",
			Apply: fresh(func() apply {
				acts := nowAndThen()
				return packetsOut(func(_ client, p pkt) []pkt {
					if p.Type == packet.Event && p.ID == nil && acts() {
						return []pkt{p, p}
					}
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "rare/acknowledgements-lost",
			Breaks:   "socket.io/164",
			Sentence: "One in fifty acknowledgements is not sent.",
			Apply: fresh(func() apply {
				acts := nowAndThen()
				return dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && acts() })
			}),
		},
		Fault{
			Name:     "rare/questions-with-a-used-id",
			Breaks:   "socket.io/171",
			Sentence: "One in fifty questions has the ID of the question before it.",
			Apply: fresh(func() apply {
				acts := nowAndThen()
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
		Fault{
			Name:     "rare/answers-of-servers-changed",
			Breaks:   "announcement/38",
			Sentence: "The callback of one in fifty questions between servers gets no answer.",
			Apply: fresh(func() apply {
				acts := nowAndThen()
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
		Fault{
			Name:     "rare/pings-with-payload-when-worn",
			Breaks:   "engine.io/76",
			Sentence: "Pings have a payload from the 150th session on.",
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
			Sentence: "No acknowledgement is sent from the 150th session on.",
			Apply: func(o *application.Options) {
				var acts func() bool
				engine(func(rules *engineio.Rules) { acts = worn(rules) })(o)
				dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && acts() })(o)
			},
		},
	)
}

// rarely is how often the faults of this file act: once in that many times.
const rarely = 50

// nowAndThen returns a function that reports true once in fifty calls. Each server or cluster has its own count.
func nowAndThen() func() bool {
	var n atomic.Int64
	return func() bool { return n.Add(1)%rarely == 0 }
}

// wornAfter is how many sessions a server opens before the faults of this file act.
const wornAfter = 150

// worn counts the sessions of a server, and returns a function that reports whether wornAfter have been opened.
func worn(rules *engineio.Rules) func() bool {
	var n atomic.Int64
	rules.Handshake = override.SessionID(rules.Handshake, func(id string) string {
		n.Add(1)
		return id
	})
	return func() bool { return n.Load() >= wornAfter }
}
