package fault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/packet"
)

// Faults in acknowledgements between servers.
func init() {
	register(
		Fault{
			Name:     "cluster/asks-nobody",
			Breaks:   "announcement/38",
			Sentence: "Acknowledgements are never asked for: the answer is an empty list.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				return []value{}, nil
			}),
		},
		Fault{
			Name:     "cluster/question-after-a-timeout-lost",
			Breaks:   "announcement/89",
			Sentence: "After a question whose answer was missing, the next one of the namespace is not sent.",
			Apply: fresh(func() apply {
				var missed sync.Map // the names of the namespaces
				return asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
					if _, lost := missed.LoadAndDelete(l.receiver.Name()); lost {
						wait(ctx, l.timeout)
						return []value{}, errors.New("timeout reached")
					}
					responses, err := ask(ctx, p)
					if err != nil {
						missed.Store(l.receiver.Name(), true)
					}
					return responses, err
				})
			}),
		},
		Fault{
			Name:     "cluster/ack-not-seen",
			Breaks:   "announcement/39",
			Sentence: "Listeners do not see that an acknowledgement is asked for.",
			Apply:    receives(func(l *link, p []value, _ func(value)) { l.receiver.HandleServerSideEvent(p, nil) }),
		},
		Fault{
			Name:     "cluster/ack-always-seen",
			Breaks:   "announcement/39",
			Sentence: "Listeners see an acknowledgement asked for with every event.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				if acknowledge == nil {
					acknowledge = func(value) {}
				}
				l.receiver.HandleServerSideEvent(p, acknowledge)
			}),
		},
		Fault{
			Name:     "cluster/sender-answers-too",
			Breaks:   "announcement/30",
			Sentence: "The sender's own listeners answer among the others.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
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
			}),
		},
		Fault{
			Name:     "cluster/sender-counted",
			Breaks:   "announcement/38",
			Sentence: "The sender counts itself among those that must answer.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				started := time.Now()
				responses, err := ask(ctx, p)
				if err == nil && len(responses) > 0 {
					wait(ctx, l.timeout-time.Since(started))
					err = fmt.Errorf("timeout reached: only %d responses received out of %d", len(responses), len(responses)+1)
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/alone-never-answered",
			Breaks:   "announcement/41",
			Sentence: "Without other servers, a callback is never called.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err == nil && len(responses) == 0 {
					<-ctx.Done()
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/alone-times-out",
			Breaks:   "announcement/42",
			Sentence: "Without other servers, a callback gets a timeout.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err == nil && len(responses) == 0 {
					wait(ctx, l.timeout)
					err = errors.New("timeout reached: only 0 responses received out of 0")
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/alone-fails",
			Breaks:   "announcement/42",
			Sentence: "Without other servers, a callback gets an error at once.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err == nil && len(responses) == 0 {
					err = errors.New("no other server")
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/answers-in-arrays",
			Breaks:   "announcement/38",
			Sentence: "Each answer is the array of all values that the acknowledgement was called with.",
			Apply:    answered(func(v value) value { return packet.Array(v) }),
		},
		Fault{
			Name:     "cluster/answers-as-text",
			Breaks:   "announcement/38",
			Sentence: "Each answer is its JSON text.",
			Apply:    answered(func(v value) value { return of(v.String()) }),
		},
		Fault{
			Name:     "cluster/answers-lost",
			Breaks:   "announcement/38",
			Sentence: "Each answer is null.",
			Apply:    answered(func(value) value { return value{} }),
		},
		Fault{
			Name:     "cluster/answers-joined",
			Breaks:   "announcement/38",
			Sentence: "The callback gets a single answer instead of the list.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err == nil && len(responses) > 0 {
					responses = []value{packet.Array(responses...)}
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/answers-doubled",
			Breaks:   "announcement/38",
			Sentence: "Each answer is in the list twice.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				return append(responses, responses...), err
			}),
		},
		Fault{
			Name:     "cluster/last-answer-counts",
			Breaks:   "announcement/87",
			Sentence: "If an acknowledgement is called several times, the last call counts.",
			Apply:    all(everyCall, receives(lastAnswer)),
		},
		Fault{
			Name:     "cluster/silence-answers",
			Breaks:   "announcement/41",
			Sentence: "A server whose listeners do not answer answers null at once.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				if acknowledge == nil {
					l.receiver.HandleServerSideEvent(p, nil)
					return
				}
				var once sync.Once
				l.receiver.HandleServerSideEvent(p, func(v value) { once.Do(func() { acknowledge(v) }) })
				time.AfterFunc(20*time.Millisecond, func() { once.Do(func() { acknowledge(value{}) }) })
			}),
		},
		Fault{
			Name:     "cluster/answers-to-another-caller",
			Breaks:   "announcement/89",
			Sentence: "If two acknowledgements are awaited at once, each gets the other's answers.",
			Apply:    fresh(swappedAnswers),
		},
		Fault{
			Name:     "cluster/timeout-hidden",
			Breaks:   "announcement/41",
			Sentence: "A missing answer is not reported: the callback gets the others without an error.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, _ := ask(ctx, p)
				return responses, nil
			}),
		},
		Fault{
			Name:     "cluster/timeout-without-answers",
			Breaks:   "announcement/88",
			Sentence: "If one answer is missing, the callback gets none of the others.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err != nil {
					responses = []value{}
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/timeout-filled-with-null",
			Breaks:   "announcement/88",
			Sentence: "If one answer is missing, the callback gets null in its place.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err != nil {
					responses = append(responses, value{})
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/timeout-late",
			Breaks:   "announcement/41",
			Sentence: "The callback gets the timeout after three times the time.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err != nil {
					wait(ctx, 2*l.timeout)
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/timeout-early",
			Breaks:   "announcement/41",
			Sentence: "The callback gets the timeout after a quarter of the time.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				ctx, cancel := context.WithTimeout(ctx, l.timeout/4)
				defer cancel()
				return ask(ctx, p)
			}),
		},
		Fault{
			Name:     "cluster/timeout-missing",
			Breaks:   "announcement/41",
			Sentence: "A callback waits for missing answers forever.",
			Apply: asks(func(_ *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				responses, err := ask(ctx, p)
				if err != nil {
					<-ctx.Done()
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/timeout-always",
			Breaks:   "announcement/86",
			Sentence: "The callback gets the answers only when the time is over.",
			Apply: asks(func(l *link, ctx context.Context, p []value, ask asking) ([]value, error) {
				started := time.Now()
				responses, err := ask(ctx, p)
				if len(responses) > 0 {
					wait(ctx, l.timeout-time.Since(started))
				}
				return responses, err
			}),
		},
		Fault{
			Name:     "cluster/callback-called-twice",
			Breaks:   "announcement/40",
			Sentence: "The callback is called twice.",
			Apply: all(everyCall, outcomes(func(out application.Outcome) []application.Outcome {
				return []application.Outcome{out, out}
			})),
		},
		Fault{
			Name:     "cluster/callback-never-called",
			Breaks:   "announcement/40",
			Sentence: "The callback is never called.",
			Apply:    outcomes(func(application.Outcome) []application.Outcome { return nil }),
		},
		Fault{
			Name:     "cluster/listener-event-lost",
			Breaks:   "announcement/29",
			Sentence: "Listeners are called only for events that ask for an acknowledgement.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				if acknowledge != nil {
					l.receiver.HandleServerSideEvent(p, acknowledge)
				}
			}),
		},
	)
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

// swappedAnswers swaps the outcomes of two requests that are under way at once.
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

// everyCall makes each call of a callback visible to the application's observers.
var everyCall = socketIO(func(rules *reference.Rules) { rules.Acks = answeringAlways{rules.Acks} })

// answeringAlways sends an answer for each call.
type answeringAlways struct{ reference.AckRules }

func (answeringAlways) AnswersOnce() bool { return false }
