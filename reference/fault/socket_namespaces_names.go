package fault

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
)

// Faults of namespaces' names, and of namespaces that several ask for at once.
func init() {
	register(
		Fault{"namespaces/names-percent-decoded", "names are taken for percent-encoded", asked(func(name string) string {
			if decoded, err := url.PathUnescape(name); err == nil {
				return decoded
			}
			return name
		})},
		Fault{"namespaces/names-without-fragment", "what stands behind a # in a name is cut off", asked(func(name string) string {
			name, _, _ = strings.Cut(name, "#")
			return name
		})},
		Fault{"namespaces/names-without-query", "what stands behind a question mark in a name is cut off", asked(func(name string) string {
			name, _, _ = strings.Cut(name, "?")
			return name
		})},
		Fault{"namespaces/names-end-at-a-bracket", "a name ends where JSON might begin", asked(func(name string) string {
			if i := strings.IndexAny(name, "[{"); i > 0 {
				return name[:i]
			}
			return name
		})},
		Fault{"namespaces/names-in-ascii", "characters of a name that are not ASCII become question marks", asked(func(name string) string {
			return strings.Map(func(c rune) rune {
				if c > unicode.MaxASCII {
					return '?'
				}
				return c
			}, name)
		})},
		Fault{"namespaces/names-composed", "decomposed characters of a name are composed", asked(func(name string) string { return strings.ReplaceAll(name, "e\u0301", "\u00e9") })},
		Fault{"namespaces/names-trimmed", "white space at the end of a name is cut off", asked(func(name string) string { return strings.TrimRightFunc(name, unicode.IsSpace) })},
		Fault{"namespaces/names-cleaned-like-paths", "names are cleaned as paths of files are", asked(path.Clean)},
		Fault{"namespaces/long-names-cut", "names are cut to 255 characters", asked(func(name string) string { return truncatedName(name) })},
		Fault{"namespaces/nearly-served-names-served", "names are compared without case, spaces and slashes at the end", asked(func(name string) string {
			if nearly := strings.ToLower(strings.TrimRight(name, "/ ")); known(nearly) && nearly != "" {
				return nearly
			}
			return name
		})},
		Fault{"namespaces/dynamic-names-by-their-beginning", "a dynamic namespace takes the clients of those whose names begin with its own", fresh(func() apply {
			var mu sync.Mutex
			var names []string
			return resolved(func(name string) string {
				mu.Lock()
				defer mu.Unlock()
				for _, other := range names {
					if strings.HasPrefix(name, other) {
						return other
					}
				}
				if isDynamic(name) {
					names = append(names, name)
				}
				return name
			})
		})},
		Fault{"namespaces/pattern-of-lower-case", "a pattern's word characters have no capitals", func(o *application.Options) {
			o.App.Dynamic = regexp.MustCompile(`^/dynamic-[a-z0-9_]+$`)
		}},
		Fault{"namespaces/announced-by-application-and-clients", "a dynamic namespace that exists is announced when the application asks for it", announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
			if cause == reference.NamespaceCreated || cause == reference.NamespaceExists && isDynamic(ns.Name()) {
				raise()
			}
		})},
		Fault{"namespaces/announced-to-first-client", "a namespace that the application created is announced again to its first client", fresh(func() apply {
			var seen sync.Map
			return announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
				_, again := seen.LoadOrStore(string(cause)+ns.Name(), true)
				if cause == reference.NamespaceCreated || cause == reference.NamespaceEntered && !again && isDynamic(ns.Name()) {
					raise()
				}
			})
		})},
		Fault{"namespaces/refused-for-good", "a name that was refused once is refused from then on", fresh(func() apply {
			var refusedNames sync.Map
			return all(
				announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
					if cause == reference.NamespaceRefused {
						refusedNames.Store(ns.Name(), true)
					}
					if cause == reference.NamespaceCreated {
						raise()
					}
				}),
				resolved(func(name string) string {
					if _, once := refusedNames.Load(name); once {
						return "/none"
					}
					return name
				}),
			)
		})},
		Fault{"namespaces/middleware-missed-by-racing-clients", "every third client of a dynamic namespace passes its middlewares by", fresh(func() apply {
			var mu sync.Mutex
			count := map[string]int{}
			return middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
				mu.Lock()
				defer mu.Unlock()
				name := s.Namespace().Name()
				count[name]++
				if isDynamic(name) && count[name]%3 == 0 {
					return nil
				}
				return list
			})
		})},
		Fault{"namespaces/emptied-unchecked", "a dynamic namespace that all clients have left loses its middlewares", fresh(func() apply {
			var emptied sync.Map
			return func(o *application.Options) {
				middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
					if _, was := emptied.Load(s.Namespace().Name()); was {
						return nil
					}
					return list
				})(o)
				o.Socket.Ended = func(s *reference.Socket, reason string) []string {
					if isDynamic(s.Namespace().Name()) {
						emptied.Store(s.Namespace().Name(), true)
					}
					return []string{reason}
				}
			}
		})},
		Fault{"namespaces/emptied-refused", "a dynamic namespace that a client has left is refused from then on", fresh(func() apply {
			var emptied sync.Map
			return func(o *application.Options) {
				resolved(func(name string) string {
					if _, was := emptied.Load(name); was {
						return "/none"
					}
					return name
				})(o)
				o.Socket.Ended = func(s *reference.Socket, reason string) []string {
					if isDynamic(s.Namespace().Name()) {
						emptied.Store(s.Namespace().Name(), true)
					}
					return []string{reason}
				}
			}
		})},
	)
}

// asked lets f give the name of the namespace that a client asks for, on the wire as in the server.
func asked(f func(string) string) apply {
	return packetsIn(func(_ client, p pkt) []pkt {
		p.Namespace = f(p.Namespace)
		return []pkt{p}
	})
}

func truncatedName(name string) string {
	if len(name) > 255 {
		return name[:255]
	}
	return name
}
