package cases

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// opened calls look with the open packet of a session over either transport.
func opened(look func(*T, *OpenPacket)) func(*T) {
	return func(t *T) {
		t.Step("over polling")
		look(t, t.Polling().Open)
		t.Step("over WebSocket")
		look(t, t.WebSocket().Open)
	}
}

// upgradesOffered in a polling session's open packet.
func upgradesOffered(t *T) (upgrades []string) {
	field := t.Polling().Open.Fields["upgrades"]
	t.Expect(json.Unmarshal(field, &upgrades)).To(Succeed(), "upgrades is an array of strings: %s", field)
	t.Expect(upgrades).NotTo(BeNil(), "upgrades is an array: %s", field)
	return upgrades
}

// milliseconds sees that a field of the open packet is a whole number of milliseconds. One below 100
// is taken for a number of seconds.
func milliseconds(name string) func(*T) {
	return opened(func(t *T, o *OpenPacket) {
		var ms int64
		t.Expect(json.Unmarshal(o.Fields[name], &ms)).To(Succeed(), "%s is a whole number: %s", name, o.Fields[name])
		t.Expect(ms).To(BeNumerically(">=", 100), "%s in milliseconds", name)
	})
}

var _ = Add(
	Case{
		ID: "handshake/polling-content-type", Level: Recommended, Source: socketSample,
		Faults: []string{"handshake/as-json"},
		Title:  "declares the answer to a polling handshake as plain text in UTF-8",
		Run: func(t *T) {
			kind := strings.ToLower(strings.ReplaceAll(t.Polling().Handshake.Header.Get("Content-Type"), " ", ""))
			t.Expect(kind).To(Equal("text/plain;charset=utf-8"), "the Content-Type")
		},
	},
	Case{
		ID:     OpensOverPolling,
		Faults: []string{"handshake/created", "handshake/open-packet-without-type", "handshake/times-as-text"},
		Title:  "answers a polling handshake with 200 and an open packet",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			r := t.GET("?EIO=4&transport=polling")
			t.Expect(r.Status).To(Equal(200), "the status")
			_, err := ParseOpen(r.Body)
			t.Expect(err).NotTo(HaveOccurred(), "the open packet %s", r.Body)
		},
	},
	Case{
		ID:     OpensOverWebSocket,
		Faults: []string{"handshake/keys-in-snake-case", "handshake/no-ping-timeout", "handshake/open-packet-of-another-type"},
		Title:  "answers a WebSocket handshake with 101 and an open packet as the first message",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			w, r := t.Upgrade("?EIO=4&transport=websocket")
			t.Expect(r.Status).To(Equal(101), "the status")
			open := w.Receive()
			_, err := ParseOpen(open)
			t.Expect(err).NotTo(HaveOccurred(), "the open packet %s", open)
		},
	},
	Case{
		ID:     "handshake/sid-is-text",
		Faults: []string{"handshake/length-prefixed", "handshake/sid-as-number", "handshake/websocket-open-packet-binary"},
		Title:  "names the session with a string, which is not empty",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			look := func(packet string) {
				var open struct{ SID any }
				t.Expect(packet).To(HavePrefix("0"))
				t.Expect(json.Unmarshal([]byte(packet[1:]), &open)).To(Succeed(), "the open packet %s", packet)
				t.Expect(open.SID).To(BeAssignableToTypeOf(""), "the sid in %s", packet)
				t.Expect(open.SID).NotTo(BeEmpty(), "the sid in %s", packet)
			}
			look(ParsePayload(t.GET("?EIO=4&transport=polling").Body)[0])
			w, _ := t.Upgrade("?EIO=4&transport=websocket")
			look(w.Receive())
		},
	},
	Case{
		ID:     "handshake/sids-differ",
		Faults: []string{"handshake/sid-repeats"},
		Title:  "gives each of 20 sessions a sid of its own",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			seen := map[string]bool{}
			for range 20 {
				sid := t.Polling().SID
				t.Expect(seen).NotTo(HaveKey(sid), "the sids that were given before")
				seen[sid] = true
			}
		},
	},
	Case{
		ID:     "handshake/sids-cannot-be-guessed",
		Faults: []string{"handshake/short-sid", "handshake/sids-count-up"},
		Title:  "gives sids that differ from each other in 8 places at least",
		Level:  Recommended,
		Source: engineHandshake,
		Run: func(t *T) {
			var sids []string
			for range 10 {
				sid := t.Polling().SID
				t.Expect(len(sid)).To(BeNumerically(">=", 12), "the length of the sid %s", sid)
				for _, other := range sids {
					differ := 0
					for i := range min(len(sid), len(other)) {
						if sid[i] != other[i] {
							differ++
						}
					}
					t.Expect(differ).To(BeNumerically(">=", 8), "places in which the sids %s and %s differ", sid, other)
				}
				sids = append(sids, sid)
			}
		},
	},
	Case{
		ID:     "handshake/polling-upgrades",
		Faults: []string{"handshake/upgrades-as-text", "handshake/upgrades-under-another-name", "handshake/upgrades-null-over-polling"},
		Title:  "offers the upgrade to WebSocket in a polling session's open packet",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			upgrades := upgradesOffered(t)
			if len(upgrades) == 0 { // an operator may want none
				t.Inapplicable("the target offers no upgrade: the list is empty")
			}
			t.Expect(upgrades).To(ContainElement("websocket"))
		},
	},
	Case{
		ID:     "handshake/polling-offers-upgrades",
		Faults: []string{"handshake/upgrades-empty-over-polling"},
		Title:  "offers an upgrade at all in a polling session's open packet",
		Level:  Observed,
		Source: engineHandshake,
		Run: func(t *T) {
			t.Answer("it offers none: clients stay on polling")
			t.Expect(upgradesOffered(t)).NotTo(BeEmpty(), "the list of upgrades")
			t.Answer("it does")
		},
	},
	Case{
		ID:     "handshake/websocket-upgrades",
		Faults: []string{"handshake/upgrades-null-over-websocket", "handshake/upgrades-offered-over-websocket"},
		Title:  "offers no upgrade in the open packet of a session over WebSocket",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			t.Expect(t.WebSocket().Open.Fields["upgrades"]).To(MatchJSONValue(`[]`), "upgrades")
		},
	},
	Case{
		ID:     "handshake/ping-interval",
		Faults: []string{"handshake/times-in-seconds"},
		Title:  "says in the open packet how many milliseconds lie between its pings",
		Level:  Required,
		Source: engineHandshake,
		Run:    milliseconds("pingInterval"),
	},
	Case{
		ID:     "handshake/ping-timeout",
		Faults: []string{"handshake/times-in-seconds"},
		Title:  "says in the open packet how many milliseconds it waits for a pong",
		Level:  Required,
		Source: engineHandshake,
		Run:    milliseconds("pingTimeout"),
	},
	Case{
		ID:     "handshake/max-payload",
		Faults: []string{"handshake/max-payload-as-text", "handshake/no-max-payload"},
		Title:  "says in the open packet how many bytes a payload may have",
		Level:  Required,
		Source: engineHandshake,
		Since:  "4.5",
		Run: opened(func(t *T, o *OpenPacket) {
			var limit int64
			t.Expect(json.Unmarshal(o.Fields["maxPayload"], &limit)).To(Succeed(), "maxPayload is a whole number: %s", o.Fields["maxPayload"])
			t.Expect(limit).To(BeNumerically(">", 0), "maxPayload in bytes")
		}),
	},
	Case{
		ID:     "handshake/open-packet-keys",
		Faults: []string{"handshake/extra-key"},
		Title:  "puts sid, upgrades, pingInterval, pingTimeout and maxPayload into the open packet, and nothing else",
		Level:  Recommended,
		Source: engineHandshake,
		Since:  "4.5",
		Run: opened(func(t *T, o *OpenPacket) {
			keys := slices.Collect(maps.Keys(o.Fields))
			t.Expect(keys).To(ConsistOf("sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"), "the keys of the open packet")
		}),
	},
	Case{
		ID:     "handshake/alike-over-both-transports",
		Faults: []string{"handshake/other-times-over-websocket"},
		Title:  "announces the same times and the same maxPayload over polling and WebSocket",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			p, w := t.Polling().Open, t.WebSocket().Open
			for _, name := range []string{"pingInterval", "pingTimeout", "maxPayload"} {
				if p.Fields[name] == nil && w.Fields[name] == nil {
					continue
				}
				t.Expect(w.Fields[name]).To(MatchJSONValue(string(p.Fields[name])), "%s over WebSocket", name)
			}
		},
	},
	Case{
		ID:     "handshake/by-post",
		Faults: []string{"handshake/post-opens-a-session"},
		Title:  "answers 400 to a POST without a sid",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			r := t.POST("?EIO=4&transport=polling", "")
			t.Expect(r.Status).To(Equal(400), "the status of %v", r)
		},
	},
	Case{
		ID:     "handshake/by-other-methods",
		Faults: []string{"handshake/any-method"},
		Title:  "answers 400 to a handshake by PUT, DELETE or PATCH",
		Level:  Required,
		Source: engineHandshake,
		Run: func(t *T) {
			for _, method := range []string{"PUT", "DELETE", "PATCH"} {
				r := t.HTTP(method, "?EIO=4&transport=polling")
				t.Expect(r.Status).To(Equal(400), "the status of %v to a %s", r, method)
			}
		},
	},
	Case{
		ID:     "handshake/cors",
		Faults: []string{"handshake/cors-missing"},
		Title:  "lets a page of another origin read its answers where the application allows every origin",
		Level:  Recommended,
		Source: engineHandshake,
		Needs:  Needs{Application: true},
		Run: func(t *T) {
			sharing(t)
			const origin = "http://other.example"
			allowed := Or(Equal("*"), Equal(origin))
			r := t.GET("?EIO=4&transport=polling", Header("Origin", origin))
			t.Expect(r.Header.Get("Access-Control-Allow-Origin")).To(allowed, "Access-Control-Allow-Origin of the handshake")
			p := t.Polling()
			r = p.POST("3", Header("Origin", origin))
			t.Expect(r.Header.Get("Access-Control-Allow-Origin")).To(allowed, "Access-Control-Allow-Origin of a POST")
		},
	},
	Case{
		ID:     "handshake/cors-preflight",
		Faults: []string{"handshake/preflight-refused"},
		Title:  "answers the preflight request of a page of another origin with a success",
		Level:  Recommended,
		Source: engineHandshake,
		Needs:  Needs{Application: true},
		Run: func(t *T) {
			sharing(t)
			const origin = "http://other.example"
			r := t.HTTP("OPTIONS", "?EIO=4&transport=polling", Header("Origin", origin),
				Header("Access-Control-Request-Method", "POST"), Header("Access-Control-Request-Headers", "content-type"))
			t.Expect(r.Status).To(And(BeNumerically(">=", 200), BeNumerically("<", 300)), "the status of %v", r)
			t.Expect(r.Header.Get("Access-Control-Allow-Origin")).To(Or(Equal("*"), Equal(origin)), "Access-Control-Allow-Origin")
		},
	},
)
