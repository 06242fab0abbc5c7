package cases

import (
	"encoding/json"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID:     OpensOverPolling,
		Title:  "answers a polling handshake with 200 and an open packet",
		Level:  Required,
		Source: engineHandshake,
		Faults: []string{"handshake/polling-open-packet-of-another-type"},
		Run: func(t *T) {
			r := t.GET("?EIO=4&transport=polling")
			t.Expect(r.Status).To(Equal(200), "the status")
			_, err := ParseOpen(r.Body)
			t.Expect(err).NotTo(HaveOccurred(), "the open packet %s", r.Body)
		},
	},
	Case{
		ID:     OpensOverWebSocket,
		Title:  "answers a WebSocket handshake with 101 and an open packet as the first message",
		Level:  Required,
		Source: engineHandshake,
		Faults: []string{"handshake/websocket-open-packet-binary"},
		Run: func(t *T) {
			w, r := t.Upgrade("?EIO=4&transport=websocket")
			t.Expect(r.Status).To(Equal(101), "the status")
			open := w.Receive()
			_, err := ParseOpen(open)
			t.Expect(err).NotTo(HaveOccurred(), "the open packet %s", open)
		},
	},
	Case{
		ID:     "handshake/polling-upgrades",
		Title:  "offers the upgrade to WebSocket in a polling session's open packet",
		Level:  Required,
		Source: engineHandshake,
		Faults: []string{"handshake/upgrades-empty-over-polling"},
		Run: func(t *T) {
			p := t.Polling()
			var upgrades []string
			t.Expect(json.Unmarshal(p.Open.Fields["upgrades"], &upgrades)).To(Succeed(), "upgrades is an array of strings")
			t.Expect(upgrades).To(ContainElement("websocket"))
		},
	},
)
