package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"cluster/not-delivered", "what is emitted to other servers does not reach them", sends(func(*link, []value, sending) error { return nil })},
		Fault{"cluster/delivered-to-the-sender", "what is emitted to other servers reaches the sender too", sends(func(l *link, p []value, send sending) error {
			l.receiver.HandleServerSideEvent(p, nil)
			return send(p)
		})},
		Fault{"cluster/delivered-twice", "what is emitted to other servers reaches them twice", receives(func(l *link, p []value, acknowledge func(value)) {
			l.receiver.HandleServerSideEvent(p, acknowledge)
			if acknowledge == nil {
				l.receiver.HandleServerSideEvent(p, nil)
			}
		})},
		Fault{"cluster/asked-twice", "what asks for an acknowledgement reaches the other servers twice", receives(func(l *link, p []value, acknowledge func(value)) {
			l.receiver.HandleServerSideEvent(p, acknowledge)
			if acknowledge != nil {
				l.receiver.HandleServerSideEvent(p, func(value) {})
			}
		})},
		Fault{"cluster/lost-in-a-burst", "every tenth event to other servers is lost", fresh(func() apply {
			var mu sync.Mutex
			count := 0
			return sends(func(_ *link, p []value, send sending) error {
				mu.Lock()
				defer mu.Unlock()
				if count++; count%10 == 0 {
					return nil
				}
				return send(p)
			})
		})},
		Fault{"cluster/reordered-in-a-burst", "every fifth event to other servers is overtaken by the next", fresh(overtakenOnTheWay)},
		Fault{"cluster/large-events-lost", "events of more than 4 KiB do not reach other servers", sends(func(_ *link, p []value, send sending) error {
			if len(packet.Array(p...).String()) > 4096 {
				return nil
			}
			return send(p)
		})},
		Fault{"cluster/emit-unsupported", "emitting to other servers fails", sends(func(*link, []value, sending) error {
			return errors.New("this adapter does not support the serverSideEmit() functionality")
		})},
		Fault{"cluster/namespace-ignored", "an event of a custom namespace reaches the listeners of the main one", fresh(func() apply {
			return receives(func(l *link, p []value, acknowledge func(value)) {
				if main := l.sibling("/"); main != nil {
					main.HandleServerSideEvent(p, acknowledge)
					return
				}
				l.receiver.HandleServerSideEvent(p, acknowledge)
			})
		})},
		Fault{"cluster/in-all-namespaces", "an event reaches the listeners of all namespaces", fresh(func() apply {
			return receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				for _, name := range []string{"/", "/custom"} {
					if other := l.sibling(name); other != nil && name != l.receiver.Name() {
						other.HandleServerSideEvent(p, nil)
					}
				}
			})
		})},
		Fault{"cluster/namespaces-by-prefix", "an event of a namespace reaches those, too, whose names its own begins with", receives(func(l *link, p []value, acknowledge func(value)) {
			l.receiver.HandleServerSideEvent(p, acknowledge)
			l.siblings.Range(func(name, other any) bool {
				if name != "/" && name != l.receiver.Name() && strings.HasPrefix(l.receiver.Name(), name.(string)) {
					other.(reference.Receiver).HandleServerSideEvent(p, nil)
				}
				return true
			})
		})},
		Fault{"cluster/main-namespace-only", "only the main namespace is linked to the other servers", linked(func(f reference.AdapterFactory) reference.AdapterFactory {
			return func(r reference.Receiver) (reference.Adapter, error) {
				if r.Name() != "/" {
					return reference.NewInMemoryAdapter(r)
				}
				return f(r)
			}
		})},

		Fault{"cluster/arguments-in-one-array", "listeners get one argument, the array of all, as in socket.io 4.1.0", argumentsIn(func(args []value) []value { return []value{packet.Array(args...)} })},
		Fault{"cluster/first-argument-only", "listeners get the first argument only", argumentsIn(func(args []value) []value { return args[:min(len(args), 1)] })},
		Fault{"cluster/last-argument-lost", "the last argument is taken for a callback", argumentsIn(func(args []value) []value { return args[:max(len(args)-1, 0)] })},
		Fault{"cluster/arguments-reversed", "listeners get the arguments in the reverse order", argumentsIn(func(args []value) []value {
			args = slices.Clone(args)
			slices.Reverse(args)
			return args
		})},
		Fault{"cluster/name-among-the-arguments", "listeners get the event's name as their first argument", receives(func(l *link, p []value, acknowledge func(value)) {
			l.receiver.HandleServerSideEvent(append([]value{p[0]}, p...), acknowledge)
		})},
		Fault{"cluster/no-argument-as-null", "an event without arguments arrives with one that is null", argumentsIn(func(args []value) []value {
			if len(args) == 0 {
				return []value{{}}
			}
			return args
		})},
		Fault{"cluster/null-arguments-dropped", "arguments that are null are left out", argumentsIn(func(args []value) []value {
			return slices.DeleteFunc(slices.Clone(args), func(v value) bool { return v.String() == `null` })
		})},
		Fault{"cluster/arguments-as-text", "objects and arrays arrive as their JSON text", argumentsIn(func(args []value) []value {
			args = slices.Clone(args)
			for i, arg := range args {
				if text := arg.String(); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
					args[i] = of(text)
				}
			}
			return args
		})},
		Fault{"cluster/numbers-as-strings", "numbers arrive as strings", argumentsIn(func(args []value) []value {
			return eachValue(args, eachNumber(func(n json.Number) any { return n.String() }))
		})},
		Fault{"cluster/fractions-cut-off", "numbers lose their fractions", argumentsIn(func(args []value) []value {
			return eachValue(args, eachNumber(func(n json.Number) any {
				f, _ := n.Float64()
				return int64(f)
			}))
		})},
		Fault{"cluster/booleans-as-numbers", "booleans arrive as 0 and 1", argumentsIn(func(args []value) []value {
			return eachValue(args, func(v any) any {
				switch v {
				case true:
					return 1
				case false:
					return 0
				}
				return v
			})
		})},
		Fault{"cluster/characters-of-one-byte", "characters beyond Latin-1 arrive as question marks", argumentsIn(func(args []value) []value {
			return eachValue(args, eachRune(func(r rune) string {
				if r > 0xFF {
					return "?"
				}
				return string(r)
			}))
		})},
		Fault{"cluster/utf-8-encoded-twice", "text is encoded in UTF-8 twice on the way", argumentsIn(func(args []value) []value {
			return eachValue(args, eachString(func(s string) string {
				var twice strings.Builder
				for _, b := range []byte(s) {
					twice.WriteRune(rune(b))
				}
				return twice.String()
			}))
		})},
		Fault{"cluster/nested-values-lost", "objects and arrays within arguments arrive empty", argumentsIn(func(args []value) []value {
			return eachValue(args, func(v any) any {
				if object, ok := v.(map[string]any); ok {
					for key, inner := range object {
						if list, ok := inner.([]any); ok && len(list) > 0 {
							object[key] = []any{}
						}
					}
				}
				return v
			})
		})},

		Fault{"cluster/reserved-names-sent", "no name is reserved", reserved()},
		Fault{"cluster/connect-sent", "the name connect is not reserved", reserved("connection", "new_namespace")},
		Fault{"cluster/connection-sent", "the name connection is not reserved", reserved("connect", "new_namespace")},
		Fault{"cluster/new-namespace-sent", "the name new_namespace is not reserved", reserved("connect", "connection")},
		Fault{"cluster/disconnect-reserved", "the names that clients may not use are reserved too", reserved("connect", "connection", "new_namespace", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")},

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

// reserved makes these the names that cannot be sent.
func reserved(names ...string) apply {
	return func(o *application.Options) {
		o.Socket.ReservedServerSide = func(event string) bool { return slices.Contains(names, event) }
	}
}

// argumentsIn lets f change the arguments that listeners get.
//
//go:noinline
func argumentsIn(f func([]value) []value) apply {
	return receives(func(l *link, p []value, acknowledge func(value)) {
		l.receiver.HandleServerSideEvent(append(p[:1:1], f(p[1:])...), acknowledge)
	})
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

// overtakenOnTheWay holds every fifth event back until the next one, or for a moment where there is none.
func overtakenOnTheWay() apply {
	var mu sync.Mutex
	count := 0
	var held []value
	return sends(func(_ *link, p []value, send sending) error {
		mu.Lock()
		defer mu.Unlock()
		if count++; count%5 == 0 {
			held = p
			time.AfterFunc(50*time.Millisecond, func() {
				mu.Lock()
				defer mu.Unlock()
				if held != nil {
					send(held)
					held = nil
				}
			})
			return nil
		}
		err := send(p)
		if held != nil {
			send(held)
			held = nil
		}
		return err
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
