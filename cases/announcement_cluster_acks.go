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
		ID: "cluster/acknowledgement-from-each-instance", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-as-text", "cluster/answers-doubled", "cluster/sender-counted"},
		Title:  "gives the callback one answer of each other instance, from every sender",
		Run: func(t *T) {
			for from, o := range everywhere(t) {
				var want []string
				for i := range t.Targets() {
					if i != from {
						want = append(want, fmt.Sprintf("%q", t.Info(i).Instance))
					}
				}
				answered(t, ask(t, o, "/", "whoami"), want...)
			}
		},
	},
	Case{
		ID: "cluster/acknowledgement-value", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/nested-values-lost", "cluster/null-arguments-dropped"},
		Title:  "carries an acknowledgement's value unchanged, of whatever JSON kind",
		Run: func(t *T) {
			o := t.Observe(0)
			value := `[1,-1.5,"é€😀",true,null,{"a":[{"b":{}}]},[]]`
			var args []any
			_ = json.Unmarshal([]byte(value), &args)
			answered(t, ask(t, o, "/", "ping"), each(t, `"pong"`)...)
			answered(t, ask(t, o, "/", "echo", args...), each(t, value)...)
		},
	},
	Case{
		ID: "cluster/first-acknowledgement-counts", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-lost", "cluster/last-answer-counts"},
		Title:  "takes the first of two acknowledgements of one listener and ignores the second",
		Run: func(t *T) {
			o := t.Observe(0)
			for range 3 {
				answered(t, ask(t, o, "/", "twice"), each(t, `"first"`)...)
			}
		},
	},
	Case{
		ID: "cluster/listener-is-told-of-the-acknowledgement", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/ack-always-seen", "cluster/listener-event-lost"},
		Title:  "hands a listener a callback where an acknowledgement is asked for, and none where not",
		Run: func(t *T) {
			all := everywhere(t)
			without, wanted := t.Mark(), t.Mark()
			emit(t, all[0], "/", "echo", without)
			ask(t, all[0], "/", "echo", wanted)
			for _, o := range all[1:] {
				t.Expect(o.Await(1, with(without))[0].Ack).To(BeFalse(), "whether the listener got a callback")
				entry := o.Await(1, with(wanted))[0]
				t.Expect(entry.Ack).To(BeTrue(), "whether the listener got a callback")
				t.Expect(entry.Args).To(MatchJSONValue(fmt.Sprintf(`[%q]`, wanted)), "the arguments beside the callback")
			}
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
		Title:  "gives the callback an error and the one answer when all but one listener stay silent",
		Run: func(t *T) {
			name := t.Info(1).Instance
			r := ask(t, t.Observe(0), "/", "only", []any{name})
			t.Expect(r.Error).NotTo(BeNil(), "the error that the callback got: %s", r.raw)
			t.Expect(r.Responses).To(HaveLen(1), "the answers that the callback got: %s", r.raw)
			t.Expect(r.Responses[0]).To(MatchJSONValue(fmt.Sprintf("%q", name)))
		},
	},
	Case{
		ID: "cluster/late-answer-within-the-timeout", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-joined", "cluster/timeout-early"},
		Waits:  func(t Timings) time.Duration { return t.EmitTimeout / 2 },
		Title:  "waits for an answer that comes late, but before the timeout",
		Run: func(t *T) {
			var want []string
			for i := range t.Targets() {
				if i != 0 {
					want = append(want, fmt.Sprintf("%q", t.Info(i).Instance))
				}
			}
			answered(t, ask(t, t.Observe(0), "/", "late", t.Timings().EmitTimeout.Milliseconds()/2), want...)
		},
	},
	Case{
		ID: "cluster/answer-after-the-timeout-changes-nothing", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/timeout-filled-with-null", "cluster/timeout-late"},
		Waits:  func(t Timings) time.Duration { return t.EmitTimeout * 3 / 2 },
		Title:  "ignores an answer that comes after the timeout, and answers later questions right",
		Run: func(t *T) {
			o := t.Observe(0)
			late := t.Timings().EmitTimeout + t.Timings().EmitTimeout/4
			r := ask(t, o, "/", "late", late.Milliseconds())
			t.Expect(r.Error).NotTo(BeNil(), "the error that the callback got: %s", r.raw)
			t.Expect(r.Responses).To(BeEmpty(), "the answers that the callback got: %s", r.raw)
			t.Wait(t.Timings().EmitTimeout/4+t.Tolerance().Late, "until the late answers have come")
			answered(t, ask(t, o, "/", "ping"), each(t, `"pong"`)...)
		},
	},
	Case{
		ID: "cluster/alone-answers-at-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/alone-fails", "cluster/alone-never-answered", "cluster/alone-times-out"},
		Title:  "gives the callback an empty list at once where no other instance has the namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			start := time.Now()
			r := ask(t, o, name, "ping")
			t.Expect(r.Error).To(BeNil(), "the error that the callback got: %s", r.raw)
			t.Expect(r.Responses).To(And(Not(BeNil()), BeEmpty()), "the answers that the callback got: %s", r.raw)
			t.Expect(time.Since(start)).To(BeNumerically("<", t.Timings().EmitTimeout*9/10), "the time that the callback took, as against the timeout")
		},
	},
	Case{
		ID: "cluster/questions-at-once", Level: Required, Source: betweenServers, Needs: clusterAcks,
		Faults: []string{"cluster/answers-to-another-caller", "cluster/numbers-as-strings"},
		Title:  "answers each of many questions under way at once with its own answers",
		Run: func(t *T) {
			all := everywhere(t)
			t.Together(100, func(i int) {
				mark := t.Mark()
				answered(t, ask(t, all[i%len(all)], "/", "echo", mark, i), each(t, fmt.Sprintf(`[%q,%d]`, mark, i))...)
			})
		},
	},
)

// timesOut asks what nobody answers: the callback must run at the timeout, with an error and an
// empty list. It is judged from both sides.
func timesOut(t *T, namespace, event string) {
	o, timeout := t.Observe(0), t.Timings().EmitTimeout
	start := time.Now()
	r := ask(t, o, namespace, event)
	took := time.Since(start)
	t.Expect(r.Error).NotTo(BeNil(), "the error that the callback got: %s", r.raw)
	t.Expect(*r.Error).NotTo(BeEmpty(), "the error's message")
	t.Expect(r.Responses).To(And(Not(BeNil()), BeEmpty()), "the answers that the callback got: %s", r.raw)
	t.Expect(took).To(BeNumerically(">=", timeout-t.Tolerance().Early), "the time that the callback took")
	t.Expect(took).To(BeNumerically("<=", timeout+t.Tolerance().Late), "the time that the callback took")
}
