package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "cluster/acknowledgement-from-each-instance", Level: Required, Rules: rules(oneAnswerOfEachServer), Needs: clusterAcks,
		Title: "gives the callback one answer from each other instance, for every sender",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "whoami"), names(t, from)...)
			})
		},
	},
	Case{
		ID: "cluster/acknowledgement-value", Level: Required, Rules: rules(oneAnswerOfEachServer), Needs: clusterAcks,
		Title: "carries an acknowledgement's value of any JSON type unchanged",
		Run: func(t *T) {
			value := `[1,-1.5,"é€😀",true,null,{"a":[{"b":{}}]},[]]`
			var args []any
			_ = json.Unmarshal([]byte(value), &args)
			args = several(t, args...)
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "ping"), each(t, `"pong"`)...)
				answered(t, ask(t, all[from], "/", "echo", args...), each(t, asJSON(args))...)
			})
		},
	},
	Case{
		ID: "cluster/one-answer-of-a-listener-that-answers-twice", Level: Required, Rules: rules(oneAnswerOfEachServer, callbackRunsOnce), Needs: clusterAcks,
		Title: "gives the callback one answer from each other instance if the listeners acknowledge twice, and calls it once",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for range 3 {
					r := besideUnnamed(t, ask(t, all[from], "/", "twice"), each(t, `"first"`))
					t.Expect(r.Error, "the error that the callback got").OfTimerLasting(t.Timings().EmitTimeout).To(BeNil())
					t.Expect(r.Responses, "the answers that the callback got").To(HaveLen(others(t)))
					for _, one := range r.Responses {
						t.Expect(one, "one of the answers").To(Or(MatchJSONValue(`"first"`), MatchJSONValue(`"second"`)))
					}
				}
				t.Expect(all[from].AnsweredTwice(), "the number of callbacks that ran twice").To(BeZero())
			})
		},
	},
	Case{
		ID: "cluster/first-acknowledgement-counts", Level: Recommended, Rules: rules(firstAnswerCounts, oneAnswerOfEachServer), Needs: clusterAcks,
		Title: "uses the first of two acknowledgements of one listener and ignores the second",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for range 3 {
					answered(t, ask(t, all[from], "/", "twice"), each(t, `"first"`)...)
				}
			})
		},
	},
	Case{
		ID: "cluster/listener-is-told-of-the-acknowledgement", Level: Required, Rules: rules(listenerGetsACallback, reachesEachOtherServer), Needs: clusterAcks,
		Title: "passes a listener a callback if an acknowledgement is asked for, and otherwise none",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				without, wanted := t.Mark(), t.Mark()
				emit(t, all[from], "/", "echo", without)
				ask(t, all[from], "/", "echo", wanted)
				for _, o := range receivers(all, from) {
					t.Expect(o.Await(1, with(without))[0].Ack, "whether the listener got a callback").To(BeFalse())
					entry := o.Await(1, with(wanted))[0]
					t.Expect(entry.Ack, "whether the listener got a callback").To(BeTrue())
					t.Expect(entry.Args, "the arguments besides the callback").To(MatchJSONValue(fmt.Sprintf(`[%q]`, wanted)))
				}
			})
		},
	},
	Case{
		ID: "cluster/silent-listener-times-out", Level: Required, Rules: rules(missingAnswerIsAnError, answersSoFarAreKept), Needs: clusterAcks, Waits: EmitDeadline, Timing: true,
		Title: "gives the callback an error and the answers so far when a listener stays silent, at the timeout",
		Run: func(t *T) {
			timesOut(t, "/", "silent")
		},
	},
	Case{
		ID: "cluster/no-listener-times-out", Level: Required, Rules: rules(missingAnswerIsAnError, answersSoFarAreKept), Needs: clusterAcks, Waits: EmitDeadline, Timing: true,
		Title: "gives the callback an error and the answers so far when no instance listens, at the timeout",
		Run: func(t *T) {
			timesOut(t, "/", "nobody-listens-"+t.Mark())
		},
	},
	Case{
		ID: "cluster/one-answer-in-time-is-kept", Level: Recommended, Rules: rules(answersSoFarAreKept, missingAnswerIsAnError), Waits: EmitDeadline, Timing: true,
		Needs: Needs{Features: clusterAcks.Features, Targets: 3},
		Title: "gives the callback an error and the answers that came when one listener stays silent, or all but one",
		Run: func(t *T) {
			counts := slices.Compact([]int{1, others(t) - 1}) // with three instances, both are one
			t.Together(len(counts), func(t *T, i int) { partly(t, counts[i]) })
		},
	},
	Case{
		ID: "cluster/late-answer-within-the-timeout", Level: Required, Rules: rules(oneAnswerOfEachServer, missingAnswerIsAnError), Needs: clusterAcks,
		Waits: func(t Timings) time.Duration { return t.EmitTimeout / 2 },
		Title: "waits for an answer that comes late, but before the timeout",
		Run: func(t *T) {
			fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "late", t.EmitTimeout(from).Milliseconds()/2), names(t, from)...)
			})
		},
	},
	Case{
		ID: "cluster/answer-after-the-timeout-changes-nothing", Level: Required, Rules: rules(questionsAreApart, callbackRunsOnce, missingAnswerIsAnError, answersSoFarAreKept), Needs: clusterAcks,
		Waits: func(t Timings) time.Duration { return t.EmitTimeout * 3 / 2 },
		Title: "ignores an answer that comes after the timeout, and answers later questions correctly",
		Run: func(t *T) {
			fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
				o := all[from]
				late := t.EmitTimeout(from) + t.EmitTimeout(from)/4
				r := ask(t, o, "/", "late", late.Milliseconds())
				t.Expect(r.Error, "the error that the callback got").OfTimer().NotTo(BeNil())
				t.Expect(r.Responses, "the answers that the callback got").OfTimer().To(BeEmpty())
				t.Wait(t.EmitTimeout(from)/4+t.Tolerance().Late, "until the late answers have come")
				answered(t, ask(t, o, "/", "ping"), each(t, `"pong"`)...)
				t.Expect(o.AnsweredTwice(), "the number of callbacks that ran twice").OfNoTimer().To(BeZero())
				t.Expect(o.Entries(OfType("ack_again"), func(e Entry) bool { return e.Event == "late" }), "the records of callbacks that ran twice").
					OfNoTimer().To(BeEmpty())
			})
		},
	},
	Case{
		ID: "cluster/alone-answers-at-once", Level: Recommended, Rules: rules(aloneGetsAnEmptyList), Needs: clusterAcks,
		Title: "gives the callback an empty list at once if no other instance has the namespace",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				o, name := all[from], "/"+t.Mark()
				create(t, o, name)
				start := time.Now()
				r := ask(t, o, name, "ping")
				t.Expect(r.Error, "the error that the callback got").OfTimerLasting(t.Timings().EmitTimeout).To(BeNil())
				t.Expect(r.Responses, "the answers that the callback got").To(And(Not(BeNil()), BeEmpty()))
				t.Expect(time.Since(start), "the time that the callback took, compared with the timeout").To(BeNumerically("<", t.EmitTimeout(from)*9/10))
			})
		},
	},
	Case{
		ID: "cluster/alone-callback-runs", Level: Required, Rules: rules(missingAnswerIsAnError), Needs: clusterAcks, Waits: EmitDeadline,
		Title: "calls the callback by the timeout, with an empty list or an error, if no other instance has the namespace",
		Run: func(t *T) {
			fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
				name := "/" + t.Mark()
				create(t, all[from], name)
				if r := ask(t, all[from], name, "ping"); r.Error == nil {
					t.Expect(r.Responses, "the answers that the callback got").To(And(Not(BeNil()), BeEmpty()))
				}
			})
		},
	},
	Case{
		ID: "cluster/questions-at-once", Level: Required, Rules: rules(questionsAreApart, oneAnswerOfEachServer), Needs: clusterAcks,
		Title: "gives each of many questions that are under way at once its own answers",
		Run: func(t *T) {
			all := everywhere(t)
			t.Together(min(100, t.Tolerance().Crowd/3), func(t *T, i int) {
				args := several(t, t.Mark(), i)
				answered(t, ask(t, all[i%len(all)], "/", "echo", args...), each(t, asJSON(args))...)
			})
		},
	},
	Case{
		ID: "cluster/thousand-questions-in-flight", Level: Recommended, Rules: rules(manyQuestionsAtOnce, questionsAreApart), Needs: clusterAcks,
		Waits: func(t Timings) time.Duration { return t.EmitTimeout / 2 },
		Alone: true,
		Title: "answers each of a thousand questions in flight from two senders once, and to the right caller",
		Run: func(t *T) {
			all := everywhere(t)
			answered(t, ask(t, all[0], "/", "echo", 1), each(t, `[1]`)...) // otherwise even the smallest crowd would wait in vain
			crowded(t, t.Tolerance().Crowd)
		},
	},
)

// timesOut asks a question that nobody answers: the callback must run at the timeout, neither earlier nor later, with an
// error and an empty list.
func timesOut(t *T, namespace, event string) {
	fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
		timeout := t.EmitTimeout(from)
		start := time.Now()
		r := ask(t, all[from], namespace, event)
		end := time.Now()
		t.Expect(r.Error, "the error that the callback got").OfTimer().NotTo(BeNil())
		t.Expect(r.Responses, "the answers that the callback got").To(And(Not(BeNil()), BeEmpty()))
		t.Expect(Elapsed{From: At(start), Until: At(end)}, "the time that the callback took").To(t.Last(timeout))
	})
}

// partly asks a question that only the next n instances after the sender answer: the callback must get an error and those
// answers.
func partly(t *T, n int) {
	fromEachAtOnce(t, func(t *T, from int, all []*Observer) {
		var speaking, want []string
		for i := range n {
			name := t.Info((from + 1 + i) % t.Targets()).Instance
			speaking, want = append(speaking, name), append(want, fmt.Sprintf("%q", name))
		}
		r := ask(t, all[from], "/", "only", speaking)
		answeredInPart(t, r, want...)
	})
}

// names returns the names of the instances other than the sender, as JSON.
func names(t *T, from int) (all []string) {
	for i := range t.Targets() {
		if i != from {
			all = append(all, fmt.Sprintf("%q", t.Info(i).Instance))
		}
	}
	return all
}

// Any machine handles leastCrowd questions at once. Even a server that can hardly keep up gets at least slowCrowd.
const leastCrowd, slowCrowd = 125, 16

// crowded asks from two senders at once until that many questions are in flight. Every second one is answered late, which
// keeps the number up while the others are answered. If some are not answered in time, the case does not fail but asks half
// as many, as long as these are enough.
func crowded(t *T, crowd int) {
	all := everywhere(t)[:2]
	timeout := min(t.EmitTimeout(0), t.EmitTimeout(1))
	took := make([]time.Duration, crowd)
	results := make([]outcome, crowd)
	answers := make([]func(time.Duration) (json.RawMessage, time.Duration), crowd)
	mark := t.Mark()
	for i := range crowd {
		e := emission{"/", "echo", several(t, mark, i), true}
		if i%2 == 0 {
			e.Event, e.Args = "late", []any{(timeout / 4).Milliseconds()}
		}
		answers[i] = all[i/2%2].Begin("server_side_emit", e)
	}
	for i, answer := range answers {
		var text json.RawMessage
		text, took[i] = answer(timeout)
		t.Decode(text, &results[i], "an object as in the contract", "the answer of server_side_emit")
		results[i].raw = string(text)
	}
	var slowest time.Duration
	missed := 0
	for i, r := range results {
		if r.Error != nil {
			missed++
		} else {
			slowest = max(slowest, took[i])
		}
	}
	slow := slowest == 0 || slowest > timeout/2
	if missed > 0 && (crowd > leastCrowd || slow && crowd > slowCrowd) {
		t.Step("%d of %d questions were not answered in time, the others within %d ms: asks half as many", missed, crowd, slowest.Milliseconds())
		crowded(t, crowd/2)
		return
	}
	for i, r := range results {
		if i%2 != 0 {
			answered(t, r, each(t, asJSON(several(t, mark, i)))...)
			continue
		}
		r = besideUnnamed(t, r, names(t, i/2%2))
		t.Expect(r.Error, "the error that the callback got").OfTimerLasting(t.Timings().EmitTimeout).To(BeNil())
		t.Expect(r.Responses, "the answers that the callback got").To(HaveLen(others(t)))
	}
	for _, o := range all {
		t.Expect(o.AnsweredTwice(), "the number of callbacks that ran twice").To(BeZero())
	}
	t.Answer("with %d questions in flight", crowd)
}
