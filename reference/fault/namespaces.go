package fault

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

// Faults in which namespaces there are, and in the events that announce new ones.
func init() {
	register(
		Fault{
			Name:     "namespaces/unannounced",
			Breaks:   "announcement/22",
			Sentence: "No namespace is announced.",
			Apply:    announced(func(reference.Cause, *reference.Namespace, func()) {}),
		},
		Fault{
			Name:     "namespaces/dynamic-unannounced",
			Breaks:   "announcement/23",
			Sentence: "Dynamic namespaces are not announced.",
			Apply: announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
				if cause == reference.NamespaceCreated && !isDynamic(ns.Name()) {
					raise()
				}
			}),
		},
		Fault{
			Name:     "namespaces/static-unannounced",
			Breaks:   "announcement/22",
			Sentence: "Only dynamic namespaces are announced.",
			Apply: announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
				if cause == reference.NamespaceCreated && isDynamic(ns.Name()) {
					raise()
				}
			}),
		},
		Fault{
			Name:     "namespaces/static-event-lost",
			Breaks:   "announcement/22",
			Sentence: "The announcement of a namespace that the application creates while it runs gets lost.",
			Apply: fresh(func() apply {
				return records(func(e application.Entry) []application.Entry {
					if e.Type == "new_namespace" && !known(e.Fields["name"].(string)) {
						return nil
					}
					return []application.Entry{e}
				})
			}),
		},
		Fault{
			Name:     "namespaces/startup-unannounced",
			Breaks:   "announcement/22",
			Sentence: "Namespaces that are created before the server listens are not announced to the application.",
			Apply: records(func(e application.Entry) []application.Entry {
				if e.Type == "new_namespace" && (e.Fields["name"] == "/custom" || e.Fields["name"] == control) {
					return nil
				}
				return []application.Entry{e}
			}),
		},
		Fault{
			Name:     "namespaces/announced-twice",
			Breaks:   "announcement/24",
			Sentence: "Every namespace is announced twice.",
			Apply:    newNamespaces(func(e application.Entry) []application.Entry { return []application.Entry{e, e} }),
		},
		Fault{
			Name:     "namespaces/announced-to-each-client",
			Breaks:   "announcement/24",
			Sentence: "A dynamic namespace is announced again for each client that joins it.",
			Apply: records(func(e application.Entry) []application.Entry {
				if name, _ := e.Fields["namespace"].(string); e.Type == "connection" && isDynamic(name) {
					return []application.Entry{announcement(name), e}
				}
				return []application.Entry{e}
			}),
		},
		Fault{
			Name:     "namespaces/announced-by-racing-clients",
			Breaks:   "announcement/24",
			Sentence: "Clients that ask for a namespace while it is being created announce it once more.",
			Apply:    fresh(racing),
		},
		Fault{
			Name:     "namespaces/announced-again-when-used",
			Breaks:   "announcement/24",
			Sentence: "Asking for a namespace that exists announces it again.",
			Apply: fresh(func() apply {
				return announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
					if cause == reference.NamespaceCreated || cause == reference.NamespaceExists && !known(ns.Name()) {
						raise()
					}
				})
			}),
		},
		Fault{
			Name:     "namespaces/announced-again-when-empty",
			Breaks:   "announcement/82",
			Sentence: "A dynamic namespace is announced again when a client joins after the last one left.",
			Apply:    fresh(emptied),
		},
		Fault{
			Name:     "namespaces/main-announced",
			Breaks:   "announcement/25",
			Sentence: "The main namespace is announced to each of its clients.",
			Apply: app(func(rules *application.Rules) {
				rules.Records = override.Record(rules.Records, func(_ string, e application.Entry) []application.Entry {
					if e.Type == "connection" && e.Fields["namespace"] == "/" {
						return []application.Entry{announcement("/"), e}
					}
					return []application.Entry{e}
				})
			}),
		},
		Fault{
			Name:     "namespaces/main-announced-at-start",
			Breaks:   "announcement/25",
			Sentence: "The main namespace is announced before all others.",
			Apply: newNamespaces(func(e application.Entry) []application.Entry {
				if e.Fields["name"] == "/custom" {
					return []application.Entry{announcement("/"), e}
				}
				return []application.Entry{e}
			}),
		},
		Fault{
			Name:     "namespaces/pattern-announced",
			Breaks:   "announcement/25",
			Sentence: "A pattern is announced as if it were a namespace.",
			Apply: announced(func(cause reference.Cause, _ *reference.Namespace, raise func()) {
				if cause == reference.NamespaceCreated || cause == reference.PatternRegistered {
					raise()
				}
			}),
		},
		Fault{
			Name:     "namespaces/refused-announced",
			Breaks:   "announcement/25",
			Sentence: "A namespace that is refused to a client is announced.",
			Apply: announced(func(cause reference.Cause, _ *reference.Namespace, raise func()) {
				if cause == reference.NamespaceCreated || cause == reference.NamespaceRefused {
					raise()
				}
			}),
		},
		Fault{
			Name:     "namespaces/announced-without-slash",
			Breaks:   "announcement/79",
			Sentence: "Namespaces are announced without their leading slash.",
			Apply:    renamed(func(name string) string { return strings.TrimPrefix(name, "/") }),
		},
		Fault{
			Name:     "namespaces/announced-by-pattern",
			Breaks:   "announcement/23",
			Sentence: "Dynamic namespaces are announced by the pattern that they match.",
			Apply: renamed(func(name string) string {
				if isDynamic(name) {
					return `/^\/dynamic-\w+$/`
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/announced-in-lower-case",
			Breaks:   "announcement/28",
			Sentence: "Namespaces are announced in lower case.",
			Apply:    renamed(strings.ToLower),
		},
		Fault{
			Name:     "namespaces/announced-with-a-comma",
			Breaks:   "announcement/23",
			Sentence: "Namespaces are announced with the comma that follows the name on the wire.",
			Apply: renamed(func(name string) string {
				if isDynamic(name) {
					return name + ","
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/announced-late",
			Breaks:   "announcement/26",
			Sentence: "A dynamic namespace is announced a moment after its first client has joined.",
			Apply: announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
				if cause != reference.NamespaceCreated {
					return
				}
				if isDynamic(ns.Name()) {
					time.AfterFunc(50*time.Millisecond, raise)
					return
				}
				raise()
			}),
		},
		Fault{
			Name:     "namespaces/event-after-the-connection",
			Breaks:   "announcement/26",
			Sentence: "The announcement of a dynamic namespace comes after its first client's connection.",
			Apply:    fresh(afterConnection),
		},
		Fault{
			Name:     "namespaces/first-client-unchecked",
			Breaks:   "announcement/26",
			Sentence: "Middlewares added when a dynamic namespace is announced apply only from its second client on.",
			Apply: fresh(func() apply {
				var seen sync.Map
				return middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
					if _, again := seen.LoadOrStore(s.Namespace(), true); !again && isDynamic(s.Namespace().Name()) {
						return nil
					}
					return list
				})
			}),
		},
		Fault{
			Name:     "namespaces/dynamic-unchecked",
			Breaks:   "announcement/26",
			Sentence: "Middlewares do not apply in dynamic namespaces.",
			Apply: middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
				if isDynamic(s.Namespace().Name()) {
					return nil
				}
				return list
			}),
		},
		Fault{
			Name:     "namespaces/custom-unchecked",
			Breaks:   "announcement/26",
			Sentence: "Middlewares apply only in the main namespace.",
			Apply: middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
				if s.Namespace().Name() != "/" {
					return nil
				}
				return list
			}),
		},
		Fault{
			Name:     "namespaces/main-unchecked",
			Breaks:   "contract/4",
			Sentence: "Middlewares do not apply in the main namespace.",
			Apply: middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
				if s.Namespace().Name() == "/" {
					return nil
				}
				return list
			}),
		},
		Fault{
			Name:     "namespaces/pattern-unanchored",
			Breaks:   "contract/3",
			Sentence: "A pattern matches anywhere in a name.",
			Apply:    dynamicPattern(`/dynamic-\w+`),
		},
		Fault{
			Name:     "namespaces/pattern-open-ended",
			Breaks:   "contract/3",
			Sentence: "A pattern matches the beginning of a name.",
			Apply:    dynamicPattern(`^/dynamic-\w+`),
		},
		Fault{
			Name:     "namespaces/pattern-ignores-case",
			Breaks:   "contract/3",
			Sentence: "A pattern ignores case.",
			Apply:    dynamicPattern(`(?i)^/dynamic-\w+$`),
		},
		Fault{
			Name:     "namespaces/pattern-without-digits",
			Breaks:   "contract/2",
			Sentence: "The word characters of a pattern are only letters.",
			Apply:    dynamicPattern(`^/dynamic-[A-Za-z]+$`),
		},
		Fault{
			Name:     "namespaces/pattern-of-one-namespace",
			Breaks:   "contract/2",
			Sentence: "A pattern serves only the first namespace that matches.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				first := ""
				return resolved(func(name string) string {
					mu.Lock()
					defer mu.Unlock()
					if !isDynamic(name) {
						return name
					}
					if first == "" {
						first = name
					}
					return first
				})
			}),
		},
		Fault{
			Name:     "namespaces/dynamic-refused",
			Breaks:   "contract/2",
			Sentence: "Dynamic namespaces do not exist.",
			Apply: resolved(func(name string) string {
				if isDynamic(name) {
					return "/none"
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/created-later-refused",
			Breaks:   "announcement/27",
			Sentence: "Clients cannot join a namespace that the application creates while it runs.",
			Apply: resolved(func(name string) string {
				if !known(name) {
					return "/none"
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/connection-unnoticed",
			Breaks:   "contract/16",
			Sentence: "The application does not learn of connections to custom namespaces.",
			Apply: records(func(e application.Entry) []application.Entry {
				if e.Type == "connection" && e.Fields["namespace"] != "/" {
					return nil
				}
				return []application.Entry{e}
			}),
		},
		Fault{
			Name:     "namespaces/connection-noticed-twice",
			Breaks:   "announcement/57",
			Sentence: "The application is told of every connection twice.",
			Apply: records(func(e application.Entry) []application.Entry {
				if e.Type == "connection" {
					return []application.Entry{e, e}
				}
				return []application.Entry{e}
			}),
		},
	)
}

func dynamicPattern(pattern string) apply {
	return app(func(rules *application.Rules) {
		rules.Control = override.Dynamic(rules.Control, regexp.MustCompile(pattern))
	})
}

// newNamespaces replaces the record of an announcement with those that f returns.
func newNamespaces(f func(application.Entry) []application.Entry) apply {
	return records(func(e application.Entry) []application.Entry {
		if e.Type == "new_namespace" {
			return f(e)
		}
		return []application.Entry{e}
	})
}

// renamed lets f choose the name under which a namespace is announced.
func renamed(f func(string) string) apply {
	return newNamespaces(func(e application.Entry) []application.Entry {
		return []application.Entry{announcement(f(e.Fields["name"].(string)))}
	})
}

// racing announces a dynamic namespace again when clients join it soon after the first.
func racing() apply {
	var mu sync.Mutex
	made := map[string]time.Time{}
	return records(func(e application.Entry) []application.Entry {
		mu.Lock()
		defer mu.Unlock()
		if name, ok := e.Fields["name"].(string); ok && e.Type == "new_namespace" {
			made[name] = time.Now()
		}
		name, _ := e.Fields["namespace"].(string)
		since, dynamic := made[name]
		if e.Type == "connection" && dynamic && time.Since(since) < 500*time.Millisecond {
			if made[name+" joined"].IsZero() {
				made[name+" joined"] = time.Now()
				return []application.Entry{e}
			}
			return []application.Entry{announcement(name), e}
		}
		return []application.Entry{e}
	})
}

// afterConnection delays the announcement of a dynamic namespace until a client is in it.
func afterConnection() apply {
	var mu sync.Mutex
	var held []string
	return records(func(e application.Entry) []application.Entry {
		mu.Lock()
		defer mu.Unlock()
		if name, _ := e.Fields["name"].(string); e.Type == "new_namespace" && isDynamic(name) {
			held = append(held, name)
			return nil
		}
		name, _ := e.Fields["namespace"].(string)
		if e.Type == "connection" && slices.Contains(held, name) {
			held = slices.DeleteFunc(held, func(other string) bool { return other == name })
			return []application.Entry{e, announcement(name)}
		}
		return []application.Entry{e}
	})
}
