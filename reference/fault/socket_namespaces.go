package fault

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
)

func init() {
	register(
		Fault{"namespaces/unannounced", "no namespace is announced", announced(func(reference.Cause, *reference.Namespace, func()) {})},
		Fault{"namespaces/dynamic-unannounced", "dynamic namespaces are not announced", announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
			if cause == reference.NamespaceCreated && !isDynamic(ns.Name()) {
				raise()
			}
		})},
		Fault{"namespaces/static-unannounced", "only dynamic namespaces are announced", announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
			if cause == reference.NamespaceCreated && isDynamic(ns.Name()) {
				raise()
			}
		})},
		Fault{"namespaces/static-event-lost", "the announcement of a namespace that the application creates while it runs gets lost", fresh(func() apply {
			return records(func(e application.Entry) []application.Entry {
				if e.Type == "new_namespace" && !known(e.Fields["name"].(string)) {
					return nil
				}
				return []application.Entry{e}
			})
		})},
		Fault{"namespaces/startup-unannounced", "namespaces that are created before the server listens are not announced to the application", records(func(e application.Entry) []application.Entry {
			if e.Type == "new_namespace" && (e.Fields["name"] == "/custom" || e.Fields["name"] == control) {
				return nil
			}
			return []application.Entry{e}
		})},
		Fault{"namespaces/announced-twice", "every namespace is announced twice", newNamespaces(func(e application.Entry) []application.Entry { return []application.Entry{e, e} })},
		Fault{"namespaces/announced-to-each-client", "a dynamic namespace is announced again for each client that joins it", records(func(e application.Entry) []application.Entry {
			if name, _ := e.Fields["namespace"].(string); e.Type == "connection" && isDynamic(name) {
				return []application.Entry{announcement(name), e}
			}
			return []application.Entry{e}
		})},
		Fault{"namespaces/announced-by-racing-clients", "clients that ask for a namespace while it is being created announce it once more", fresh(racing)},
		Fault{"namespaces/announced-again-when-used", "asking for a namespace that exists announces it again", fresh(func() apply {
			return announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
				if cause == reference.NamespaceCreated || cause == reference.NamespaceExists && !known(ns.Name()) {
					raise()
				}
			})
		})},
		Fault{"namespaces/announced-again-when-empty", "a dynamic namespace is announced again when a client joins after the last one left", fresh(emptied)},
		Fault{"namespaces/main-announced", "the main namespace is announced to each of its clients", func(o *application.Options) {
			o.App.Record = func(_ string, e application.Entry) []application.Entry {
				if e.Type == "connection" && e.Fields["namespace"] == "/" {
					return []application.Entry{announcement("/"), e}
				}
				return []application.Entry{e}
			}
		}},
		Fault{"namespaces/main-announced-at-start", "the main namespace is announced before all others", newNamespaces(func(e application.Entry) []application.Entry {
			if e.Fields["name"] == "/custom" {
				return []application.Entry{announcement("/"), e}
			}
			return []application.Entry{e}
		})},
		Fault{"namespaces/pattern-announced", "a pattern is announced as if it were a namespace", announced(func(cause reference.Cause, _ *reference.Namespace, raise func()) {
			if cause == reference.NamespaceCreated || cause == reference.PatternRegistered {
				raise()
			}
		})},
		Fault{"namespaces/refused-announced", "a namespace that a client is refused is announced", announced(func(cause reference.Cause, _ *reference.Namespace, raise func()) {
			if cause == reference.NamespaceCreated || cause == reference.NamespaceRefused {
				raise()
			}
		})},
		Fault{"namespaces/announced-without-slash", "namespaces are announced without their leading slash", renamed(func(name string) string { return strings.TrimPrefix(name, "/") })},
		Fault{"namespaces/announced-by-pattern", "dynamic namespaces are announced by the pattern that they match", renamed(func(name string) string {
			if isDynamic(name) {
				return `/^\/dynamic-\w+$/`
			}
			return name
		})},
		Fault{"namespaces/announced-in-lower-case", "namespaces are announced in lower case", renamed(strings.ToLower)},
		Fault{"namespaces/announced-with-a-comma", "namespaces are announced with the comma that follows on the wire", renamed(func(name string) string {
			if isDynamic(name) {
				return name + ","
			}
			return name
		})},
		Fault{"namespaces/announced-late", "a dynamic namespace is announced a moment after its first client has joined", announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
			if cause != reference.NamespaceCreated {
				return
			}
			if isDynamic(ns.Name()) {
				time.AfterFunc(50*time.Millisecond, raise)
				return
			}
			raise()
		})},
		Fault{"namespaces/event-after-the-connection", "the announcement of a dynamic namespace comes after its first client's connection", fresh(afterConnection)},
		Fault{"namespaces/first-client-unchecked", "the middlewares that are attached when a dynamic namespace is announced apply from its second client on", fresh(func() apply {
			var seen sync.Map
			return middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
				if _, again := seen.LoadOrStore(s.Namespace(), true); !again && isDynamic(s.Namespace().Name()) {
					return nil
				}
				return list
			})
		})},
		Fault{"namespaces/dynamic-unchecked", "middlewares do not apply in dynamic namespaces", middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
			if isDynamic(s.Namespace().Name()) {
				return nil
			}
			return list
		})},
		Fault{"namespaces/custom-unchecked", "middlewares apply in the main namespace only", middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
			if s.Namespace().Name() != "/" {
				return nil
			}
			return list
		})},
		Fault{"namespaces/main-unchecked", "middlewares do not apply in the main namespace", middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
			if s.Namespace().Name() == "/" {
				return nil
			}
			return list
		})},
		Fault{"namespaces/pattern-unanchored", "a pattern matches anywhere in a name", dynamicPattern(`/dynamic-\w+`)},
		Fault{"namespaces/pattern-open-ended", "a pattern matches the beginning of a name", dynamicPattern(`^/dynamic-\w+`)},
		Fault{"namespaces/pattern-ignores-case", "a pattern matches capitals as it does small letters", dynamicPattern(`(?i)^/dynamic-\w+$`)},
		Fault{"namespaces/pattern-without-digits", "a pattern's word characters are letters only", dynamicPattern(`^/dynamic-[A-Za-z]+$`)},
		Fault{"namespaces/pattern-of-one-namespace", "a pattern serves the first namespace that matches and no other", fresh(func() apply {
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
		})},
		Fault{"namespaces/dynamic-refused", "dynamic namespaces do not exist", resolved(func(name string) string {
			if isDynamic(name) {
				return "/none"
			}
			return name
		})},
		Fault{"namespaces/created-later-refused", "clients cannot join a namespace that the application creates while it runs", resolved(func(name string) string {
			if !known(name) {
				return "/none"
			}
			return name
		})},
		Fault{"namespaces/connection-unnoticed", "the application does not learn of connections to custom namespaces", records(func(e application.Entry) []application.Entry {
			if e.Type == "connection" && e.Fields["namespace"] != "/" {
				return nil
			}
			return []application.Entry{e}
		})},
		Fault{"namespaces/connection-noticed-twice", "the application is told of every connection twice", records(func(e application.Entry) []application.Entry {
			if e.Type == "connection" {
				return []application.Entry{e, e}
			}
			return []application.Entry{e}
		})},
	)
}

func announced(f func(reference.Cause, *reference.Namespace, func())) apply {
	return func(o *application.Options) { o.Socket.Announce = f }
}

func resolved(f func(string) string) apply {
	return func(o *application.Options) { o.Socket.Resolve = f }
}

func dynamicPattern(pattern string) apply {
	return func(o *application.Options) { o.App.Dynamic = regexp.MustCompile(pattern) }
}

func middlewareLists(f func(*reference.Socket, []reference.Middleware) []reference.Middleware) apply {
	return func(o *application.Options) { o.Socket.Middlewares = f }
}

// records lets f give the records in place of one.
func records(f func(application.Entry) []application.Entry) apply {
	return func(o *application.Options) {
		o.App.Record = func(_ string, e application.Entry) []application.Entry { return f(e) }
	}
}

// newNamespaces lets f give the records in place of an announcement.
func newNamespaces(f func(application.Entry) []application.Entry) apply {
	return records(func(e application.Entry) []application.Entry {
		if e.Type == "new_namespace" {
			return f(e)
		}
		return []application.Entry{e}
	})
}

// renamed lets f give the name that a namespace is announced by.
func renamed(f func(string) string) apply {
	return newNamespaces(func(e application.Entry) []application.Entry {
		return []application.Entry{announcement(f(e.Fields["name"].(string)))}
	})
}

func announcement(name string) application.Entry {
	return application.Entry{Type: "new_namespace", Fields: map[string]any{"name": name}}
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

// emptied announces a dynamic namespace again that all clients had left.
func emptied() apply {
	var mu sync.Mutex
	inside, before := map[string]int{}, map[string]bool{}
	return records(func(e application.Entry) []application.Entry {
		mu.Lock()
		defer mu.Unlock()
		name, _ := e.Fields["namespace"].(string)
		switch {
		case !isDynamic(name):
		case e.Type == "connection":
			inside[name]++
			if again := before[name] && inside[name] == 1; again {
				return []application.Entry{announcement(name), e}
			}
			before[name] = true
		case e.Type == "disconnect":
			inside[name]--
		}
		return []application.Entry{e}
	})
}

// afterConnection holds the announcement of a dynamic namespace back until a client is in it.
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
