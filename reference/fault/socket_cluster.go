package fault

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
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
	)
}

// reserved makes these the names that cannot be sent.
func reserved(names ...string) apply {
	return func(o *application.Options) {
		o.Socket.ReservedServerSide = func(event string) bool { return slices.Contains(names, event) }
	}
}

// argumentsIn lets f change the arguments that listeners get.
func argumentsIn(f func([]value) []value) apply {
	return receives(func(l *link, p []value, acknowledge func(value)) {
		l.receiver.HandleServerSideEvent(append(p[:1:1], f(p[1:])...), acknowledge)
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
