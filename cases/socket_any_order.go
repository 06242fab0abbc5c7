package cases

import (
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// A server may get each kind of exchange right, and get one wrong that comes right after another kind: its decoder still
// waits for attachments, or an acknowledgement has the ID of the one before. These cases make each kind of exchange right
// after each kind.

// exchangeKind is a kind of exchange that a client makes in the main namespace or in /custom.
type exchangeKind struct {
	what string // what the client does
	run  func(t *T, c *visitor, n int)
}

// visitor is a client that has joined the main namespace and /custom.
type visitor struct {
	*Client
	records *Observer
	custom  string // the ID of its socket in /custom
}

// exchangeKinds returns the kinds of exchanges that the application can make.
func exchangeKinds(t *T) (all []exchangeKind) {
	for _, e := range exchanges {
		for _, f := range forms[:2] {
			for _, s := range spaces[:2] {
				if !t.Info(0).Declares(Ask) && slices.Contains(e.needs.Features, Ask) {
					continue
				}
				x := cell{exchange: e, form: f, space: s}
				what := strings.Join([]string{e.title, f.title, s.title}, " ")
				all = append(all, exchangeKind{what, func(t *T, c *visitor, n int) {
					one, name := &side{Client: c.Client}, s.name(t)
					x.end(t, one, name, n, x.begin(t, one, name, n))
				}})
			}
		}
	}
	return append(all,
		exchangeKind{"echoes a large event", func(t *T, c *visitor, _ int) {
			text := strings.Repeat("é", fitting(t, 10_000)/2)
			echoesText(c.Client, text)
		}},
		exchangeKind{"echoes three events in a row", func(t *T, c *visitor, n int) {
			for i := range 3 {
				c.Send(fmt.Sprintf(`42["message",%d]`, n+i))
			}
			for i := range 3 {
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, n+i))
			}
		}},
		exchangeKind{"refuses an unknown namespace", func(t *T, c *visitor, _ int) {
			name := t.Draw("/nowhere")
			c.Send("40" + name + ",")
			t.Expect(c.Receive().Raw, "the answer to the CONNECT").To(HavePrefix("44" + name + ","))
		}},
		exchangeKind{"lets the client leave /custom, refuses it there, and lets it join again", func(t *T, c *visitor, n int) {
			c.Send("41/custom,")
			c.gone(t)
			if slices.Contains(refusing(t), "/custom") {
				c.Send(fmt.Sprintf(`40/custom,{"refuse":"not now %d"}`, n))
				refusedWith(t, c.Client, "/custom", fmt.Sprintf("not now %d", n))
			}
			c.custom = c.Join("/custom").SID()
		}},
		exchangeKind{"disconnects the client from /custom, and lets it join again", func(t *T, c *visitor, _ int) {
			c.Send(`42/custom,["leave"]`)
			c.Expect("41/custom,")
			c.gone(t)
			c.custom = c.Join("/custom").SID()
		}},
	)
}

// gone waits until the application knows that the client has left /custom. No document says what a client that joins again
// before that may expect.
func (c *visitor) gone(t *T) {
	of := append(left(c.custom), func(e Entry) bool { return e.Namespace == "/custom" })
	t.Expect(Gathered(c.records.Due(1, of...)), "the disconnections of the client from /custom").To(HaveLen(1))
}

// laneLength is how many steps a client makes in the series of eachAfterEach.
const laneLength = 25

// eachAfterEach returns lanes of the numbers below k. In all of them together, each number comes right after each number once:
// they are pieces of a de Bruijn sequence. Each lane begins with the last number of the lane before.
func eachAfterEach(k int) (lanes [][]int) {
	var series []int
	for i := range k {
		series = append(series, i)
		for j := i + 1; j < k; j++ {
			series = append(series, i, j)
		}
	}
	series = append(series, 0)
	for from := 0; from < len(series)-1; from += laneLength {
		lanes = append(lanes, series[from:min(from+laneLength+1, len(series))])
	}
	return lanes
}

// inOrder makes the steps of a lane, one right after another, and says so in the trace. n is how many steps were made before.
func inOrder(t *T, lane []int, what func(i int) string, run func(n, i int)) {
	for n, i := range lane {
		if n == 0 {
			t.Step("%s", what(i))
		} else {
			t.Step("%s, right after this: %s", what(i), what(lane[n-1]))
		}
		run(n, i)
	}
}

var _ = Add(overEach("events/each-after-each", "makes each kind of exchange right after each kind",
	Required, rules(eventArrivesUnchanged, eventsInNamespaces, attachmentsFollowPacket, ackKeepsID, ackNamesNamespace, serverAsksForAck, refusalKeepsConnection), application,
	func(t *T, transport Transport) {
		all := exchangeKinds(t)
		lanes := eachAfterEach(len(all))
		t.NeedsSessions(len(lanes))
		t.Together(len(lanes), func(t *T, lane int) {
			c := &visitor{Client: t.Client(transport), records: t.Observe(0)}
			c.Connect("/")
			c.custom = c.Connect("/custom").SID()
			inOrder(t, lanes[lane], func(i int) string { return all[i].what }, func(n, i int) { all[i].run(t, c, n) })
			c.Echoes("/")
		})
	})...)
