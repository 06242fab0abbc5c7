package cases

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// A fault may show only once in fifty times. Asking 240 times misses it in one of a hundred runs, and each question costs a
// millisecond. Several clients ask at once, as real ones do.
const (
	often     = 240
	oftenLane = 20 // questions that one client asks, one after another
)

// An upgrade takes four exchanges, so the suite probes fewer. If one probe in twenty is not answered, they miss it in one of a
// hundred runs.
const (
	oftenProbed = 96
	probedLane  = 8 // upgrades that one client begins, one after another
)

// manyTimes asks a question many times: the lanes ask at once, and each asks its questions one after another.
func manyTimes(t *T, lane func(t *T, numbers []int)) {
	t.Together(often/oftenLane, func(t *T, i int) {
		numbers := make([]int, oftenLane)
		for n := range numbers {
			numbers[n] = i*oftenLane + n
		}
		lane(t, numbers)
	})
}

// oftenRefusal is a request that every server refuses with the same code each time.
type oftenRefusal struct {
	code  int
	query string
}

var oftenRefused = []oftenRefusal{
	{0, "?EIO=4&transport=unheard-of"},
	{1, "?EIO=4&transport=polling&sid=unheard-of"},
	{4, "?EIO=4&transport=polling&deny="},
	{5, "?EIO=5&transport=polling"},
}

var _ = Add(
	Case{
		ID: "errors/often-none-let-in", Level: Required, Rules: rules(refusedRequestOpensNothing, denyRefuses, bodyDoesNotLie), Needs: denied,
		Title: "does not open a session for any of 240 requests that the application does not allow",
		Run: func(t *T) {
			manyTimes(t, func(t *T, numbers []int) {
				for _, n := range numbers {
					answer := t.GET(fmt.Sprintf(t.Draw("?EIO=4&transport=polling&deny=turned-away-%d"), n))
					t.Expect(answer.Status, "the status of the answer to request %d", n).To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
					t.Expect(answer.Body, "the body of the answer to request %d", n).NotTo(HavePrefix("0{"))
					var body struct{ Code *int }
					if json.Unmarshal([]byte(answer.Body), &body) == nil && body.Code != nil {
						t.Expect(*body.Code, "the code of the answer to request %d", n).To(Equal(4))
					}
				}
			})
		},
	},
	Case{
		ID: "errors/often-one-event-each", Level: Required, Rules: rules(refusalRaisesOneEvent, eventHasCodeAndMessage), Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises connection_error once, with the right code, for each of 240 refused requests",
		Run: func(t *T) {
			o, marks := t.Observe(0), make([]string, often)
			for n := range marks {
				marks[n] = t.Mark()
			}
			refused := oftenRefused
			if !t.Info(0).Declares(AllowRequest) {
				refused = slices.DeleteFunc(slices.Clone(refused), func(one oftenRefusal) bool { return one.code == 4 })
			}
			if servesProtocol3(t) {
				refused = slices.DeleteFunc(slices.Clone(refused), func(one oftenRefusal) bool { return one.code == 5 })
			}
			manyTimes(t, func(t *T, numbers []int) {
				for _, n := range numbers {
					t.GET(marked(t.Draw(refused[n%len(refused)].query), marks[n]))
				}
			})
			byMark := map[string][]Entry{}
			for _, e := range o.Due(len(marks), OfType(ConnectionError), func(e Entry) bool { return slices.Contains(marks, e.Mark) }) {
				byMark[e.Mark] = append(byMark[e.Mark], e)
			}
			for n, mark := range marks {
				code := refused[n%len(refused)].code
				t.Expect(Gathered(byMark[mark]), "the connection_error events of refused request %d", n).To(HaveLen(1))
				t.Expect(string(byMark[mark][0].Code), "the code of the event of request %d", n).To(Equal(strconv.Itoa(code)))
				t.Expect(byMark[mark][0].Message, "the message of the event of request %d", n).To(Equal(messages[code]))
			}
		},
	},
	Case{
		ID: "headers/often-each-gets-its-own", Level: Required, Rules: rules(initialForFirstRequest, eachForEveryRequest), Needs: bothHooks,
		Title: "answers each of 240 polling handshakes with what the hooks set for it",
		Run: func(t *T) {
			manyTimes(t, func(t *T, numbers []int) {
				for _, n := range numbers {
					mark := t.Mark()
					p := t.Polling(Marked(mark))
					t.Expect(p.Handshake.Header.Get("x-initial"), "the header that initial_headers set for handshake %d", n).To(Equal(mark))
					t.Expect(p.Handshake.Header.Get("x-each"), "the header that headers set for handshake %d", n).To(Equal(mark))
					p.POST("1")
				}
			})
		},
	},
	Case{
		ID: "upgrade/often-probed", Level: Required, Rules: rules(probeAnswered),
		Title: "answers the probe of each of 96 upgrades",
		Run: func(t *T) {
			t.Requires(UpgradeAbility)
			t.Together(oftenProbed/probedLane, func(t *T, i int) {
				for n := range probedLane {
					p := t.Polling()
					w := p.Beside()
					w.Send("2probe")
					t.Expect(w.Receive(), "the answer to the probe of upgrade %d", i*probedLane+n).To(Equal("3probe"))
					p.POST("1")
				}
			})
		},
	},
	Case{
		ID: "events/often-echoed", Level: Required, Rules: rules(eventsKeepOrder, eventArrivesUnchanged), Needs: echo,
		Title: "echoes each of 240 events from twelve clients once, in order, to the client that sent it",
		Run: func(t *T) {
			manyTimes(t, func(t *T, numbers []int) {
				c := t.Connected()
				for _, n := range numbers {
					c.Send(fmt.Sprintf(`42["message",%d]`, n))
				}
				for _, n := range numbers {
					c.Expect(fmt.Sprintf(`42["message-back",%d]`, n))
				}
				c.Echoes("/")
			})
		},
	},
	Case{
		ID: "acks/often-answered", Level: Required, Rules: rules(ackKeepsID, ackOnce), Needs: echo,
		Title: "acknowledges each of 240 events from twelve clients once, with its ID and values",
		Run: func(t *T) {
			manyTimes(t, func(t *T, numbers []int) {
				c := t.Connected()
				for _, n := range numbers {
					c.Send(fmt.Sprintf(`42%d["message-with-ack",%d]`, n, n))
					c.Expect(fmt.Sprintf(`43%d[%d]`, n, n))
				}
				c.Echoes("/")
			})
		},
	},
	Case{
		ID: "acks/often-asked", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "matches each of 240 acknowledgements from twelve clients to the question that it answers, once",
		Run: func(t *T) {
			manyTimes(t, func(t *T, numbers []int) {
				c := t.Connected()
				for _, n := range numbers {
					id := question(t, c, "/", fmt.Sprintf(`[%d]`, n))
					c.Send(fmt.Sprintf(`43%s[%d]`, id, n))
					c.Expect(fmt.Sprintf(`42["answer",%d]`, n))
				}
				c.Echoes("/")
			})
		},
	},
	Case{
		ID: "cluster/often-asked", Level: Required, Rules: rules(questionsAreApart, oneAnswerOfEachServer, missingAnswerIsAnError), Needs: clusterAcks,
		Title: "answers each of 240 questions between servers with its own values, from every other instance",
		Run: func(t *T) {
			all := everywhere(t)
			manyTimes(t, func(t *T, numbers []int) {
				for _, n := range numbers {
					from := n % len(all)
					answered(t, ask(t, all[from], "/", "echo", n), each(t, fmt.Sprintf("[%d]", n))...)
				}
			})
		},
	},
	Case{
		ID: "cluster/often-delivered", Level: Required, Rules: rules(argumentsArriveUnchanged, reachesEachOtherServer), Needs: cluster.With(Variadic),
		Title: "delivers each of 240 events without an acknowledgement to every other instance, with all its arguments",
		Run: func(t *T) {
			all := everywhere(t)
			marks := make([]string, often/oftenLane)
			for i := range marks {
				marks[i] = t.Mark()
			}
			manyTimes(t, func(t *T, numbers []int) {
				for _, n := range numbers {
					emit(t, all[n%len(all)], "/", "hello", marks[n/oftenLane], n, "last")
				}
			})
			for lane, mark := range marks {
				for to, o := range all {
					want := map[string]bool{}
					for n := lane * oftenLane; n < (lane+1)*oftenLane; n++ {
						if n%len(all) != to {
							want[asJSON([]any{mark, n, "last"})] = true
						}
					}
					for _, e := range o.Due(len(want), with(mark)) {
						delete(want, compact(t, e.Args))
					}
					t.Expect(Gathered(slices.Sorted(maps.Keys(want))), "the events that did not come unchanged to instance %d", to+1).To(BeEmpty())
				}
			}
		},
	},
)

// compact returns JSON without white space.
func compact(t *T, text json.RawMessage) string {
	var value any
	t.Decode(text, &value, "JSON", "the arguments that a listener got")
	return asJSON(value)
}
