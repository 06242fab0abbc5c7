package fault

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference/redisadapter"
)

// crowd is how many questions of one server must be in flight for the faults of a crowd to act.
const crowd = 40

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
