package cases

import (
	"encoding/json"
	"fmt"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "cluster/single-arguments", Level: Required, Rules: rules(argumentsArriveUnchanged), Needs: clusterAcks,
		Title: "delivers a single argument of any type as one argument, and keeps trailing nulls and text that looks like JSON",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for _, text := range single {
					var arg any
					_ = json.Unmarshal([]byte(text), &arg)
					answered(t, ask(t, all[from], "/", "echo", arg), each(t, `[`+text+`]`)...)
				}
				mark := t.Mark()
				var want []any
				for _, args := range [][]any{{[]any{mark, 1}}, {map[string]any{mark: nil}}, several(t, mark, nil, nil), {fmt.Sprintf(`{%q:1}`, mark)}} {
					emit(t, all[from], "/", "hello", args...)
					text, _ := json.Marshal(args)
					want = append(want, MatchJSONValue(string(text)))
				}
				for _, o := range receivers(all, from) {
					var got []string
					for _, e := range o.Await(len(want), with(mark)) {
						got = append(got, string(e.Args))
					}
					t.Expect(Gathered(got), "the arguments that the listener got").To(ConsistOf(want...))
				}
			})
		},
	},
	Case{
		ID: "cluster/question-after-a-timeout", Level: Required, Rules: rules(questionsAreApart, oneAnswerOfEachServer), Needs: clusterAcks,
		Waits: func(t Timings) time.Duration { return 2 * t.EmitTimeout },
		Title: "answers the question that follows one whose answer was missing, in each namespace",
		Run: func(t *T) {
			all, namespaces := everywhere(t), []string{"/", "/custom"}
			t.Together(len(all)*len(namespaces), func(t *T, i int) {
				from, namespace := i%len(all), namespaces[i/len(all)]
				for range 2 {
					r := ask(t, all[from], namespace, "silent")
					t.Expect(r.Error, "the error that the callback got").OfTimer().NotTo(BeNil())
					answered(t, ask(t, all[from], namespace, "echo", 1), each(t, `[1]`)...)
				}
			})
		},
	},
	Case{
		ID: "cluster/questions-do-not-wait-for-each-other", Level: Required, Rules: rules(questionsAreApart, missingAnswerIsAnError), Needs: clusterAcks, Timing: true,
		Waits: func(t Timings) time.Duration { return t.EmitTimeout * 9 / 8 },
		Title: "answers other questions while one waits for an answer that never comes, and gives that one its error on time",
		Run: func(t *T) {
			fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
				timeout := t.EmitTimeout(from)
				begin := func(event string, args ...any) func() (outcome, time.Duration) {
					await := all[from].Begin("server_side_emit", emission{"/", event, list(args), true})
					return func() (r outcome, took time.Duration) {
						answer, took := await(timeout)
						t.Decode(answer, &r, "an object as in the contract", "the answer of server_side_emit")
						r.raw = string(answer)
						return r, took
					}
				}
				start := time.Now()
				silent := begin("silent")
				t.Wait(timeout/2, "for half of the timeout")
				late := begin("late", (timeout * 5 / 8).Milliseconds()) // beyond the timeout of the first
				asked := time.Since(start)
				r, pinged := begin("ping")()
				answered(t, r, each(t, `"pong"`)...)
				r, took := silent()
				t.Expect(r.Error, "the error that the callback got").OfTimer().NotTo(BeNil())
				t.Expect(took, "the time that the callback without an answer took, compared with the timeout").To(BeNumerically("<", timeout*11/8))
				t.Expect(asked+pinged, "the time until the later question was answered, compared with the end of the first").To(BeNumerically("<", took))
				r, _ = late()
				answered(t, r, names(t, from)...)
			})
		},
	},
	Case{
		ID: "cluster/never-to-clients", Level: Required, Rules: rules(neverReachesClients), Needs: cluster,
		Title: "does not deliver to any client what an instance emits to other instances",
		Run: func(t *T) {
			var clients []*Client
			for i := range t.Targets() {
				c := t.Client(OverWebSocket, On(i))
				c.Connect("/")
				c.Connect("/custom")
				clients = append(clients, c)
			}
			fromEach(t, func(from int, all []*Observer) {
				for _, name := range []string{"/", "/custom"} {
					mark := t.Mark()
					emit(t, all[from], name, "hello", mark)
					for _, o := range receivers(all, from) {
						o.Await(1, with(mark))
					}
				}
				for _, c := range clients {
					c.Echoes("/") // nothing may come first
					c.Echoes("/custom")
				}
			})
		},
	},
	Case{
		ID: "cluster/never-from-clients", Level: Required, Rules: rules(clientsReachNoServerListener), Needs: cluster,
		Title: "does not pass events of clients to the listeners for events of other instances",
		Run: func(t *T) {
			all, mark := everywhere(t), t.Mark()
			for i := range all {
				c := t.Client(OverWebSocket, On(i))
				for _, name := range []string{"/", "/custom"} {
					c.Connect(name)
					for _, event := range []string{"hello", "ping", "echo"} {
						c.Send(fmt.Sprintf(`42%s[%q,%q]`, Prefix(name), event, mark))
					}
					c.Echoes(name)
				}
			}
			for _, o := range all {
				t.Expect(o.Entries(with(mark)), "the events that the listeners got").To(BeEmpty())
			}
		},
	},
)
