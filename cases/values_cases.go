package cases

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var _ = Add(valueCases()...)

// valueCases makes a case for each exchange with each group of values over each transport.
func valueCases() (all []Case) {
	slugs := map[string]string{"events/matrix": "events/values", "acks/matrix": "acks/values", "acks/matrix-asked": "acks/values-asked"}
	for _, e := range exchanges {
		for _, g := range valueGroups {
			checked, level := rules(e.rule), Required
			switch {
			case g.binary:
				checked = rules(e.binary, attachmentMayBeEmpty, severalAttachments)
			case g.deep:
				level = Recommended
			case g.slug == "text":
				checked = append(checked, textArrivesUnchanged)
			case g.slug == "keys":
				checked = append(checked, prototypeKeysAreData)
			}
			if e.slug != "acks/matrix" { // the others are matched by their order
				checked = append(checked, eventsKeepOrder)
			}
			for _, transport := range []Transport{OverPolling, OverWebSocket} {
				x := valueCell{slugs[e.slug], g, transport}
				all = append(all, Case{
					ID: strings.ToLower(x.slug + "-" + g.slug + "-" + string(transport)), Level: level, Rules: checked, Needs: e.needs,
					Title: e.title + " that contain " + g.title + ", over " + string(transport),
					Run:   x.run,
				})
			}
		}
	}
	return all
}

type valueCell struct {
	slug      string
	group     valueGroup
	transport Transport
}

func (x valueCell) run(t *T) {
	c := t.Client(x.transport)
	c.Connect("/")
	values := x.group.values(func(bytes int) bool { return fitting(t, bytes+1000) == bytes+1000 })
	inPortions(len(values), func(from, to int) { x.exchange(t, c, values[from:to], 100+from) })
}

// exchange sends some values and receives them again. The IDs of acknowledgements begin with firstID.
func (x valueCell) exchange(t *T, c *Client, values []data, firstID int) {
	switch x.slug {
	case "events/values":
		sendAll(t, c, values, func(d data, _ int) string { return d.packet(protocol.Event, "/", "", "message") })
		for _, d := range values {
			d.match(t, c.Receive(), protocol.Event, "/", "", "message-back")
		}
	case "acks/values":
		id := func(i int) string { return fmt.Sprint(firstID + i) }
		sendAll(t, c, values, func(d data, i int) string { return d.packet(protocol.Event, "/", id(i), "message-with-ack") })
		got := map[string]*protocol.Packet{} // acknowledgements have no order
		for range values {
			p := c.Receive()
			got[p.ID] = p
		}
		for i, d := range values {
			t.Expect(got[id(i)], "the acknowledgement of ID %s", id(i)).NotTo(BeNil())
			d.match(t, got[id(i)], protocol.Ack, "/", id(i))
		}
	default:
		sendAll(t, c, values, func(d data, _ int) string { return d.packet(protocol.Event, "/", "", "ask") })
		ids := make([]string, len(values))
		for i, d := range values {
			p := c.Receive()
			ids[i] = p.ID
			t.Expect(p.ID, "the ID of the question %s", p).NotTo(BeEmpty())
			d.match(t, p, protocol.Event, "/", p.ID, "question")
		}
		sendAll(t, c, values, func(d data, i int) string { return d.packet(protocol.Ack, "/", ids[i]) })
		for _, d := range values {
			d.match(t, c.Receive(), protocol.Event, "/", "", "answer")
		}
	}
}

// portion is how many packets are sent before their answers are awaited: more could delay the target's pings on a slow
// link.
const portion = 10

// inPortions calls f for n packets, one portion at a time, with the range of indices.
func inPortions(n int, f func(from, to int)) {
	for from := 0; from < n; from += portion {
		f(from, min(from+portion, n))
	}
}

// inOnePayload is how many packets sendAll puts into a payload at most. How many a server accepts is another rule.
const inOnePayload = 10

// sendAll sends a packet for each of the values. Over polling, it puts several into one payload, as far as they fit.
func sendAll(t *T, c *Client, values []data, packet func(d data, i int) string) {
	limit := fitting(t, 100_000)
	var payload []string
	size := 0
	flush := func() {
		if len(payload) > 0 {
			c.Polling.Send(strings.Join(payload, protocol.Separator))
			c.Polling.Attend() // thirty payloads can take longer than a pong may
		}
		payload, size = nil, 0
	}
	for i, d := range values {
		if c.WebSocket != nil {
			c.Send(packet(d, i), d.attachments...)
			continue
		}
		packets := []string{packet(d, i)}
		for _, a := range d.attachments {
			packets = append(packets, "b"+base64.StdEncoding.EncodeToString([]byte(a)))
		}
		more := len(strings.Join(packets, protocol.Separator)) + 1
		if size+more > limit || len(payload)+len(packets) > inOnePayload {
			flush()
		}
		payload, size = append(payload, packets...), size+more
	}
	flush()
}

var _ = Add(
	Case{
		ID: "events/values-lone-surrogates", Level: Observed, Rules: rules(textArrivesUnchanged), Needs: echo,
		Title: "passes on a lone surrogate as the escape in which it came",
		Run: observesValues(func(t *T, d data, p *protocol.Packet) {
			want := regexp.MustCompile(`\\u[0-9a-f]{4}`).FindAllString(d.json, -1)
			got := regexp.MustCompile(`\\u[0-9a-f]{4}`).FindAllString(strings.ToLower(p.Data), -1)
			t.Expect(slices.Equal(got, want), "whether %s holds the escapes of %s", p, d.json).To(BeTrue())
		}, `"\ud800"`, `"a\udc00b"`, `"\udfff\ud800"`, `{"\udbff":1}`),
	},
	Case{
		ID: "events/values-repeated-keys", Level: Observed, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "uses the last value of a repeated key",
		Run:   observesValues(matchesEcho, `{"a":1,"a":2}`, `{"a":{"b":1},"a":{"c":2}}`, `{"__proto__":1,"__proto__":2}`),
	},
	Case{
		ID: "events/values-beyond-53-bits", Level: Observed, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "keeps integers beyond 2^53",
		Run:   observesValues(matchesEcho, `9007199254740993`, `-9007199254740993`, `9223372036854775807`, `18446744073709551615`),
	},
)

// observesValues reports what happens to values about which servers and documents differ.
func observesValues(check func(*T, data, *protocol.Packet), values ...string) func(*T) {
	return func(t *T) {
		for _, value := range values {
			d := data{json: value}
			c := t.Connected()
			c.Send(d.packet(protocol.Event, "/", "", "message"))
			t.Answer("it does not answer an event with %s", value)
			p := c.Receive()
			t.Answer("it answers %s with %s", value, p)
			check(t, d, p)
		}
		t.Answer("it does")
	}
}

func matchesEcho(t *T, d data, p *protocol.Packet) {
	d.match(t, p, protocol.Event, "/", "", "message-back")
}
