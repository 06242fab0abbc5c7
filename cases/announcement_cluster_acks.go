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
		ID: "cluster/acknowledgement-from-each-instance", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-as-text", "cluster/answers-doubled", "cluster/sender-counted"},
		Title:  "gives the callback one answer of each other instance, from every sender",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "whoami"), names(t, from)...)
			})
		},
	},
	Case{
		ID: "cluster/acknowledgement-value", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/nested-values-lost", "cluster/null-arguments-dropped"},
		Title:  "carries an acknowledgement's value unchanged, of whatever JSON kind",
		Run: func(t *T) {
			value := `[1,-1.5,"é€😀",true,null,{"a":[{"b":{}}]},[]]`
			var args []any
			_ = json.Unmarshal([]byte(value), &args)
			fromEach(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "ping"), each(t, `"pong"`)...)
				answered(t, ask(t, all[from], "/", "echo", args...), each(t, value)...)
			})
		},
	},
	Case{
		ID: "cluster/first-acknowledgement-counts", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-lost", "cluster/last-answer-counts"},
		Title:  "takes the first of two acknowledgements of one listener and ignores the second",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				for range 3 {
					answered(t, ask(t, all[from], "/", "twice"), each(t, `"first"`)...)
				}
			})
		},
	},
	Case{
		ID: "cluster/listener-is-told-of-the-acknowledgement", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/ack-always-seen", "cluster/listener-event-lost"},
		Title:  "hands a listener a callback where an acknowledgement is asked for, and none where not",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				without, wanted := t.Mark(), t.Mark()
				emit(t, all[from], "/", "echo", without)
				ask(t, all[from], "/", "echo", wanted)
				for _, o := range receivers(all, from) {
					t.Expect(o.Await(1, with(without))[0].Ack).To(BeFalse(), "whether the listener got a callback")
					entry := o.Await(1, with(wanted))[0]
					t.Expect(entry.Ack).To(BeTrue(), "whether the listener got a callback")
					t.Expect(entry.Args).To(MatchJSONValue(fmt.Sprintf(`[%q]`, wanted)), "the arguments beside the callback")
				}
			})
		},
	},
	Case{
		ID: "cluster/silent-listener-times-out", Level: Required, Source: betweenServers, Needs: clusterAcks, Waits: EmitDeadline, Timing: true,
		Faults: []string{"cluster/callback-never-called", "cluster/timeout-hidden", "cluster/timeout-missing"},
		Title:  "gives the callback an error and the answers so far when a listener stays silent, at the timeout",
		Run: func(t *T) {
			timesOut(t, "/", "silent")
		},
	},
	Case{
		ID: "cluster/no-listener-times-out", Level: Required, Source: betweenServers, Needs: clusterAcks, Waits: EmitDeadline, Timing: true,
		Faults: []string{"cluster/asks-nobody", "cluster/silence-answers", "cluster/timeout-message-empty"},
		Title:  "gives the callback an error and the answers so far when no instance listens, at the timeout",
		Run: func(t *T) {
			timesOut(t, "/", "nobody-listens-"+t.Mark())
		},
	},
	Case{
		ID: "cluster/one-answer-in-time-is-kept", Level: Required, Source: betweenServers, Waits: EmitDeadline, Timing: true,
		Faults: []string{"cluster/timeout-without-answers"},
		Needs:  Needs{Features: clusterAcks.Features, Targets: 3},
		Title:  "gives the callback an error and the answers that came when one listener stays silent, or all but one",
		Run: func(t *T) {
			counts := slices.Compact([]int{1, others(t) - 1}) // of three instances, one is all but one
			t.Together(len(counts), func(i int) { partly(t, counts[i]) })
		},
	},
	Case{
		ID: "cluster/late-answer-within-the-timeout", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-joined", "cluster/timeout-early"},
		Waits:  func(t Timings) time.Duration { return t.EmitTimeout / 2 },
		Title:  "waits for an answer that comes late, but before the timeout",
		Run: func(t *T) {
			fromEachAtOnce(t, func(from int, all []*Observer) {
				answered(t, ask(t, all[from], "/", "late", t.EmitTimeout(from).Milliseconds()/2), names(t, from)...)
			})
		},
	},
	Case{
		ID: "cluster/answer-after-the-timeout-changes-nothing", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/late-answer-heard-again", "cluster/late-answer-to-the-next-question", "cluster/timeout-filled-with-null", "cluster/timeout-late"},
		Waits:  func(t Timings) time.Duration { return t.EmitTimeout * 3 / 2 },
		Title:  "ignores an answer that comes after the timeout, and answers later questions right",
		Run: func(t *T) {
			fromEachAtOnce(t, func(from int, all []*Observer) {
				o := all[from]
				late := t.EmitTimeout(from) + t.EmitTimeout(from)/4
				r := ask(t, o, "/", "late", late.Milliseconds())
				t.Expect(r.Error).NotTo(BeNil(), "the error that the callback got: %s", r.raw)
				t.Expect(r.Responses).To(BeEmpty(), "the answers that the callback got: %s", r.raw)
				t.Wait(t.EmitTimeout(from)/4+t.Tolerance().Late, "until the late answers have come")
				answered(t, ask(t, o, "/", "ping"), each(t, `"pong"`)...)
				t.Expect(o.AnsweredTwice()).To(BeZero(), "the number of callbacks that ran twice")
				t.Expect(o.Entries(OfType("ack_again"), func(e Entry) bool { return e.Event == "late" })).
					To(BeEmpty(), "the records of callbacks that ran twice")
			})
		},
	},
	Case{
		ID: "cluster/alone-answers-at-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/alone-fails", "cluster/alone-never-answered", "cluster/alone-times-out"},
		Title:  "gives the callback an empty list at once where no other instance has the namespace",
		Run: func(t *T) {
			fromEach(t, func(from int, all []*Observer) {
				o, name := all[from], "/"+t.Mark()
				create(t, o, name)
				start := time.Now()
				r := ask(t, o, name, "ping")
				t.Expect(r.Error).To(BeNil(), "the error that the callback got: %s", r.raw)
				t.Expect(r.Responses).To(And(Not(BeNil()), BeEmpty()), "the answers that the callback got: %s", r.raw)
				t.Expect(time.Since(start)).To(BeNumerically("<", t.EmitTimeout(from)*9/10), "the time that the callback took, as against the timeout")
			})
		},
	},
	Case{
		ID: "cluster/questions-at-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-to-another-caller", "cluster/numbers-as-strings"},
		Title:  "answers each of many questions under way at once with its own answers",
		Run: func(t *T) {
			all := everywhere(t)
			t.Together(min(100, t.Tolerance().Crowd/3), func(i int) {
				mark := t.Mark()
				answered(t, ask(t, all[i%len(all)], "/", "echo", mark, i), each(t, fmt.Sprintf(`[%q,%d]`, mark, i))...)
			})
		},
	},
	Case{
		ID: "cluster/thousand-questions-in-flight", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-lost-in-a-crowd", "cluster/answers-swapped-in-a-crowd"},
		Waits:  func(t Timings) time.Duration { return t.EmitTimeout / 2 },
		Alone:  true,
		Title:  "answers each of a thousand questions in flight from two senders once, and to the right caller",
		Run:    func(t *T) { crowded(t, t.Tolerance().Crowd) },
	},
)

// timesOut asks what nobody answers: the callback must run at the timeout, with an error and an
// empty list. It is judged from both sides.
func timesOut(t *T, namespace, event string) {
	fromEachAtOnce(t, func(from int, all []*Observer) {
		timeout := t.EmitTimeout(from)
		start := time.Now()
		r := ask(t, all[from], namespace, event)
		took := time.Since(start)
		t.Expect(r.Error).NotTo(BeNil(), "the error that the callback got: %s", r.raw)
		t.Expect(*r.Error).NotTo(BeEmpty(), "the error's message")
		t.Expect(r.Responses).To(And(Not(BeNil()), BeEmpty()), "the answers that the callback got: %s", r.raw)
		t.Expect(took).To(BeNumerically(">=", timeout-t.Tolerance().Early), "the time that the callback took")
		t.Expect(took).To(BeNumerically("<=", timeout+t.Tolerance().Late), "the time that the callback took")
	})
}

// partly asks what only the next n instances behind the sender answer: the callback must get an error
// and those answers.
func partly(t *T, n int) {
	fromEachAtOnce(t, func(from int, all []*Observer) {
		var speaking, want []string
		for i := range n {
			name := t.Info((from + 1 + i) % t.Targets()).Instance
			speaking, want = append(speaking, name), append(want, fmt.Sprintf("%q", name))
		}
		r := ask(t, all[from], "/", "only", speaking)
		t.Expect(r.Error).NotTo(BeNil(), "the error that the callback got: %s", r.raw)
		r.Error = nil
		answered(t, r, want...)
	})
}

// names are those of the instances other than the sender, as JSON.
func names(t *T, from int) (all []string) {
	for i := range t.Targets() {
		if i != from {
			all = append(all, fmt.Sprintf("%q", t.Info(i).Instance))
		}
	}
	return all
}

// leastCrowd is a number of questions that the slowest of machines bears.
const leastCrowd = 125

// crowded asks from two senders at once until so many questions are in flight: each second one is
// answered late, and keeps the number up while the others are answered. A question that is not answered
// in time is no failure where fewer are answered: half as many are asked then, as long as that is a crowd.
func crowded(t *T, crowd int) {
	all := everywhere(t)[:2]
	timeout := min(t.EmitTimeout(0), t.EmitTimeout(1))
	took := make([]time.Duration, crowd)
	results := make([]outcome, crowd)
	answers := make([]func(time.Duration) (json.RawMessage, time.Duration), crowd)
	mark := t.Mark()
	for i := range crowd {
		e := emission{"/", "echo", []any{mark, i}, true}
		if i%2 == 0 {
			e.Event, e.Args = "late", []any{(timeout / 4).Milliseconds()}
		}
		answers[i] = all[i/2%2].Begin("server_side_emit", e)
	}
	for i, answer := range answers {
		var text json.RawMessage
		text, took[i] = answer(timeout)
		t.Expect(json.Unmarshal(text, &results[i])).To(Succeed(), "the answer of server_side_emit: %s", text)
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
	if missed > 0 && crowd > leastCrowd {
		t.Step("%d of %d questions were not answered in time, others within %d ms: asks half as many", missed, crowd, slowest.Milliseconds())
		crowded(t, crowd/2)
		return
	}
	for i, r := range results {
		if i%2 != 0 {
			answered(t, r, each(t, fmt.Sprintf(`[%q,%d]`, mark, i))...)
			continue
		}
		t.Expect(r.Error).To(BeNil(), "the error that the callback got: %s", r.raw)
		t.Expect(r.Responses).To(HaveLen(others(t)), "the answers that the callback got: %s", r.raw)
	}
	for _, o := range all {
		t.Expect(o.AnsweredTwice()).To(BeZero(), "the number of callbacks that ran twice")
	}
	t.Answer("with %d questions in flight", crowd)
}
