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
	"example.test/conformance/reference/override"
)

// Faults in the names of namespaces, and in namespaces that several clients ask for at once.
func init() {
	register(
		Fault{
			Name:     "namespaces/names-percent-decoded",
			Breaks:   "announcement/56",
			Sentence: "Names are percent-decoded.",
			Apply: asked(func(name string) string {
				if decoded, err := url.PathUnescape(name); err == nil {
					return decoded
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/names-without-fragment",
			Breaks:   "announcement/56",
			Sentence: "A name is cut off after a #.",
			Apply: asked(func(name string) string {
				name, _, _ = strings.Cut(name, "#")
				return name
			}),
		},
		Fault{
			Name:     "namespaces/names-without-query",
			Breaks:   "announcement/56",
			Sentence: "A name is cut off after a question mark.",
			Apply: asked(func(name string) string {
				name, _, _ = strings.Cut(name, "?")
				return name
			}),
		},
		Fault{
			Name:     "namespaces/names-end-at-a-bracket",
			Breaks:   "announcement/56",
			Sentence: "A name ends where JSON might begin.",
			Apply: asked(func(name string) string {
				if i := strings.IndexAny(name, "[{"); i > 0 {
					return name[:i]
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/names-in-ascii",
			Breaks:   "announcement/56",
			Sentence: "Characters of a name that are not ASCII become question marks.",
			Apply: asked(func(name string) string {
				return strings.Map(func(c rune) rune {
					if c > unicode.MaxASCII {
						return '?'
					}
					return c
				}, name)
			}),
		},
		Fault{
			Name:     "namespaces/names-composed",
			Breaks:   "announcement/28",
			Sentence: "Decomposed characters of a name are composed.",
			Apply:    asked(func(name string) string { return strings.ReplaceAll(name, "e\u0301", "\u00e9") }),
		},
		Fault{
			Name:     "namespaces/names-trimmed",
			Breaks:   "announcement/80",
			Sentence: "White space at the end of a name is cut off.",
			Apply:    asked(func(name string) string { return strings.TrimRightFunc(name, unicode.IsSpace) }),
		},
		Fault{
			Name:     "namespaces/names-cleaned-like-paths",
			Breaks:   "announcement/28",
			Sentence: "Names are cleaned like file paths.",
			Apply:    asked(path.Clean),
		},
		Fault{
			Name:     "namespaces/long-names-cut",
			Breaks:   "announcement/81",
			Sentence: "Names are cut to 255 characters.",
			Apply:    asked(func(name string) string { return truncatedName(name) }),
		},
		Fault{
			Name:     "namespaces/nearly-served-names-served",
			Breaks:   "contract/3",
			Sentence: "Names are compared without regard to case and to spaces and slashes at the end.",
			Apply: asked(func(name string) string {
				if nearly := strings.ToLower(strings.TrimRight(name, "/ ")); known(nearly) && nearly != "" {
					return nearly
				}
				return name
			}),
		},
		Fault{
			Name:     "namespaces/dynamic-names-by-their-beginning",
			Breaks:   "announcement/28",
			Sentence: "A dynamic namespace gets the clients of namespaces whose names begin with its own.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "namespaces/pattern-of-lower-case",
			Breaks:   "contract/2",
			Sentence: "The word characters of a pattern do not include capitals.",
			Apply: app(func(rules *application.Rules) {
				rules.Control = override.Dynamic(rules.Control, regexp.MustCompile(`^/dynamic-[a-z0-9_]+$`))
			}),
		},
		Fault{
			Name:     "namespaces/announced-by-application-and-clients",
			Breaks:   "announcement/24",
			Sentence: "A dynamic namespace that exists is announced when the application asks for it.",
			Apply: announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
				if cause == reference.NamespaceCreated || cause == reference.NamespaceExists && isDynamic(ns.Name()) {
					raise()
				}
			}),
		},
		Fault{
			Name:     "namespaces/announced-to-first-client",
			Breaks:   "announcement/24",
			Sentence: "A namespace that the application created is announced again to its first client.",
			Apply: fresh(func() apply {
				var seen sync.Map
				return announced(func(cause reference.Cause, ns *reference.Namespace, raise func()) {
					_, again := seen.LoadOrStore(string(cause)+ns.Name(), true)
					if cause == reference.NamespaceCreated || cause == reference.NamespaceEntered && !again && isDynamic(ns.Name()) {
						raise()
					}
				})
			}),
		},
		Fault{
			Name:     "namespaces/refused-for-good",
			Breaks:   "announcement/27",
			Sentence: "A name that was refused once is refused from then on.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "namespaces/middleware-missed-by-racing-clients",
			Breaks:   "announcement/26",
			Sentence: "Every third client of a dynamic namespace bypasses its middlewares.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "namespaces/emptied-unchecked",
			Breaks:   "announcement/58",
			Sentence: "A dynamic namespace that all clients have left loses its middlewares.",
			Apply: fresh(func() apply {
				var emptied sync.Map
				return all(
					noteLeft(&emptied),
					middlewareLists(func(s *reference.Socket, list []reference.Middleware) []reference.Middleware {
						if _, was := emptied.Load(s.Namespace().Name()); was {
							return nil
						}
						return list
					}),
				)
			}),
		},
		Fault{
			Name:     "namespaces/emptied-refused",
			Breaks:   "announcement/58",
			Sentence: "A dynamic namespace that a client has left is refused from then on.",
			Apply: fresh(func() apply {
				var emptied sync.Map
				return all(
					noteLeft(&emptied),
					resolved(func(name string) string {
						if _, was := emptied.Load(name); was {
							return "/none"
						}
						return name
					}),
				)
			}),
		},
	)
}

// noteLeft notes the dynamic namespaces that a client has left.
func noteLeft(emptied *sync.Map) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Disconnect = override.Reasons(rules.Disconnect, func(s *reference.Socket, reason string) []string {
			if isDynamic(s.Namespace().Name()) {
				emptied.Store(s.Namespace().Name(), true)
			}
			return []string{reason}
		})
	})
}

func truncatedName(name string) string {
	if len(name) > 255 {
		return name[:255]
	}
	return name
}
