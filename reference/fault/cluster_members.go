package fault

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/packet"
	"example.test/conformance/reference/redisadapter"
)

// Faults in clusters with many servers, namespaces or questions.
func init() {
	register(
		Fault{
			Name:     "cluster/asked-in-custom-namespaces-reaches-the-sender",
			Breaks:   "announcement/30",
			Sentence: "Events of custom namespaces that ask for an acknowledgement reach the sender too.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				if l.receiver.Name() != "/" {
					l.receiver.HandleServerSideEvent(p, func(value) {})
				}
				return ask(ctx, p)
			}),
		},
		Fault{
			Name:     "cluster/asked-in-custom-namespaces-twice",
			Breaks:   "announcement/29",
			Sentence: "Events of custom namespaces that ask for an acknowledgement reach the other servers twice.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				if acknowledge != nil && l.receiver.Name() != "/" {
					l.receiver.HandleServerSideEvent(p, func(value) {})
				}
			}),
		},
		Fault{
			Name:     "cluster/every-second-large-event-lost",
			Breaks:   "announcement/29",
			Sentence: "Every second event of more than 16 KiB does not reach other servers.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				count := 0
				return sends(func(_ *link, p []value, send sending) error {
					mu.Lock()
					defer mu.Unlock()
					if len(packet.Array(p...).String()) > 16<<10 {
						if count++; count%2 == 0 {
							return nil
						}
					}
					return send(p)
				})
			}),
		},
		Fault{
			Name:     "cluster/numeric-keys-as-arrays",
			Breaks:   "announcement/31",
			Sentence: "Objects with the keys 0, 1, 2 and so on arrive as arrays.",
			Apply:    argumentsIn(func(args []value) []value { return eachValue(args, countedAsArray) }),
		},
		Fault{
			Name:     "cluster/dates-cut",
			Breaks:   "announcement/31",
			Sentence: "Strings that hold a date with milliseconds arrive without them.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, eachString(withoutMilliseconds))
			}),
		},
		Fault{
			Name:     "cluster/byte-order-marks-stripped-in-custom-namespaces",
			Breaks:   "announcement/31",
			Sentence: "Byte order marks are left out in custom namespaces.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				if l.receiver.Name() != "/" {
					p = append(p[:1:1], eachValue(p[1:], eachString(func(s string) string { return strings.TrimPrefix(s, "\ufeff") }))...)
				}
				l.receiver.HandleServerSideEvent(p, acknowledge)
			}),
		},
		Fault{
			Name:     "cluster/levels-beyond-64-lost",
			Breaks:   "announcement/31",
			Sentence: "Arguments of more than 64 levels do not reach other servers.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				if levels(packet.Array(p...).String()) <= 64 {
					l.receiver.HandleServerSideEvent(p, acknowledge)
				}
			}),
		},
		Fault{
			Name:     "cluster/answers-numeric-keys-as-arrays",
			Breaks:   "announcement/38",
			Sentence: "Objects with the keys 0, 1, 2 and so on in an answer arrive as arrays.",
			Apply:    answered(func(v value) value { return eachValue([]value{v}, countedAsArray)[0] }),
		},
		Fault{
			Name:     "cluster/stopped-still-counted",
			Breaks:   "announcement/45",
			Sentence: "A server that left the cluster is still waited for.",
			Apply: remembering(func(l *link, most *int, responses []value) ([]value, error) {
				if *most = max(*most, len(responses)); len(responses) < *most {
					return responses, &redisadapter.TimeoutError{Received: len(responses), Expected: *most}
				}
				return responses, nil
			}),
		},
		Fault{
			Name:     "cluster/joined-not-counted",
			Breaks:   "announcement/45",
			Sentence: "A server that joins the cluster later is not waited for.",
			Apply: remembering(func(l *link, least *int, responses []value) ([]value, error) {
				if n := len(responses) + 1; *least == 0 || n < *least { // 0 means no question yet
					*least = n
				}
				return responses[:*least-1], nil
			}),
		},
		Fault{
			Name:     "cluster/late-answer-to-the-next-question",
			Breaks:   "announcement/89",
			Sentence: "An answer that comes after the timeout counts for the next question.",
			Apply:    fresh(lateAnswers),
		},
		Fault{
			Name:     "cluster/late-answer-heard-again",
			Breaks:   "announcement/40",
			Sentence: "An answer that comes after the timeout calls the callback again.",
			Apply: outcomes(func(out application.Outcome) []application.Outcome {
				if out.Err != nil {
					return []application.Outcome{out, out}
				}
				return []application.Outcome{out}
			}),
		},
		Fault{
			Name:     "cluster/timeout-ends-all-questions",
			Breaks:   "announcement/89",
			Sentence: "The timeout of one question ends all questions that the server has asked in the namespace.",
			Apply:    fresh(endingTogether),
		},
		Fault{
			Name:     "cluster/delivered-to-clients",
			Breaks:   "announcement/83",
			Sentence: "Events emitted to other servers reach their clients, too.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				if ns, ok := l.receiver.(*reference.Namespace); ok && acknowledge == nil {
					_ = ns.EmitLocal((&packet.Packet{Data: p}).Name(), reference.Any(p[1:])...)
				}
			}),
		},
		Fault{
			Name:     "cluster/clients-reach-the-listeners",
			Breaks:   "announcement/84",
			Sentence: "An event of a client reaches the listeners for events of other servers, too.",
			Apply: fresh(func() apply {
				var receivers sync.Map // by the namespace's name
				return all(packetsIn(func(_ client, p pkt) []pkt {
					if r, ok := receivers.Load(p.Namespace); ok && isEventPacket(p) {
						r.(reference.Receiver).HandleServerSideEvent(p.Data, nil)
					}
					return []pkt{p}
				}), linked(func(f reference.AdapterFactory) reference.AdapterFactory {
					return func(r reference.Receiver) (reference.Adapter, error) {
						receivers.Store(r.Name(), r)
						return f(r)
					}
				}))
			}),
		},
		Fault{
			Name:     "cluster/nulls-at-the-end-dropped",
			Breaks:   "announcement/31",
			Sentence: "Trailing null arguments are left out.",
			Apply: argumentsIn(func(args []value) []value {
				for len(args) > 0 && args[len(args)-1].String() == `null` {
					args = args[:len(args)-1]
				}
				return args
			}),
		},
		Fault{
			Name:     "cluster/sole-array-spread",
			Breaks:   "announcement/31",
			Sentence: "If the only argument is an array, its elements arrive as several arguments.",
			Apply:    argumentsIn(spread),
		},
		Fault{
			Name:     "cluster/sole-empty-argument-dropped",
			Breaks:   "announcement/31",
			Sentence: "The only argument is left out if it is null, false, 0 or an empty string.",
			Apply: argumentsIn(func(args []value) []value {
				if len(args) == 1 && empty(args[0]) {
					return nil
				}
				return args
			}),
		},
		Fault{
			Name:     "cluster/answers-lost-in-a-crowd",
			Breaks:   "announcement/90",
			Sentence: "With many questions in flight, every tenth gets no answers.",
			Apply: crowded(func(n int64, _, right []value) ([]value, error) {
				if n%10 == 0 {
					return []value{}, &redisadapter.TimeoutError{Expected: len(right)}
				}
				return right, nil
			}),
		},
		Fault{
			Name:     "cluster/answers-swapped-in-a-crowd",
			Breaks:   "announcement/89",
			Sentence: "With many questions in flight, some get the answers to another one.",
			Apply: crowded(func(n int64, last, right []value) ([]value, error) {
				if n%2 == 0 && last != nil {
					return last, nil
				}
				return right, nil
			}),
		},
	)
}

// crowd is how many questions of one server must be in flight before the faults for many questions act.
const crowd = 15

// remembering changes the answers to a question, once they are complete, with a number kept for each namespace of a server.
func remembering(f func(l *link, number *int, responses []value) ([]value, error)) apply {
	return fresh(func() apply {
		var mu sync.Mutex
		numbers := map[*link]*int{}
		return asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			start := time.Now()
			responses, err := ask(ctx, p)
			if err != nil {
				return responses, err
			}
			mu.Lock()
			if numbers[l] == nil {
				numbers[l] = new(int)
			}
			responses, err = f(l, numbers[l], responses)
			mu.Unlock()
			if err != nil {
				wait(ctx, l.timeout-time.Since(start))
			}
			return responses, err
		})
	})
}

// endingTogether ends all questions of a server and namespace that are under way when one of them times out.
func endingTogether() apply {
	type round struct {
		context.Context
		end context.CancelFunc
	}
	var mu sync.Mutex
	rounds := map[*link]*round{}
	return asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
		mu.Lock()
		mine := rounds[l]
		if mine == nil {
			mine = &round{}
			mine.Context, mine.end = context.WithCancel(context.Background()) // not tied to a single question
			rounds[l] = mine
		}
		mu.Unlock()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(mine, cancel)()
		responses, err := ask(ctx, p)
		if err == nil {
			return responses, nil
		}
		mine.end()
		mu.Lock()
		if rounds[l] == mine {
			delete(rounds, l)
		}
		mu.Unlock()
		return append([]value{}, responses...), err
	})
}

// lateAnswers replaces the first answer to a server's next question with null, the answer that its last question waited
// for.
func lateAnswers() apply {
	var mu sync.Mutex
	missing := map[*link]bool{}
	return asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
		responses, err := ask(ctx, p)
		mu.Lock()
		defer mu.Unlock()
		if missing[l] && err == nil && len(responses) > 0 {
			responses = append([]value{{}}, responses[1:]...)
		}
		missing[l] = err != nil
		return responses, err
	})
}

// crowded changes the answers to the n-th question if many are in flight; last are those to the question before.
func crowded(f func(n int64, last, right []value) ([]value, error)) apply {
	return fresh(func() apply {
		var inFlight, count atomic.Int64
		var mu sync.Mutex
		var last []value
		return asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			start := time.Now()
			many := inFlight.Add(1) > crowd
			defer inFlight.Add(-1)
			right, err := ask(ctx, p)
			if err != nil || !many {
				return right, err
			}
			mu.Lock()
			responses, err := f(count.Add(1), last, right)
			last = right
			mu.Unlock()
			if err != nil {
				wait(ctx, l.timeout-time.Since(start))
			}
			return responses, err
		})
	})
}
