package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var (
	cluster     = Needs{Features: []string{ServerSideEmit}, Targets: 2}
	clusterAcks = Needs{Features: []string{ServerSideEmit, ServerSideEmitAck}, Targets: 2}
)

// emission is the argument of the command server_side_emit.
type emission struct {
	Namespace string `json:"namespace"`
	Event     string `json:"event"`
	Args      []any  `json:"args"`
	Ack       bool   `json:"ack"`
}

// outcome is what the command answers.
type outcome struct {
	Thrown    string            `json:"thrown"`
	Error     *string           `json:"error"`
	Responses []json.RawMessage `json:"responses"`
	raw       string
}

// others is the number of instances that a server-side emit reaches.
func others(t *T) int { return t.Targets() - 1 }

// emit has an instance emit to the others, without an acknowledgement.
func emit(t *T, o *Observer, namespace, event string, args ...any) {
	r := send(t, o, emission{namespace, event, list(args), false})
	t.Expect(r.Thrown).To(BeEmpty(), "the error of emitting %s", event)
}

// ask has an instance emit to the others with an acknowledgement, and returns what its callback got.
func ask(t *T, o *Observer, namespace, event string, args ...any) outcome {
	r := send(t, o, emission{namespace, event, list(args), true})
	t.Expect(r.Thrown).To(BeEmpty(), "the error of emitting %s", event)
	return r
}

func send(t *T, o *Observer, e emission) outcome {
	var r outcome
	answer := o.CommandWithin(t.Timings().EmitTimeout, "server_side_emit", e)
	t.Expect(json.Unmarshal(answer, &r)).To(Succeed(), "the answer of server_side_emit: %s", answer)
	r.raw = string(answer)
	return r
}

func list(args []any) []any {
	if args == nil {
		return []any{}
	}
	return args
}

// answered expects one of the wanted answers from each other instance, in any order, and no error.
func answered(t *T, r outcome, want ...string) {
	t.Expect(r.Error).To(BeNil(), "the error that the callback got: %s", r.raw)
	t.Expect(r.Responses).To(HaveLen(len(want)), "the answers that the callback got: %s", r.raw)
	var got []string
	for _, one := range r.Responses {
		got = append(got, string(one))
	}
	var matchers []any
	for _, one := range want {
		matchers = append(matchers, MatchJSONValue(one))
	}
	t.Expect(got).To(ConsistOf(matchers...), "the answers that the callback got")
}

// each repeats a value once for each other instance.
func each(t *T, value string) (all []string) {
	for range others(t) {
		all = append(all, value)
	}
	return all
}

// with selects the records of an event from another server that carry a word among their arguments.
func with(word string) func(Entry) bool {
	return func(e Entry) bool { return e.Type == "server_side_event" && strings.Contains(string(e.Args), word) }
}

// everywhere observes all instances.
func everywhere(t *T) (all []*Observer) {
	for i := range t.Targets() {
		all = append(all, t.Observe(i))
	}
	return all
}

// fromEach checks a rule with each instance as the sender, one after the other.
func fromEach(t *T, rule func(from int, all []*Observer)) {
	all := everywhere(t)
	for from := range all {
		t.Step("from instance %d", from+1)
		rule(from, all)
	}
}

// fromEachAtOnce checks a rule that waits with each instance as the sender, all at once.
func fromEachAtOnce(t *T, rule func(from int, all []*Observer)) {
	all := everywhere(t)
	t.Together(len(all), func(from int) { rule(from, all) })
}

// receivers are all observers but the sender's.
func receivers(all []*Observer, from int) []*Observer {
	return slices.Delete(slices.Clone(all), from, from+1)
}

// settled is a barrier in the cluster: what instance from has emitted before has reached all others,
// and would have reached itself.
func settled(t *T, all []*Observer, from int) {
	r := ask(t, all[from], "/", "ping")
	t.Expect(r.Responses).To(HaveLen(others(t)), "the answers to the barrier: %s", r.raw)
	for _, o := range all {
		o.Flush()
	}
}

var _ = Add(
	Case{
		ID: DeliversToOthers, Level: Required, Source: betweenServers, Needs: cluster,
		Faults: []string{"cluster/arguments-reversed", "cluster/delivered-twice"},
		Title:  "delivers what one instance emits to each other instance, once",
		Run: func(t *T) {
			all := everywhere(t)
			for from := range all {
				mark := t.Mark()
				emit(t, all[from], "/", "hello", mark, 1)
				for to, o := range all {
					if to == from {
						continue
					}
					entries := o.Await(1, with(mark))
					t.Expect(entries).To(HaveLen(1), "the deliveries from instance %d to instance %d", from+1, to+1)
					t.Expect(entries[0].Event).To(Equal("hello"), "the event")
					t.Expect(entries[0].Args).To(MatchJSONValue(fmt.Sprintf(`[%q,1]`, mark)))
				}
			}
		},
	},
	Case{
		ID: "cluster/never-to-the-sender", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/delivered-to-the-sender", "cluster/emit-unsupported", "cluster/sender-answers-too"},
		Title:  "delivers what an instance emits never to that instance itself",
		Run: func(t *T) {
			all := everywhere(t)
			for from := range all {
				mark := t.Mark()
				emit(t, all[from], "/", "hello", mark)
				emit(t, all[from], "/custom", "hello", mark)
				settled(t, all, from)
				t.Expect(all[from].Entries(with(mark))).To(BeEmpty(), "the deliveries to the sender")
			}
		},
	},
	Case{
		ID: "cluster/delivered-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/asked-twice", "cluster/not-delivered"},
		Title:  "delivers each of many emitted events once, with an acknowledgement or without",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				for i := range 20 {
					emit(t, all[from], "/", "hello", mark, i)
				}
				ask(t, all[from], "/", "echo", mark)
				for _, o := range receivers(all, from) {
					o.Await(21, with(mark))
				}
				settled(t, all, from)
				for _, o := range receivers(all, from) {
					t.Expect(o.Entries(with(mark))).To(HaveLen(21), "the deliveries of 21 events to one instance")
				}
			})
		},
	},
	Case{
		ID: "cluster/arguments-of-every-kind", Level: Required, Source: betweenServers, Needs: cluster,
		Faults: []string{"cluster/booleans-as-numbers", "cluster/fractions-cut-off"},
		Title:  "delivers arguments of every JSON kind unchanged, and as many as were sent",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				args := []any{mark, 1, -1.5, "2", "", true, false, nil, []any{}, []any{1, []any{"x"}}, map[string]any{}, map[string]any{"3": "4", "é": "😀", "deep": map[string]any{"n": nil}}}
				want, _ := json.Marshal(args)
				emit(t, all[from], "/", "hello", args...)
				for _, o := range receivers(all, from) {
					t.Expect(o.Await(1, with(mark))[0].Args).To(MatchJSONValue(string(want)))
				}
			})
		},
	},
	Case{
		ID: "cluster/no-arguments", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/arguments-in-one-array", "cluster/no-argument-as-null"},
		Title:  "delivers an event without arguments",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "echo"), each(t, `[]`)...)
			})
		},
	},
	Case{
		ID: "cluster/one-array-stays-one-argument", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/arguments-as-text", "cluster/first-argument-only", "cluster/last-argument-lost"},
		Title:  "hands a listener an array that was sent as one argument as one argument, and several arguments as several",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "echo", []any{1, 2}), each(t, `[[1,2]]`)...)
				answered(t, ask(t, all[from], "/", "echo", 1, 2), each(t, `[1,2]`)...)
			})
		},
	},
	Case{
		ID: "cluster/text-of-every-script", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/characters-of-one-byte", "cluster/utf-8-encoded-twice"},
		Title:  "delivers text of two, three and four bytes a character, quotes and control characters unchanged",
		Run: func(t *T) {
			text := "é€😀 \"quoted\" \\ \u0001 \u2028 \x1e"
			want, _ := json.Marshal([]string{text})
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "echo", text), each(t, string(want))...)
			})
		},
	},
	Case{
		ID: "cluster/large-argument", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/large-events-lost", "cluster/name-among-the-arguments"},
		Title:  "delivers an argument of a hundred thousand characters, or of nearly maxPayload",
		Run: func(t *T) {
			text := strings.Repeat("0123456789", 10_000)[:fitting(t, 100_000)]
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				answered(t, ask(t, all[from], "/", "echo", text), each(t, fmt.Sprintf("[%q]", text))...)
				emit(t, all[from], "/", "hello", mark, text)
				for _, o := range receivers(all, from) {
					t.Expect(o.Await(1, with(mark))[0].Args).To(MatchJSONValue(fmt.Sprintf("[%q,%q]", mark, text)))
				}
			})
		},
	},
	Case{
		ID: "cluster/answers-come-at-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/timeout-always"},
		Title:  "calls the callback when all answers are there, not at the timeout",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				start := time.Now()
				answered(t, ask(t, all[from], "/", "ping"), each(t, `"pong"`)...)
				t.Expect(time.Since(start)).To(BeNumerically("<", t.EmitTimeout(from)*9/10), "the time that the callback took, as against the timeout")
			})
		},
	},
	Case{
		ID: "cluster/callback-runs-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/callback-called-twice"},
		Waits:  func(t Timings) time.Duration { return t.EmitTimeout * 5 / 4 },
		Title:  "calls the callback once, whether the answers came, came twice, or did not come",
		Run: func(t *T) {
			fromEachAtOnce(t, func(from int, all []*Observer) {
				o := all[from]
				ask(t, o, "/", "ping")
				ask(t, o, "/", "twice")
				ask(t, o, "/", "silent")
				t.Wait(t.EmitTimeout(from)/4, "beyond the timeout of the first question")
				t.Expect(o.AnsweredTwice()).To(BeZero(), "the number of callbacks that ran twice")
				t.Expect(o.Entries(OfType("ack_again"), func(e Entry) bool { return e.Event == "ping" || e.Event == "silent" })).
					To(BeEmpty(), "the records of callbacks that ran twice")
			})
		},
	},
	Case{
		ID: "cluster/other-names-are-free", Level: Recommended, Source: betweenServers, Needs: cluster,
		Faults: []string{"cluster/disconnect-reserved"},
		Title:  "emits every name that is not reserved to other instances, also those that are reserved elsewhere",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for _, name := range []string{"disconnect", "disconnecting", "connect_error", "é€😀", "a b", "hello/world"} {
					emit(t, all[from], "/", name, "x")
				}
			})
		},
	},
	Case{
		ID: "cluster/namespaces-are-kept-apart", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/in-all-namespaces", "cluster/namespace-ignored"},
		Title:  "delivers an event to the listeners of its own namespace alone",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				main, custom := t.Mark(), t.Mark()
				emit(t, all[from], "/", "hello", main)
				emit(t, all[from], "/custom", "hello", custom)
				for mark, namespace := range map[string]string{main: "/", custom: "/custom"} {
					for _, o := range receivers(all, from) {
						for _, e := range o.Await(1, with(mark)) {
							t.Expect(e.Namespace).To(Equal(namespace), "the namespace of the listener")
						}
					}
				}
				ask(t, all[from], "/custom", "ping")
				settled(t, all, from)
				for _, o := range receivers(all, from) {
					t.Expect(o.Entries(with(main))).To(HaveLen(1), "the deliveries of the event of /")
					t.Expect(o.Entries(with(custom))).To(HaveLen(1), "the deliveries of the event of /custom")
				}
			})
		},
	},
	Case{
		ID: "cluster/names-that-look-alike", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/namespaces-by-prefix"},
		Title:  "tells namespaces apart whose names begin alike, or hold a #, a comma or letters of other scripts",
		Run: func(t *T) {
			all, mark := everywhere(t), t.Mark()
			for _, name := range []string{"/custom-twin", "/custom/twin", "/custom#", "/custom#x", "/custom,x", "/customé", "/CUSTOM-twin"} {
				t.Step("emits in %s", name)
				for _, o := range all {
					create(t, o, name)
				}
				for _, o := range all {
					emit(t, o, name, "hello", mark, name)
				}
			}
			for from, o := range all {
				emit(t, o, "/custom", "hello", mark, "right")
				ask(t, o, "/custom", "ping")
				settled(t, all, from)
			}
			for to, o := range all {
				for _, e := range o.Await(others(t), with(mark)) {
					t.Expect(e.Args).To(MatchJSONValue(fmt.Sprintf(`[%q,"right"]`, mark)), "an event that a listener of %s got", e.Namespace)
				}
				t.Expect(o.Entries(with(mark))).To(HaveLen(others(t)), "the deliveries of events of /custom to instance %d", to+1)
			}
		},
	},
	Case{
		ID: "cluster/acknowledgement-in-a-namespace", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/ack-not-seen", "cluster/answers-in-arrays", "cluster/main-namespace-only"},
		Title:  "carries acknowledgements in a namespace other than the main one",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/custom", "ping"), each(t, `"pong"`)...)
			})
		},
	},
	reserved("connect"),
	reserved("connection"),
	reserved("new_namespace"),
	Case{
		ID: "cluster/reserved-names-with-acknowledgement", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/reserved-names-sent"},
		Title:  "refuses the reserved names when an acknowledgement is asked for, too",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for _, name := range []string{"connect", "connection", "new_namespace"} {
					t.Expect(send(t, all[from], emission{"/", name, []any{}, true}).Thrown).NotTo(BeEmpty(), "the error of emitting %s", name)
				}
			})
		},
	},
	Case{
		ID: "cluster/order-of-one-sender", Level: Observed, Source: betweenServers, Needs: cluster,
		Faults: []string{"cluster/lost-in-a-burst", "cluster/reordered-in-a-burst"},
		Title:  "delivers the events of one sender in their order",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				mark := t.Mark()
				for i := range 50 {
					emit(t, all[from], "/", "hello", mark, i)
				}
				for _, o := range receivers(all, from) {
					t.Answer("not all of them came")
					entries := o.Await(50, with(mark))
					t.Answer("it does not keep their order, which some adapters do not promise")
					for i, e := range entries {
						t.Expect(e.Args).To(MatchJSONValue(fmt.Sprintf(`[%q,%d]`, mark, i)), "event %d of 50", i+1)
					}
				}
				t.Answer("it keeps their order")
			})
		},
	},
)

// reserved is the case of one reserved name.
func reserved(name string) Case {
	return Case{
		ID: "cluster/reserved-" + strings.ReplaceAll(name, "_", "-"), Level: Required, Source: betweenServers, Needs: cluster,
		Title: fmt.Sprintf("refuses to emit the reserved name %s to other instances", name),
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				r := send(t, all[from], emission{"/", name, []any{"x"}, false})
				t.Expect(r.Thrown).NotTo(BeEmpty(), "the error of emitting it: %s", r.raw)
				t.Expect(r.Thrown).To(ContainSubstring(name), "the error's message")
			})
		},
	}
}
