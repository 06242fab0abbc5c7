package cases

import (
	"maps"
	"math"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// opened calls look with the open packet of a session over each transport.
func opened(look func(*T, *protocol.OpenPacket)) func(*T) {
	return func(t *T) {
		t.Step("over polling")
		look(t, t.Polling().Open)
		t.Step("over WebSocket")
		look(t, t.WebSocket().Open)
	}
}

// upgradesOffered returns the upgrades in a polling session's open packet.
func upgradesOffered(t *T) (upgrades []string) {
	field := t.Polling().Open.Fields["upgrades"]
	t.Decode(field, &upgrades, "a list of strings", "the upgrades of the open packet")
	t.Expect(upgrades, "the upgrades of the open packet").NotTo(BeNil())
	return upgrades
}

// milliseconds checks that a field of the open packet is a whole number of milliseconds, in any JSON form. A number below
// 100 counts as seconds.
func milliseconds(name string) func(*T) {
	return opened(func(t *T, o *protocol.OpenPacket) {
		ms := wholeNumber(t, o, name)
		t.Expect(ms, "the %s in milliseconds", name).To(BeNumerically(">=", 100))
	})
}

// wholeNumber reads a field of the open packet. JSON may spell 300 as 300.0 or 3e2.
func wholeNumber(t *T, o *protocol.OpenPacket, name string) float64 {
	var n float64
	t.Decode(o.Fields[name], &n, "a number", "the %s of the open packet", name)
	t.Expect(n, "the %s of the open packet, which must be a whole number,", name).To(Equal(math.Trunc(n)))
	return n
}

var _ = Add(
	Case{
		ID: "handshake/polling-content-type", Level: Recommended, Rules: rules(pollIsPlainText),
		Title: "declares the answer to a polling handshake as plain text in UTF-8",
		Run: func(t *T) {
			kind := strings.ToLower(strings.ReplaceAll(t.Polling().Handshake.Header.Get("Content-Type"), " ", ""))
			t.Expect(kind, "the Content-Type").To(Equal("text/plain;charset=utf-8"))
		},
	},
	Case{
		ID: "handshake/polling-open-packet", Shows: OpensOverPolling,
		Title: "answers a polling handshake with 200 and an open packet",
		Level: Required,
		Rules: rules(opensOverPolling),
		Run: func(t *T) {
			r := t.GET("?EIO=4&transport=polling")
			t.Expect(r.Status, "the status").To(Equal(200))
			t.OpenPacket(protocol.ParsePayload(r.Body)[0]) // other packets may follow it
		},
	},
	Case{
		ID: "handshake/websocket-open-packet", Shows: OpensOverWebSocket,
		Title: "answers a WebSocket handshake with 101 and an open packet as the first message",
		Level: Required,
		Rules: rules(opensOverWebSocket),
		Run: func(t *T) {
			w, _ := t.Opened("?EIO=4&transport=websocket")
			t.OpenPacket(w.Receive())
		},
	},
	Case{
		ID:    "handshake/sid-is-text",
		Title: "identifies the session with a non-empty string",
		Level: Required,
		Rules: rules(sidIsString),
		Run: func(t *T) {
			look := func(packet string) {
				var open struct{ SID any }
				t.Expect(packet, "the first packet of the session").To(HavePrefix("0"))
				t.Decode([]byte(packet[1:]), &open, "an object", "the payload of the open packet")
				t.Expect(open.SID, "the sid of the open packet").To(BeAssignableToTypeOf(""))
				t.Expect(open.SID, "the sid of the open packet").NotTo(BeEmpty())
			}
			look(protocol.ParsePayload(t.GET("?EIO=4&transport=polling").Body)[0])
			w, _ := t.Opened("?EIO=4&transport=websocket")
			look(w.Receive())
		},
	},
	Case{
		ID:    "handshake/sids-differ",
		Title: "gives each of 20 sessions its own sid",
		Level: Required,
		Rules: rules(sidIsUnique),
		Run: func(t *T) {
			seen := map[string]bool{}
			for range 20 {
				sid := t.Polling().SID
				t.Expect(seen, "the sids given before").NotTo(HaveKey(sid))
				seen[sid] = true
			}
		},
	},
	Case{
		ID:    "handshake/sids-cannot-be-guessed",
		Title: "gives sids that differ from each other in at least 8 places",
		Level: Recommended,
		Rules: rules(sidIsUnique),
		Run: func(t *T) {
			var sids []string
			for range 10 {
				sid := t.Polling().SID
				t.Expect(len(sid), "the length of the sid %s", sid).To(BeNumerically(">=", 12))
				for _, other := range sids {
					differ := 0
					for i := range min(len(sid), len(other)) {
						if sid[i] != other[i] {
							differ++
						}
					}
					t.Expect(differ, "the number of places in which the sids %s and %s differ", sid, other).To(BeNumerically(">=", 8))
				}
				sids = append(sids, sid)
			}
		},
	},
	Case{
		ID:    "handshake/polling-upgrades",
		Title: "offers the upgrade to WebSocket in a polling session's open packet",
		Level: Required,
		Rules: rules(upgradesOverPolling),
		Run: func(t *T) {
			upgrades := upgradesOffered(t)
			if len(upgrades) == 0 { // an operator may not want any
				t.Inapplicable("the target offers no upgrade: the list is empty")
			}
			t.Expect(upgrades, "the upgrades of the open packet").To(ContainElement("websocket"))
		},
	},
	Case{
		ID:    "handshake/polling-offers-upgrades",
		Title: "offers any upgrade in a polling session's open packet",
		Level: Observed,
		Rules: rules(upgradesOverPolling),
		Run: func(t *T) {
			t.Answer("it offers none: clients stay on polling")
			t.Expect(upgradesOffered(t), "the list of upgrades").NotTo(BeEmpty())
			t.Answer("it does")
		},
	},
	Case{
		ID:    "handshake/websocket-upgrades",
		Title: "does not offer an upgrade in the open packet of a session over WebSocket",
		Level: Required,
		Rules: rules(upgradesOverWebSocket),
		Run: func(t *T) {
			t.Expect(t.WebSocket().Open.Fields["upgrades"], "the upgrades of the open packet").To(MatchJSONValue(`[]`))
		},
	},
	Case{
		ID:    "handshake/ping-interval",
		Title: "gives the milliseconds between its pings in the open packet",
		Level: Required,
		Rules: rules(pingIntervalTold),
		Run:   milliseconds("pingInterval"),
	},
	Case{
		ID:    "handshake/ping-timeout",
		Title: "gives the milliseconds that it waits for a pong in the open packet",
		Level: Required,
		Rules: rules(pingTimeoutTold),
		Run:   milliseconds("pingTimeout"),
	},
	Case{
		ID:    "handshake/max-payload",
		Title: "gives the number of bytes that a payload may have in the open packet",
		Level: Required,
		Rules: rules(maxPayloadTold),
		Since: "4.5",
		Run: opened(func(t *T, o *protocol.OpenPacket) {
			t.Expect(wholeNumber(t, o, "maxPayload"), "the maxPayload in bytes").To(BeNumerically(">", 0))
		}),
	},
	Case{
		ID:    "handshake/open-packet-keys",
		Title: "puts sid, upgrades, pingInterval, pingTimeout and maxPayload into the open packet, and nothing else",
		Level: Recommended,
		Rules: rules(openPacketHasFiveKeys),
		Since: "4.5",
		Run: opened(func(t *T, o *protocol.OpenPacket) {
			keys := slices.Collect(maps.Keys(o.Fields))
			t.Expect(keys, "the keys of the open packet").To(ConsistOf("sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"))
		}),
	},
	Case{
		ID:    "handshake/alike-over-both-transports",
		Title: "announces the same times and the same maxPayload over polling and WebSocket",
		Level: Required,
		Rules: rules(pingIntervalTold, pingTimeoutTold),
		Run: func(t *T) {
			p, w := t.Polling().Open, t.WebSocket().Open
			for _, name := range []string{"pingInterval", "pingTimeout", "maxPayload"} {
				if p.Fields[name] == nil && w.Fields[name] == nil {
					continue
				}
				t.Expect(w.Fields[name], "the %s of the open packet over WebSocket", name).To(MatchJSONValue(string(p.Fields[name])))
			}
		},
	},
	Case{
		ID:    "handshake/by-post",
		Title: "answers 400 to a POST without a sid",
		Level: Required,
		Rules: rules(postOpensNoSession),
		Run: func(t *T) {
			r := t.POST("?EIO=4&transport=polling", "")
			t.Expect(r.Status, "the status of the answer").To(Equal(400))
		},
	},
	Case{
		ID:    "handshake/by-other-methods",
		Title: "answers 400 to a handshake by PUT, and refuses one by DELETE or PATCH",
		Level: Required,
		Rules: rules(onlyGETOpensSession),
		Run: func(t *T) {
			t.Expect(t.HTTP("PUT", "?EIO=4&transport=polling").Status, "the status of the answer to a PUT").To(Equal(400))
			for _, method := range []string{"DELETE", "PATCH"} {
				r := t.HTTP(method, "?EIO=4&transport=polling")
				t.Expect(r.Status, "the status of the answer to a %s", method).To(BeNumerically(">=", 400))
			}
		},
	},
	Case{
		ID:    "handshake/cors",
		Title: "lets a page of another origin read its answers if the application allows every origin",
		Level: Recommended,
		Rules: rules(corsForAnyOrigin),
		Needs: Needs{Application: true},
		Run: func(t *T) {
			sharing(t)
			origin := t.Draw("http://other.example")
			allowed := Or(Equal("*"), Equal(origin))
			r := t.GET("?EIO=4&transport=polling", Header("Origin", origin))
			t.Expect(r.Header.Get("Access-Control-Allow-Origin"), "Access-Control-Allow-Origin of the handshake").To(allowed)
			p := t.Polling()
			r = p.POST("3", Header("Origin", origin))
			t.Expect(r.Header.Get("Access-Control-Allow-Origin"), "Access-Control-Allow-Origin of a POST").To(allowed)
		},
	},
	Case{
		ID:    "handshake/cors-preflight",
		Title: "answers a preflight request for a page of another origin with a success status",
		Level: Recommended,
		Rules: rules(corsForAnyOrigin),
		Needs: Needs{Application: true},
		Run: func(t *T) {
			sharing(t)
			origin := t.Draw("http://other.example")
			r := t.HTTP("OPTIONS", "?EIO=4&transport=polling", Header("Origin", origin),
				Header("Access-Control-Request-Method", "POST"), Header("Access-Control-Request-Headers", "content-type"))
			t.Expect(r.Status, "the status of the answer").To(And(BeNumerically(">=", 200), BeNumerically("<", 300)))
			t.Expect(r.Header.Get("Access-Control-Allow-Origin"), "Access-Control-Allow-Origin").To(Or(Equal("*"), Equal(origin)))
		},
	},
)
