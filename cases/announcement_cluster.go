package cases

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "cluster/delivers-to-the-other-instance", Shows: DeliversToOthers, Level: Required, Rules: rules(reachesEachOtherServer, argumentsArriveUnchanged), Needs: cluster,
		Title: "delivers what one instance emits to each other instance, once",
		Run: func(t *T) {
			all := everywhere(t)
			for from := range all {
				mark := t.Mark()
				args, want := []any{mark, 1}, fmt.Sprintf(`[%q,1]`, mark)
				if !variadic(t) {
					args, want = []any{mark}, fmt.Sprintf(`[%q]`, mark)
				}
				emit(t, all[from], "/", "hello", args...)
				for to, o := range all {
					if to == from {
						continue
					}
					entries := o.Await(1, with(mark))
					t.Expect(entries, "the deliveries from instance %d to instance %d", from+1, to+1).To(HaveLen(1))
					t.Expect(entries[0].Event, "the event").To(Equal("hello"))
					t.Expect(entries[0].Args, "the arguments that the listener got").To(MatchJSONValue(want))
				}
			}
		},
	},
	Case{
		ID: "cluster/never-to-the-sender", Level: Required, Rules: rules(neverReachesTheSender), Needs: clusterAcks,
		Title: "never delivers what an instance emits to that instance itself",
		Run: func(t *T) {
			all := everywhere(t)
			for from := range all {
				mark := t.Mark()
				emit(t, all[from], "/", "hello", mark)
				emit(t, all[from], "/custom", "hello", mark)
				settled(t, all, from)
				t.Expect(all[from].Entries(with(mark)), "the deliveries to the sender").To(BeEmpty())
			}
		},
	},
	Case{
		ID: "cluster/delivered-once", Level: Required, Rules: rules(reachesEachOtherServer), Needs: clusterAcks,
		Title: "delivers each of many events once, with an acknowledgement or without",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				for i := range 20 {
					emit(t, all[from], "/", "hello", several(t, mark, i)...)
				}
				ask(t, all[from], "/", "echo", mark)
				for _, o := range receivers(all, from) {
					o.Await(21, with(mark))
				}
				settled(t, all, from)
				for _, o := range receivers(all, from) {
					t.Expect(o.Entries(with(mark)), "the deliveries of 21 events to one instance").To(HaveLen(21))
				}
			})
		},
	},
	Case{
		ID: "cluster/arguments-of-every-kind", Level: Required, Rules: rules(argumentsArriveUnchanged), Needs: cluster.With(Variadic),
		Title: "delivers arguments of every JSON kind unchanged, and as many as were sent",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				args := []any{mark, 1, -1.5, "2", "", true, false, nil, []any{}, []any{1, []any{"x"}}, map[string]any{}, map[string]any{"3": "4", "é": "😀", "deep": map[string]any{"n": nil}}}
				want, _ := json.Marshal(args)
				emit(t, all[from], "/", "hello", args...)
				for _, o := range receivers(all, from) {
					t.Expect(o.Await(1, with(mark))[0].Args, "the arguments that a listener got").To(MatchJSONValue(string(want)))
				}
			})
		},
	},
	Case{
		ID: "cluster/no-arguments-and-no-acknowledgement", Level: Required, Rules: rules(argumentsArriveUnchanged, reachesEachOtherServer), Needs: cluster.With(Variadic),
		Title: "delivers an event without arguments for which no acknowledgement is asked",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				emit(t, all[from], "/", "hello")
				for _, o := range receivers(all, from) {
					t.Expect(o.Due(1, bare), "the events without arguments").NotTo(BeEmpty())
				}
			})
		},
	},
	Case{
		ID: "cluster/no-arguments", Level: Required, Rules: rules(argumentsArriveUnchanged), Needs: clusterAcks.With(Variadic),
		Title: "delivers an event without arguments",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "echo"), each(t, `[]`)...)
			})
		},
	},
	Case{
		ID: "cluster/one-array-stays-one-argument", Level: Required, Rules: rules(argumentsArriveUnchanged), Needs: clusterAcks.With(Variadic),
		Title: "passes an array that was sent as one argument to a listener as one argument, and several arguments as several",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "echo", []any{1, 2}), each(t, `[[1,2]]`)...)
				answered(t, ask(t, all[from], "/", "echo", 1, 2), each(t, `[1,2]`)...)
			})
		},
	},
	Case{
		ID: "cluster/text-of-every-script", Level: Required, Rules: rules(argumentsArriveUnchanged), Needs: clusterAcks,
		Title: "delivers characters of two, three and four bytes, quotes and control characters unchanged",
		Run: func(t *T) {
			text := "é€😀 \"quoted\" \\ \u0001 \u2028 \x1e"
			want, _ := json.Marshal([]string{text})
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "echo", text), each(t, string(want))...)
			})
		},
	},
	Case{
		ID: "cluster/large-argument", Level: Required, Rules: rules(argumentsArriveUnchanged), Needs: clusterAcks,
		Title: "delivers an argument of a hundred thousand characters, or of nearly maxPayload",
		Run: func(t *T) {
			text := strings.Repeat("0123456789", 10_000)[:fitting(t, 100_000)]
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				answered(t, ask(t, all[from], "/", "echo", text), each(t, fmt.Sprintf("[%q]", text))...)
				emit(t, all[from], "/", "hello", several(t, mark, text)...)
				for _, o := range receivers(all, from) {
					t.Expect(o.Await(1, with(mark))[0].Args, "the arguments that a listener got").To(MatchJSONValue(asJSON(several(t, mark, text))))
				}
			})
		},
	},
	Case{
		ID: "cluster/answers-come-at-once", Level: Recommended, Rules: rules(answersComeAtOnce), Needs: clusterAcks,
		Title: "calls the callback when all answers are there, not at the timeout",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				start := time.Now()
				answered(t, ask(t, all[from], "/", "ping"), each(t, `"pong"`)...)
				t.Expect(time.Since(start), "the time that the callback took, compared with the timeout").To(BeNumerically("<", t.EmitTimeout(from)*9/10))
			})
		},
	},
	Case{
		ID: "cluster/callback-runs-once", Level: Required, Rules: rules(callbackRunsOnce), Needs: clusterAcks,
		Waits: func(t Timings) time.Duration { return t.EmitTimeout * 5 / 4 },
		Title: "calls the callback once, whether the answers came, came twice, or did not come",
		Run: func(t *T) {
			fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
				o := all[from]
				ask(t, o, "/", "ping")
				ask(t, o, "/", "twice")
				ask(t, o, "/", "silent")
				t.Wait(t.EmitTimeout(from)/4, "beyond the timeout of the first question")
				t.Expect(o.AnsweredTwice(), "the number of callbacks that ran twice").OfNoTimer().To(BeZero())
				t.Expect(o.Entries(OfType("ack_again"), func(e Entry) bool { return e.Event == "ping" || e.Event == "silent" }), "the records of callbacks that ran twice").
					OfNoTimer().To(BeEmpty())
			})
		},
	},
	Case{
		ID: "cluster/other-names-are-free", Level: Recommended, Rules: rules(otherNamesAreFree), Needs: cluster,
		Title: "emits every name that is not reserved to other instances, including those that are reserved elsewhere",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for _, name := range []string{"disconnect", "disconnecting", "connect_error", "é€😀", "a b", "hello/world"} {
					emit(t, all[from], "/", name, "x")
				}
			})
		},
	},
	Case{
		ID: "cluster/namespaces-are-kept-apart", Level: Required, Rules: rules(eventsBelongToTheirNamespace), Needs: clusterAcks,
		Title: "delivers an event only to the listeners of its own namespace",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				main, custom := t.Mark(), t.Mark()
				emit(t, all[from], "/", "hello", main)
				emit(t, all[from], "/custom", "hello", custom)
				for mark, namespace := range map[string]string{main: "/", custom: "/custom"} {
					for _, o := range receivers(all, from) {
						for _, e := range o.Await(1, with(mark)) {
							t.Expect(e.Namespace, "the namespace of the listener").To(Equal(namespace))
						}
					}
				}
				ask(t, all[from], "/custom", "ping")
				settled(t, all, from)
				for _, o := range receivers(all, from) {
					t.Expect(o.Entries(with(main)), "the deliveries of the event of /").To(HaveLen(1))
					t.Expect(o.Entries(with(custom)), "the deliveries of the event of /custom").To(HaveLen(1))
				}
			})
		},
	},
	Case{
		ID: "cluster/names-that-look-alike", Level: Required, Rules: rules(eventsBelongToTheirNamespace), Needs: clusterAcks,
		Title: "distinguishes namespaces whose names have the same beginning, or contain a # or letters of other scripts",
		Run: func(t *T) {
			all, mark := everywhere(t), t.Mark()
			for _, name := range []string{"/custom-twin", "/custom/twin", "/custom#", "/custom#x", "/customé", "/CUSTOM-twin"} {
				t.Step("emits in %s", name)
				for _, o := range all {
					create(t, o, name)
				}
				for _, o := range all {
					emit(t, o, name, "hello", several(t, mark, name)...)
				}
			}
			for from, o := range all {
				emit(t, o, "/custom", "hello", several(t, mark, "right")...)
				ask(t, o, "/custom", "ping")
				settled(t, all, from)
			}
			for to, o := range all {
				// The application may listen in the other namespaces as well, so look at the namespace that got the event.
				inCustom := func(e Entry) bool { return e.Namespace == "/custom" }
				for _, e := range o.Await(others(t), with(mark), inCustom) {
					t.Expect(e.Args, "an event that a listener of /custom got").To(MatchJSONValue(asJSON(several(t, mark, "right"))))
				}
				t.Expect(o.Entries(with(mark), inCustom), "the deliveries of events of /custom to instance %d", to+1).To(HaveLen(others(t)))
			}
		},
	},
	Case{
		ID: "cluster/acknowledgement-in-a-namespace", Level: Required, Rules: rules(eventsBelongToTheirNamespace, listenerGetsACallback, oneAnswerOfEachServer), Needs: clusterAcks,
		Title: "carries acknowledgements in a namespace other than the main one",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/custom", "ping"), each(t, `"pong"`)...)
			})
		},
	},
	reserved("connect", connectIsReserved),
	reserved("connection", connectionIsReserved),
	reserved("new_namespace", newNamespaceIsReserved),
	Case{
		ID: "cluster/reserved-names-with-acknowledgement", Level: Required, Rules: rules(connectionIsReserved, connectIsReserved, newNamespaceIsReserved), Needs: clusterAcks,
		Title: "refuses the reserved names also when an acknowledgement is asked for",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for _, name := range reservedNames {
					t.Expect(send(t, all[from], emission{"/", name, []any{}, true}).Thrown, "the error of emitting %s", name).NotTo(BeNil())
				}
			})
		},
	},
	Case{
		ID: "cluster/created-namespace-is-apart", Level: Required, Rules: rules(eventsBelongToTheirNamespace), Needs: cluster.With(NewNamespace),
		Title: "does not deliver events of a namespace that was created while the servers run to the listeners of others",
		Run: func(t *T) {
			all, name := everywhere(t), "/"+t.Mark()
			for _, o := range all {
				create(t, o, name)
			}
			mark := t.Mark()
			for from, o := range all {
				emit(t, o, name, "hello", mark)
				later := t.Mark() // an event that is delivered wrongly comes before this one
				emit(t, o, "/", "hello", later)
				for _, other := range receivers(all, from) {
					other.Await(1, with(later))
				}
			}
			for _, o := range all {
				o.Flush()
				for _, e := range o.Entries(with(mark)) {
					t.Expect(e.Namespace, "the namespace of an event that was emitted in %s", name).To(Equal(name))
				}
			}
		},
	},
	Case{
		ID: "cluster/reserved-in-other-namespaces", Level: Required, Rules: rules(connectIsReserved, connectionIsReserved, newNamespaceIsReserved), Needs: cluster,
		Title: "refuses to emit the reserved names to other instances in a namespace other than the main one, too",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for _, name := range reservedNames {
					r := send(t, all[from], emission{"/custom", name, []any{"x"}, false})
					t.Expect(r.Thrown, "the error of emitting %s", name).NotTo(BeNil())
				}
			})
		},
	},
	Case{
		ID: "cluster/reserved-name-in-the-error", Level: Recommended, Rules: rules(errorNamesTheReservedName), Needs: cluster,
		Title: "names the reserved name in the error of emitting it",
		Run: func(t *T) {
			o := t.Observe(0)
			for _, name := range reservedNames {
				r := send(t, o, emission{"/", name, []any{"x"}, false})
				t.Expect(r.Thrown, "the error of emitting %s", name).NotTo(BeNil())
				t.Expect(*r.Thrown, "the message of the error of emitting %s", name).To(ContainSubstring(name))
			}
		},
	},
	Case{
		ID: "cluster/order-of-one-sender", Level: Observed, Rules: rules(eventsArriveInOrder, reachesEachOtherServer), Needs: cluster,
		Title: "delivers the events of one sender in order",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				for i := range 50 {
					emit(t, all[from], "/", "hello", several(t, mark, i)...)
				}
				for _, o := range receivers(all, from) {
					t.Answer("not all of them came")
					entries := o.Await(50, with(mark))
					t.Answer("it does not keep the order, which some adapters do not promise")
					for i, e := range entries {
						t.Expect(e.Args, "event %d of 50", i+1).To(MatchJSONValue(asJSON(several(t, mark, i))))
					}
				}
				t.Answer("it keeps the order")
			})
		},
	},
)

// reservedNames are those that the announcement names.
var reservedNames = []string{"connect", "connection", "new_namespace"}

// reserved returns the case for one reserved name.
func reserved(name string, rule *Rule) Case {
	return Case{
		ID: "cluster/reserved-" + strings.ReplaceAll(name, "_", "-"), Level: Required, Rules: rules(rule), Needs: cluster,
		Title: fmt.Sprintf("refuses to emit the reserved name %s to other instances", name),
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				r := send(t, all[from], emission{"/", name, []any{"x"}, false})
				t.Expect(r.Thrown, "the error of emitting it").NotTo(BeNil())
			})
		},
	}
}
