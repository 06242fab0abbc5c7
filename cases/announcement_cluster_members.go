package cases

import (
	"fmt"
	"slices"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// restarts is what a case needs to stop and restart an instance while its cluster goes on.
var restarts = Needs{Features: clusterAcks.Features, Targets: 2, Restarts: true}

// settles is how long a cluster may take to notice that an instance left or joined. The Redis adapters know at once.
// Adapters with heartbeats know after ten seconds.
const settles = 15 * time.Second

var _ = Add(
	Case{
		ID: "cluster/stopped-instance-is-not-counted", Level: Required, Rules: rules(clusterAsItIs), Needs: restarts,
		Title: "does not wait for the answer of a stopped instance",
		Run: func(t *T) {
			last := t.Targets() - 1
			counted(t, present(t, t.Targets()))
			t.Stop(last)
			counted(t, present(t, last))
		},
	},
	Case{
		ID: "cluster/joining-instance-is-counted", Level: Required, Rules: rules(clusterAsItIs), Needs: restarts,
		Title: "waits for the answer of an instance that joins, and delivers events to and from it",
		Run: func(t *T) {
			last := t.Targets() - 1
			t.Stop(last)
			counted(t, present(t, last))
			t.Start(last)
			counted(t, present(t, t.Targets()))
			all := everywhere(t)
			for from, to := range map[int]int{0: last, last: 0} {
				mark := t.Mark()
				emit(t, all[from], "/", "hello", mark)
				t.Expect(all[to].Await(1, with(mark)), "the deliveries from instance %d to instance %d", from+1, to+1).To(HaveLen(1))
			}
		},
	},
	Case{
		ID: "cluster/instance-stops-while-it-is-asked", Level: Recommended, Rules: rules(answersSoFarAreKept, clusterAsItIs), Waits: EmitDeadline,
		Needs: Needs{Features: clusterAcks.Features, Targets: 3, Restarts: true}, // with two, nobody is left to answer
		Title: "gives the callback the other answers if an instance stops before it has answered",
		Run: func(t *T) {
			last, timeout := t.Targets()-1, t.EmitTimeout(0)
			names := present(t, t.Targets())
			o := t.Observe(0)
			var r outcome
			t.Together(2, func(t *T, i int) {
				if i == 0 {
					r = ask(t, o, "/", "late", (timeout * 3 / 4).Milliseconds())
					return
				}
				t.Wait(timeout/4, "until the question has arrived")
				t.Stop(last)
			})
			var got []string
			r = withoutUnnamed(r, t.AskUnnamed())
			for _, one := range r.Responses {
				got = append(got, string(one))
			}
			if slices.Contains(got, names[last]) {
				t.Missed("the instance answered before it stopped")
			}
			for _, name := range names[1:last] {
				t.Expect(got, "the answers that the callback got").OfTimerLasting(timeout).To(ContainElement(MatchJSONValue(name)))
			}
			t.Expect(len(got), "the number of answers").To(Equal(last - 1))
		},
	},
)

// present returns the names of the first n instances, as JSON.
func present(t *T, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%q", t.Instance(i)))
	}
	return names
}

// counted expects each of the named instances to get one answer from each other one, once the cluster has settled.
func counted(t *T, names []string) {
	start := time.Now()
	for from := range names {
		want := slices.Delete(slices.Clone(names), from, from+1)
		o := t.Observe(from)
		for {
			r := withoutUnnamed(ask(t, o, "/", "whoami"), t.Unnamed())
			if time.Since(start) > settles || r.Error == nil && len(r.Responses) == len(want) {
				answered(t, r, want...)
				break
			}
			t.Wait(50*time.Millisecond, "for the cluster to settle")
		}
	}
	t.Answer("the cluster had settled %d ms later", time.Since(start).Milliseconds())
}
