package fault

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/packet"
	"example.test/conformance/reference/redisadapter"
)

// crowd is how many questions of one server must be in flight for the faults of a crowd to act.
const crowd = 15

func init() {
	register(
		Fault{"cluster/stopped-still-counted", "a server that left the cluster is still waited for", remembering(func(l *link, most *int, responses []value) ([]value, error) {
			if *most = max(*most, len(responses)); len(responses) < *most {
				return responses, &redisadapter.TimeoutError{Received: len(responses), Expected: *most}
			}
			return responses, nil
		})},
		Fault{"cluster/joined-not-counted", "a server that joins the cluster later is not waited for", remembering(func(l *link, least *int, responses []value) ([]value, error) {
			if n := len(responses) + 1; *least == 0 || n < *least { // 0: there was no question yet
				*least = n
			}
			return responses[:*least-1], nil
		})},
		Fault{"cluster/late-answer-to-the-next-question", "an answer that comes after the timeout counts as one to the next question", fresh(lateAnswers)},
		Fault{"cluster/late-answer-heard-again", "an answer that comes after the timeout calls the callback again", outcomes(func(out application.Outcome) []application.Outcome {
			if out.Err != nil {
				return []application.Outcome{out, out}
			}
			return []application.Outcome{out}
		})},
		Fault{"cluster/timeout-ends-all-questions", "with the timeout of one question all that the server has asked in the namespace end", fresh(endingTogether)},
		Fault{"cluster/delivered-to-clients", "what is emitted to other servers reaches their clients, too", receives(func(l *link, p []value, acknowledge func(value)) {
			l.receiver.HandleServerSideEvent(p, acknowledge)
			if ns, ok := l.receiver.(*reference.Namespace); ok && acknowledge == nil {
				_ = ns.EmitLocal((&packet.Packet{Data: p}).Name(), reference.Any(p[1:])...)
			}
		})},
		Fault{"cluster/clients-reach-the-listeners", "an event of a client reaches the listeners for events of other servers, too", fresh(func() apply {
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
		})},
		Fault{"cluster/nulls-at-the-end-dropped", "nulls behind the other arguments are left out", argumentsIn(func(args []value) []value {
			for len(args) > 0 && args[len(args)-1].String() == `null` {
				args = args[:len(args)-1]
			}
			return args
		})},
		Fault{"cluster/sole-array-spread", "the only argument, where it is an array, arrives as several", argumentsIn(spread)},
		Fault{"cluster/sole-empty-argument-dropped", "the only argument is left out where it is null, false, 0 or an empty string", argumentsIn(func(args []value) []value {
			if len(args) == 1 && empty(args[0]) {
				return nil
			}
			return args
		})},
		Fault{"cluster/answers-lost-in-a-crowd", "with many questions in flight every tenth gets no answers", crowded(func(n int64, _, right []value) ([]value, error) {
			if n%10 == 0 {
				return []value{}, &redisadapter.TimeoutError{Expected: len(right)}
			}
			return right, nil
		})},
		Fault{"cluster/answers-swapped-in-a-crowd", "with many questions in flight some get the answers to another one", crowded(func(n int64, last, right []value) ([]value, error) {
			if n%2 == 0 && last != nil {
				return last, nil
			}
			return right, nil
		})},
	)
}

// remembering judges the answers to a question, once they are all there, by a number kept for each namespace of a server.
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
			mine.Context, mine.end = context.WithCancel(context.Background())
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

// lateAnswers gives the next question of a server null, as the answer that its last one waited for, in place of the first.
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

// crowded spoils the answers to the n-th question where many are in flight; last are those of the question before.
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
