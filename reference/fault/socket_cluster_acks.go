package fault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"cluster/asks-nobody", "acknowledgements are never asked for: the answer is an empty list", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			return []value{}, nil
		})},
		Fault{"cluster/ack-not-seen", "listeners do not see that an acknowledgement is asked for", receives(func(l *link, p []value, _ func(value)) { l.receiver.HandleServerSideEvent(p, nil) })},
		Fault{"cluster/ack-always-seen", "listeners see an acknowledgement asked for with every event", receives(func(l *link, p []value, acknowledge func(value)) {
			if acknowledge == nil {
				acknowledge = func(value) {}
			}
			l.receiver.HandleServerSideEvent(p, acknowledge)
		})},
		Fault{"cluster/sender-answers-too", "the sender's own listeners answer among the others", asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			own := make(chan value, 1)
			l.receiver.HandleServerSideEvent(p, func(v value) {
				select {
				case own <- v:
				default:
				}
			})
			responses, err := ask(ctx, p)
			select {
			case v := <-own:
				responses = append(responses, v)
			case <-time.After(50 * time.Millisecond):
			}
			return responses, err
		})},
		Fault{"cluster/sender-counted", "the sender counts itself among those that must answer", asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			started := time.Now()
			responses, err := ask(ctx, p)
			if err == nil && len(responses) > 0 {
				wait(ctx, l.timeout-time.Since(started))
				err = fmt.Errorf("timeout reached: only %d responses received out of %d", len(responses), len(responses)+1)
			}
			return responses, err
		})},
		Fault{"cluster/alone-never-answered", "without other servers a callback is never called", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err == nil && len(responses) == 0 {
				<-ctx.Done()
			}
			return responses, err
		})},
		Fault{"cluster/alone-times-out", "without other servers a callback gets a timeout", asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err == nil && len(responses) == 0 {
				wait(ctx, l.timeout)
				err = errors.New("timeout reached: only 0 responses received out of 0")
			}
			return responses, err
		})},
		Fault{"cluster/alone-fails", "without other servers a callback gets an error at once", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err == nil && len(responses) == 0 {
				err = errors.New("no other server")
			}
			return responses, err
		})},
		Fault{"cluster/answers-in-arrays", "each answer is the array of what the acknowledgement was called with", answered(func(v value) value { return packet.Array(v) })},
		Fault{"cluster/answers-as-text", "each answer is its JSON text", answered(func(v value) value { return of(v.String()) })},
		Fault{"cluster/answers-lost", "each answer is null", answered(func(value) value { return value{} })},
		Fault{"cluster/answers-joined", "the answer is not a list but one answer in it that stands for all", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err == nil && len(responses) > 0 {
				responses = []value{packet.Array(responses...)}
			}
			return responses, err
		})},
		Fault{"cluster/answers-doubled", "each answer is in the list twice", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			return append(responses, responses...), err
		})},
		Fault{"cluster/last-answer-counts", "of several calls of an acknowledgement the last one counts", all(func(o *application.Options) { o.Socket.RepeatAcknowledgements = true }, receives(lastAnswer))},
		Fault{"cluster/silence-answers", "a server whose listeners do not answer answers null at once", receives(func(l *link, p []value, acknowledge func(value)) {
			if acknowledge == nil {
				l.receiver.HandleServerSideEvent(p, nil)
				return
			}
			var once sync.Once
			l.receiver.HandleServerSideEvent(p, func(v value) { once.Do(func() { acknowledge(v) }) })
			time.AfterFunc(20*time.Millisecond, func() { once.Do(func() { acknowledge(value{}) }) })
		})},
		Fault{"cluster/answers-to-another-caller", "of two acknowledgements that are awaited at once each gets the other's answers", fresh(swappedAnswers)},

		Fault{"cluster/timeout-hidden", "a missing answer is not told: the callback gets the others without an error", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, _ := ask(ctx, p)
			return responses, nil
		})},
		Fault{"cluster/timeout-without-answers", "where one answer is missing the callback gets none of the others", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err != nil {
				responses = []value{}
			}
			return responses, err
		})},
		Fault{"cluster/timeout-filled-with-null", "where one answer is missing the callback gets null in its place", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err != nil {
				responses = append(responses, value{})
			}
			return responses, err
		})},
		Fault{"cluster/timeout-late", "the callback gets the timeout three times as late as it should", asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err != nil {
				wait(ctx, 2*l.timeout)
			}
			return responses, err
		})},
		Fault{"cluster/timeout-early", "the callback gets the timeout after a quarter of the time", asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			ctx, cancel := context.WithTimeout(ctx, l.timeout/4)
			defer cancel()
			return ask(ctx, p)
		})},
		Fault{"cluster/timeout-missing", "a callback waits for missing answers for ever", asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			responses, err := ask(ctx, p)
			if err != nil {
				<-ctx.Done()
			}
			return responses, err
		})},
		Fault{"cluster/timeout-always", "the callback gets the answers only when the time is over", asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
			started := time.Now()
			responses, err := ask(ctx, p)
			if len(responses) > 0 {
				wait(ctx, l.timeout-time.Since(started))
			}
			return responses, err
		})},
		Fault{"cluster/timeout-message-empty", "the timeout's error has no message", outcomes(func(out application.Outcome) []application.Outcome {
			if out.Err != nil {
				out.Err = errors.New("")
			}
			return []application.Outcome{out}
		})},
		Fault{"cluster/callback-called-twice", "the callback is called twice", all(everyCall, outcomes(func(out application.Outcome) []application.Outcome {
			return []application.Outcome{out, out}
		}))},
		Fault{"cluster/callback-never-called", "the callback is never called", outcomes(func(application.Outcome) []application.Outcome { return nil })},
		Fault{"cluster/listener-event-lost", "listeners for plain events are not called, those for events with an acknowledgement are", receives(func(l *link, p []value, acknowledge func(value)) {
			if acknowledge != nil {
				l.receiver.HandleServerSideEvent(p, acknowledge)
			}
		})},
	)
}

func outcomes(f func(application.Outcome) []application.Outcome) apply {
	return func(o *application.Options) { o.App.Answer = f }
}

// answered lets f change what a server answers.
func answered(f func(value) value) apply {
	return receives(func(l *link, p []value, acknowledge func(value)) {
		if acknowledge != nil {
			answer := acknowledge
			acknowledge = func(v value) { answer(f(v)) }
		}
		l.receiver.HandleServerSideEvent(p, acknowledge)
	})
}

// lastAnswer waits a moment for further calls of the acknowledgement.
func lastAnswer(l *link, p []value, acknowledge func(value)) {
	if acknowledge == nil {
		l.receiver.HandleServerSideEvent(p, nil)
		return
	}
	var mu sync.Mutex
	var last *value
	l.receiver.HandleServerSideEvent(p, func(v value) {
		mu.Lock()
		defer mu.Unlock()
		if last == nil {
			time.AfterFunc(20*time.Millisecond, func() {
				mu.Lock()
				defer mu.Unlock()
				acknowledge(*last)
			})
		}
		last = &v
	})
}

// swappedAnswers exchanges the outcomes of two requests that are under way at once.
func swappedAnswers() apply {
	type outcome struct {
		responses []value
		err       error
	}
	type offer struct {
		mine  outcome
		reply chan outcome
	}
	offers := make(chan offer)
	var underWay atomic.Int32
	return asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
		underWay.Add(1)
		responses, err := ask(ctx, p)
		mine := outcome{responses, err}
		if underWay.Add(-1) == 0 {
			select {
			case other := <-offers:
				other.reply <- mine
				mine = other.mine
			default:
			}
			return mine.responses, mine.err
		}
		own := offer{mine, make(chan outcome, 1)}
		select {
		case offers <- own:
			mine = <-own.reply
		case other := <-offers:
			other.reply <- mine
			mine = other.mine
		case <-time.After(50 * time.Millisecond):
		}
		return mine.responses, mine.err
	})
}

// wait ends early where ctx does.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// everyCall lets the application's observers see each call of a callback.
func everyCall(o *application.Options) { o.Socket.RepeatAcknowledgements = true }
