package variant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

const (
	anyTimers = "The document sets no limits for the timers that a server announces."
	harmless  = "The document gives the noop packet no effect: a client ignores it."
)

func init() {
	register(
		Variant{
			Name: "packets/noops", Summary: "adds a noop to the packets of a poll", Permitted: harmless,
			Apply: outgoing(engineio.Polling, func(packets []engineio.Packet) []engineio.Packet {
				if packets[0].Type == engineio.Open { // the open packet must come first
					return packets
				}
				return append([]engineio.Packet{{Type: engineio.Noop}}, packets...)
			}),
		},
		Variant{
			Name: "packets/noop-over-websocket", Summary: "sends a noop over WebSocket before each packet", Permitted: harmless,
			Apply: outgoing(engineio.WebSocket, func(packets []engineio.Packet) (all []engineio.Packet) {
				for _, p := range packets {
					if p.Type == engineio.Text || p.Type == engineio.Ping {
						all = append(all, engineio.Packet{Type: engineio.Noop})
					}
					all = append(all, p)
				}
				return all
			}),
		},
		Variant{
			Name: "packets/attachments-from-the-last", Summary: "sends the attachments of a packet in reverse order, and numbers its placeholders accordingly",
			Permitted: "The document: a placeholder has the number of its attachment. It does not say in which order placeholders get their numbers.",
			Apply:     all(outgoing(engineio.Polling, attachmentsReversed), outgoing(engineio.WebSocket, attachmentsReversed)),
		},
		Variant{
			Name: "websocket/compressed", Summary: "compresses its messages over WebSocket for clients that offer it",
			Permitted: "RFC 7692: a server may accept the extension that a client offers.",
			Apply:     func(o *application.Options) { o.Compression = true },
		},
		Variant{
			Name: "timers/long-and-short", Summary: "has a pingInterval of 5000 ms and a pingTimeout of 200 ms", Permitted: anyTimers,
			Apply: func(o *application.Options) {
				o.PingInterval, o.PingTimeout = 5*time.Second, 200*time.Millisecond
			},
		},
		Variant{
			Name: "timers/connect-timeout-first", Summary: "has a connectTimeout below its pingInterval", Permitted: anyTimers,
			Apply: func(o *application.Options) {
				o.PingInterval, o.PingTimeout, o.ConnectTimeout = 2*time.Second, time.Second, time.Second
			},
		},
		Variant{
			Name: "timers/pings-far-apart", Summary: "pings every two seconds and waits for three", Permitted: anyTimers,
			Apply: func(o *application.Options) {
				o.PingInterval, o.PingTimeout, o.ConnectTimeout = 2*time.Second, 3*time.Second, 3*time.Second
			},
		},
		Variant{
			Name: "limits/payload-of-1000", Summary: "accepts payloads of 1000 bytes",
			Permitted: "The document sets no minimum for maxPayload.",
			Apply:     func(o *application.Options) { o.MaxPayload = 1000 },
		},
		Variant{
			Name: "limits/payload-of-100", Summary: "accepts payloads of 100 bytes",
			Permitted: "The document sets no minimum for maxPayload.",
			Apply:     func(o *application.Options) { o.MaxPayload = 100 },
		},
		Variant{
			Name: "events/no-context", Summary: "raises connection errors with an empty context",
			Permitted: "The announcement shows a context but does not say what it contains.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					e.Context = map[string]any{}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Variant{
			Name: "events/other-context", Summary: "raises connection errors with other names in their context",
			Permitted: "The announcement shows a context but does not say what it contains.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					e.Context = map[string]any{"cause": "x", "details": e.Context}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Variant{
			Name: "transports/polling-alone", Summary: "offers no WebSocket",
			Permitted: "Which transports a server offers is its operator's choice.",
			Apply: all(openPacket(withoutUpgrades), override.Engine(func(rules *engineio.Rules) {
				rules.Requests = override.Verify(rules.Requests, func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal == nil && q.Get("transport") == engineio.WebSocket {
						return &engineio.Refusal{Code: 0, Context: map[string]any{"transport": engineio.WebSocket}}
					}
					return refusal
				})
			})),
		},
		Variant{
			Name: "transports/websocket-alone", Summary: "offers no polling",
			Permitted: "Which transports a server offers is its operator's choice.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				rules.Requests = override.Verify(rules.Requests, func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal == nil && q.Get("transport") == engineio.Polling && q.Get("sid") == "" {
						return &engineio.Refusal{Code: 0, Context: map[string]any{"transport": engineio.Polling}}
					}
					return refusal
				})
			}),
		},
	)
}

// outgoing changes the packets that a server sends over a transport at once.
func outgoing(transport string, change func([]engineio.Packet) []engineio.Packet) func(*application.Options) {
	return override.Engine(func(rules *engineio.Rules) {
		rules.Session = override.Outgoing(rules.Session, func(_ *engineio.Session, over string, packets []engineio.Packet) []engineio.Packet {
			if over == transport {
				return change(packets)
			}
			return packets
		})
	})
}

// all applies several changes.
func all(applies ...func(*application.Options)) func(*application.Options) {
	return func(o *application.Options) {
		for _, apply := range applies {
			apply(o)
		}
	}
}

func withoutUpgrades(text string) string {
	fields := map[string]any{}
	_ = json.Unmarshal([]byte(text), &fields)
	fields["upgrades"] = []string{}
	changed, _ := json.Marshal(fields)
	return string(changed)
}

// The head of a packet with attachments, and the number in a placeholder.
var (
	attaching         = regexp.MustCompile(`^[56](\d+)-`)
	placeholderNumber = regexp.MustCompile(`"num":(\d+)`)
)

// attachmentsReversed numbers the attachments of each packet from the last to the first.
func attachmentsReversed(packets []engineio.Packet) []engineio.Packet {
	changed := slices.Clone(packets)
	for i, p := range changed {
		head := attaching.FindSubmatch(p.Data)
		if p.Binary || head == nil {
			continue
		}
		n, _ := strconv.Atoi(string(head[1]))
		if n < 2 || i+n >= len(changed) {
			continue
		}
		changed[i].Data = placeholderNumber.ReplaceAllFunc(p.Data, func(number []byte) []byte {
			was, _ := strconv.Atoi(string(bytes.TrimPrefix(number, []byte(`"num":`))))
			return fmt.Appendf(nil, `"num":%d`, n-1-was)
		})
		slices.Reverse(changed[i+1 : i+1+n])
	}
	return changed
}
