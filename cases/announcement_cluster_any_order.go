package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// serverExchange is a kind of exchange between servers.
type serverExchange struct {
	what string
	run  func(t *T, from int, all []*Observer, n int)
}

// delivers emits an event without an acknowledgement, and looks at what the listeners got.
func delivers(namespace string) serverExchange {
	return serverExchange{"an event of " + namespace, func(t *T, from int, all []*Observer, _ int) {
		mark := t.Mark()
		emit(t, all[from], namespace, "hello", mark)
		for _, o := range receivers(all, from) {
			entries := o.Await(1, with(mark))
			t.Expect(Gathered(entries), "the deliveries of one event").To(HaveLen(1))
			t.Expect(entries[0].Namespace, "the namespace of the event").To(Equal(namespace))
			t.Expect(entries[0].Args, "the arguments that the listener got").To(MatchJSONValue(fmt.Sprintf(`[%q]`, mark)))
			t.Expect(entries[0].Ack, "whether the listener got a callback").To(BeFalse())
		}
		t.Expect(all[from].Entries(with(mark)), "the deliveries to the sender").To(BeEmpty())
	}}
}

// asks emits a question with a number and expects the answers to that question.
func asks(what, namespace string, sender int) serverExchange {
	return serverExchange{what, func(t *T, from int, all []*Observer, n int) {
		answered(t, ask(t, all[(from+sender)%len(all)], namespace, "echo", n), each(t, fmt.Sprintf("[%d]", n))...)
	}}
}

// refusesToEmit emits an event with a reserved name.
func refusesToEmit(what string, acknowledged bool) serverExchange {
	return serverExchange{what, func(t *T, from int, all []*Observer, _ int) {
		t.Expect(send(t, all[from], emission{"/", "connection", []any{}, acknowledged}).Thrown, "the error of emitting connection").NotTo(BeNil())
	}}
}

var serverExchanges = []serverExchange{
	delivers("/"),
	delivers("/custom"),
	asks("a question", "/", 0),
	asks("a question of /custom", "/custom", 0),
	asks("a question of another instance", "/", 1),
	{"a question without arguments", func(t *T, from int, all []*Observer, _ int) {
		answered(t, ask(t, all[from], "/", "ping"), each(t, `"pong"`)...)
	}},
	{"a large question", func(t *T, from int, all []*Observer, n int) {
		text := strings.Repeat("0123456789", 1000) + fmt.Sprint(n)
		answered(t, ask(t, all[from], "/", "echo", text), each(t, fmt.Sprintf("[%q]", text))...)
	}},
	refusesToEmit("an event with a reserved name", false),
	refusesToEmit("a question with a reserved name", true),
}

var _ = Add(
	Case{
		ID: "cluster/each-after-each", Level: Required, Needs: clusterAcks,
		Rules: rules(reachesEachOtherServer, neverReachesTheSender, eventsBelongToTheirNamespace, argumentsArriveUnchanged, listenerGetsACallback, oneAnswerOfEachServer, questionsAreApart, connectionIsReserved),
		Title: "makes each kind of exchange between servers right after each kind, from several callers at once",
		Run: func(t *T) {
			all, lanes := everywhere(t), eachAfterEach(len(serverExchanges))
			t.Together(len(lanes), func(t *T, lane int) {
				inOrder(t, lanes[lane], func(i int) string { return serverExchanges[i].what }, func(n, i int) {
					serverExchanges[i].run(t, lane%len(all), all, lane*laneLength+n)
				})
			})
		},
	},
)
