package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/packet"
)

// Faults in events between servers.
func init() {
	register(
		Fault{
			Name:     "cluster/not-delivered",
			Breaks:   "announcement/29",
			Sentence: "Events emitted to other servers do not reach them.",
			Apply:    sends(func(*link, []value, sending) error { return nil }),
		},
		Fault{
			Name:     "cluster/delivered-to-the-sender",
			Breaks:   "announcement/30",
			Sentence: "Events emitted to other servers reach the sender too.",
			Apply: sends(func(l *link, p []value, send sending) error {
				l.receiver.HandleServerSideEvent(p, nil)
				return send(p)
			}),
		},
		Fault{
			Name:     "cluster/delivered-twice",
			Breaks:   "announcement/29",
			Sentence: "Events emitted to other servers reach them twice.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				if acknowledge == nil {
					l.receiver.HandleServerSideEvent(p, nil)
				}
			}),
		},
		Fault{
			Name:     "cluster/asked-twice",
			Breaks:   "announcement/29",
			Sentence: "Events that ask for an acknowledgement reach the other servers twice.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				if acknowledge != nil {
					l.receiver.HandleServerSideEvent(p, func(value) {})
				}
			}),
		},
		Fault{
			Name:     "cluster/lost-in-a-burst",
			Breaks:   "announcement/29",
			Sentence: "Every tenth event to other servers is lost.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "cluster/reordered-in-a-burst",
			Breaks:   "announcement/43",
			Sentence: "Every fifth event to other servers is overtaken by the next.",
			Apply:    fresh(overtakenOnTheWay),
		},
		Fault{
			Name:     "cluster/large-events-lost",
			Breaks:   "announcement/31",
			Sentence: "Events of more than 4 KiB do not reach other servers.",
			Apply: sends(func(_ *link, p []value, send sending) error {
				if len(packet.Array(p...).String()) > 4096 {
					return nil
				}
				return send(p)
			}),
		},
		Fault{
			Name:     "cluster/emit-unsupported",
			Breaks:   "announcement/29",
			Sentence: "Emitting to other servers fails.",
			Apply: sends(func(*link, []value, sending) error {
				return errors.New("this adapter does not support the serverSideEmit() functionality")
			}),
		},
		Fault{
			Name:     "cluster/namespace-ignored",
			Breaks:   "announcement/33",
			Sentence: "An event of a custom namespace reaches the listeners of the main one.",
			Apply: fresh(func() apply {
				return receives(func(l *link, p []value, acknowledge func(value)) {
					if main := l.sibling("/"); main != nil {
						main.HandleServerSideEvent(p, acknowledge)
						return
					}
					l.receiver.HandleServerSideEvent(p, acknowledge)
				})
			}),
		},
		Fault{
			Name:     "cluster/in-all-namespaces",
			Breaks:   "announcement/33",
			Sentence: "An event reaches the listeners of all namespaces.",
			Apply: fresh(func() apply {
				return receives(func(l *link, p []value, acknowledge func(value)) {
					l.receiver.HandleServerSideEvent(p, acknowledge)
					for _, name := range []string{"/", "/custom"} {
						if other := l.sibling(name); other != nil && name != l.receiver.Name() {
							other.HandleServerSideEvent(p, nil)
						}
					}
				})
			}),
		},
		Fault{
			Name:     "cluster/namespaces-by-prefix",
			Breaks:   "announcement/33",
			Sentence: "An event of a namespace also reaches namespaces whose names are a prefix of its own.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				l.siblings.Range(func(name, other any) bool {
					if name != "/" && name != l.receiver.Name() && strings.HasPrefix(l.receiver.Name(), name.(string)) {
						other.(reference.Receiver).HandleServerSideEvent(p, nil)
					}
					return true
				})
			}),
		},
		Fault{
			Name:     "cluster/main-namespace-only",
			Breaks:   "announcement/33",
			Sentence: "Only the main namespace is linked to the other servers.",
			Apply: linked(func(f reference.AdapterFactory) reference.AdapterFactory {
				return func(r reference.Receiver) (reference.Adapter, error) {
					if r.Name() != "/" {
						return reference.NewInMemoryAdapter(r)
					}
					return f(r)
				}
			}),
		},
		Fault{
			Name:     "cluster/arguments-in-one-array",
			Breaks:   "announcement/31",
			Sentence: "Listeners get all arguments as one array, as in socket.io 4.1.0.",
			Apply:    argumentsIn(func(args []value) []value { return []value{packet.Array(args...)} }),
		},
		Fault{
			Name:     "cluster/first-argument-only",
			Breaks:   "announcement/31",
			Sentence: "Listeners get the first argument only.",
			Apply:    argumentsIn(func(args []value) []value { return args[:min(len(args), 1)] }),
		},
		Fault{
			Name:     "cluster/last-argument-lost",
			Breaks:   "announcement/31",
			Sentence: "The last argument is taken for a callback.",
			Apply:    argumentsIn(func(args []value) []value { return args[:max(len(args)-1, 0)] }),
		},
		Fault{
			Name:     "cluster/arguments-reversed",
			Breaks:   "announcement/31",
			Sentence: "Listeners get the arguments in the reverse order.",
			Apply: argumentsIn(func(args []value) []value {
				args = slices.Clone(args)
				slices.Reverse(args)
				return args
			}),
		},
		Fault{
			Name:     "cluster/name-among-the-arguments",
			Breaks:   "announcement/31",
			Sentence: "Listeners get the event's name as their first argument.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(append([]value{p[0]}, p...), acknowledge)
			}),
		},
		Fault{
			Name:     "cluster/no-argument-as-null",
			Breaks:   "announcement/31",
			Sentence: "An event without arguments arrives with one argument, null.",
			Apply: argumentsIn(func(args []value) []value {
				if len(args) == 0 {
					return []value{{}}
				}
				return args
			}),
		},
		Fault{
			Name:     "cluster/null-arguments-dropped",
			Breaks:   "announcement/31",
			Sentence: "Arguments that are null are left out.",
			Apply: argumentsIn(func(args []value) []value {
				return slices.DeleteFunc(slices.Clone(args), func(v value) bool { return v.String() == `null` })
			}),
		},
		Fault{
			Name:     "cluster/arguments-as-text",
			Breaks:   "announcement/31",
			Sentence: "Objects and arrays arrive as their JSON text.",
			Apply: argumentsIn(func(args []value) []value {
				args = slices.Clone(args)
				for i, arg := range args {
					if text := arg.String(); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
						args[i] = of(text)
					}
				}
				return args
			}),
		},
		Fault{
			Name:     "cluster/apostrophes-doubled",
			Breaks:   "announcement/31",
			Sentence: "Apostrophes arrive doubled, as if escaped for SQL.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, eachString(func(s string) string { return strings.ReplaceAll(s, "'", "''") }))
			}),
		},
		Fault{
			Name:     "cluster/numbers-as-strings",
			Breaks:   "announcement/31",
			Sentence: "Numbers arrive as strings.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, eachNumber(func(n json.Number) any { return n.String() }))
			}),
		},
		Fault{
			Name:     "cluster/fractions-cut-off",
			Breaks:   "announcement/31",
			Sentence: "Numbers lose their fractions.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, eachNumber(func(n json.Number) any {
					f, _ := n.Float64()
					return int64(f)
				}))
			}),
		},
		Fault{
			Name:     "cluster/booleans-as-numbers",
			Breaks:   "announcement/31",
			Sentence: "Booleans arrive as 0 and 1.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, func(v any) any {
					switch v {
					case true:
						return 1
					case false:
						return 0
					}
					return v
				})
			}),
		},
		Fault{
			Name:     "cluster/characters-of-one-byte",
			Breaks:   "announcement/31",
			Sentence: "Characters beyond Latin-1 arrive as question marks.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, eachRune(func(r rune) string {
					if r > 0xFF {
						return "?"
					}
					return string(r)
				}))
			}),
		},
		Fault{
			Name:     "cluster/utf-8-encoded-twice",
			Breaks:   "announcement/31",
			Sentence: "Text is encoded in UTF-8 twice on the way.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, eachString(func(s string) string {
					var twice strings.Builder
					for _, b := range []byte(s) {
						twice.WriteRune(rune(b))
					}
					return twice.String()
				}))
			}),
		},
		Fault{
			Name:     "cluster/nested-values-lost",
			Breaks:   "announcement/31",
			Sentence: "Arrays within the objects and arrays of the arguments arrive empty.",
			Apply: argumentsIn(func(args []value) []value {
				return eachValue(args, func(v any) any {
					switch v := v.(type) {
					case map[string]any:
						for key, inner := range v {
							if _, ok := inner.([]any); ok {
								v[key] = []any{}
							}
						}
					case []any:
						for i, inner := range v {
							if _, ok := inner.([]any); ok {
								v[i] = []any{}
							}
						}
					}
					return v
				})
			}),
		},
		Fault{
			Name:     "cluster/reserved-names-sent",
			Breaks:   "announcement/34",
			Sentence: "No name is reserved.",
			Apply:    reserved(),
		},
		Fault{
			Name:     "cluster/connect-sent",
			Breaks:   "announcement/34",
			Sentence: "The name connect is not reserved.",
			Apply:    reserved("connection", "new_namespace"),
		},
		Fault{
			Name:     "cluster/connection-sent",
			Breaks:   "announcement/35",
			Sentence: "The name connection is not reserved.",
			Apply:    reserved("connect", "new_namespace"),
		},
		Fault{
			Name:     "cluster/new-namespace-sent",
			Breaks:   "announcement/36",
			Sentence: "The name new_namespace is not reserved.",
			Apply:    reserved("connect", "connection"),
		},
		Fault{
			Name:     "cluster/reserved-in-the-main-namespace-alone",
			Breaks:   "announcement/34",
			Sentence: "The reserved names can be emitted in namespaces other than the main one.",
			Apply: all(reserved(), sends(func(l *link, p []value, send sending) error {
				if name := (&packet.Packet{Data: p}).Name(); slices.Contains([]string{"connect", "connection", "new_namespace"}, name) {
					if l.receiver.Name() == "/" {
						return fmt.Errorf("%q is a reserved event name", name)
					}
					return nil
				}
				return send(p)
			})),
		},
		Fault{
			Name:     "cluster/created-namespaces-reach-the-main-one",
			Breaks:   "announcement/33",
			Sentence: "The listeners of the main namespace also get the events of namespaces that were created while the servers run.",
			Apply: receives(func(l *link, p []value, acknowledge func(value)) {
				l.receiver.HandleServerSideEvent(p, acknowledge)
				if name := l.receiver.Name(); name != "/" && name != "/custom" && name != control {
					if main := l.sibling("/"); main != nil {
						main.HandleServerSideEvent(p, nil)
					}
				}
			}),
		},
		Fault{
			Name:     "cluster/one-event-in-twelve-shortened",
			Breaks:   "announcement/31",
			Sentence: "One event in twelve loses its last argument.",
			Apply: fresh(func() apply {
				var n atomic.Int64
				return sends(func(_ *link, p []value, send sending) error {
					if len(p) > 2 && n.Add(1)%12 == 0 {
						p = p[:len(p)-1]
					}
					return send(p)
				})
			}),
		},
		Fault{
			Name:     "cluster/reserved-names-unnamed",
			Breaks:   "announcement/85",
			Sentence: "The error for a reserved name does not contain the name.",
			Apply:    socketIO(func(rules *reference.Rules) { rules.Cluster = namelessErrors{rules.Cluster} }),
		},
		Fault{
			Name:     "cluster/disconnect-reserved",
			Breaks:   "announcement/37",
			Sentence: "The names that clients may not use are reserved too.",
			Apply:    reserved("connect", "connection", "new_namespace", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"),
		},
	)
}

// overtakenOnTheWay holds every fifth event back until the next one, or for a moment if there is none.
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

// namelessErrors refuses reserved names without naming them.
type namelessErrors struct{ reference.ClusterRules }

func (f namelessErrors) Reserved(event string) error {
	if f.ClusterRules.Reserved(event) != nil {
		return errors.New("a reserved event name")
	}
	return nil
}

// reserved makes these the only names that cannot be sent.
func reserved(names ...string) apply {
	return socketIO(func(rules *reference.Rules) { rules.Cluster = reserving{rules.Cluster, names} })
}

// reserving refuses only certain names.
type reserving struct {
	reference.ClusterRules
	names []string
}

func (f reserving) Reserved(event string) error {
	if slices.Contains(f.names, event) {
		return fmt.Errorf("%q is a reserved event name", event)
	}
	return nil
}
