package variant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

const (
	mayBeMissing = "The contract: `features` names what the API has, and what it lacks is not named."
	mayBeUntold  = "The contract: leave out a time that the server does not have or does not tell."
)

func init() {
	register(
		Variant{
			Name: "contract/version-1", Summary: "runs an application of contract 1",
			Permitted: "Applications of contract 1 go on working.",
			Apply:     func(o *application.Options) { o.Contract = 1 },
		},
		Variant{
			Name: "contract/query-for-url", Summary: "records the parameters of a request instead of its URL",
			Permitted: "The contract: where an API has the parsed parameters and no more, give query in place of url.",
			Apply:     func(o *application.Options) { o.Parsed = true },
		},
		Variant{
			Name: "contract/connect-timeout-untold", Summary: "does not report its connectTimeout", Permitted: mayBeUntold,
			Apply: info(func(i map[string]any) { delete(i, "connectTimeout") }),
		},
		Variant{
			Name: "contract/emit-timeout-untold", Summary: "does not report how long it waits for other servers", Permitted: mayBeUntold,
			Apply: info(func(i map[string]any) { delete(i, "serverSideEmitTimeout") }),
		},
		Variant{
			Name: "contract/edition-untold", Summary: "claims no edition",
			Permitted: "The contract: edition may be left out.",
			Apply:     info(func(i map[string]any) { delete(i, "edition") }),
		},
		Variant{
			Name: "contract/features-in-another-order", Summary: "lists its features in reverse order",
			Permitted: "The contract does not order the features.",
			Apply: info(func(i map[string]any) {
				if features, ok := i["features"].([]string); ok {
					features = slices.Clone(features)
					slices.Reverse(features)
					i["features"] = features
				}
			}),
		},
		Variant{
			Name: "contract/engine-told", Summary: "reports the name and version of the underlying Engine.IO server",
			Permitted: "The contract: implementation.engine is shown, and nothing is concluded from it.",
			Apply: info(func(i map[string]any) {
				i["implementation"] = map[string]any{"name": "odd", "version": "", "language": "", "engine": "odd-engine 0.0.1-rc.1"}
			}),
		},
		Variant{
			Name: "contract/instances-of-long-names", Summary: "gives its instances names with spaces, slashes and non-ASCII letters",
			Permitted: "The contract: instance differs from every other in the cluster. It says nothing else about the name.",
			Apply: func(o *application.Options) {
				for i := range o.Instances {
					o.Names = append(o.Names, fmt.Sprintf("süd/pod \"%d\" %s", i, strings.Repeat("x", 60)))
				}
			},
		},
		Variant{
			Name: "events/context-with-more-keys", Summary: "adds keys to the context of connection errors",
			Permitted: "The announcement shows a context but does not say what it contains.",
			Apply: override.Application(func(rules *application.Rules) {
				rules.Records = override.Record(rules.Records, func(_ string, e application.Entry) []application.Entry {
					if context, ok := e.Fields["context"].(map[string]any); ok && context != nil {
						context = cloned(context)
						context["requestId"], context["at"] = "x", 1.5
						e.Fields = cloned(e.Fields)
						e.Fields["context"] = context
					}
					return []application.Entry{e}
				})
			}),
		},
		Variant{
			Name: "events/null-context", Summary: "records connection errors whose context is null",
			Permitted: "The contract: context is JSON, or null. The announcement does not say what it contains.",
			Apply: override.Application(func(rules *application.Rules) {
				rules.Records = override.Record(rules.Records, func(_ string, e application.Entry) []application.Entry {
					if _, ok := e.Fields["context"]; ok {
						e.Fields = cloned(e.Fields)
						e.Fields["context"] = nil
					}
					return []application.Entry{e}
				})
			}),
		},
		lateRecords("events/connection-errors-late", "raises connection_error 60 ms after the answer that refuses the request", "connection_error"),
		lateRecords("contract/records-late", "makes its records 60 ms after what they are about",
			"connection_error", "initial_headers", "headers", "new_namespace", "connection", "disconnect"),
	)
	for _, feature := range []string{
		"connection_error", "initial_headers", "headers", "new_namespace", "dynamic_namespaces", "server_side_emit_ack",
		"allow_request", "allow_request_default_message", "connect_timeout", "disconnect_reasons", "ask", "variadic",
	} {
		register(Variant{
			Name: "contract/without-" + strings.ReplaceAll(feature, "_", "-"), Summary: "lacks the feature " + feature, Permitted: mayBeMissing,
			Apply: func(o *application.Options) { o.Without = append(o.Without, feature) },
		})
	}
}

// info changes what the application says about itself.
func info(change func(map[string]any)) func(*application.Options) {
	return override.Application(func(rules *application.Rules) { rules.Control = override.Info(rules.Control, change) })
}

// lateRecords makes records of those types later than the answers that they are about.
func lateRecords(name, summary string, types ...string) Variant {
	return Variant{
		Name: name, Summary: summary,
		Permitted: "The contract: a record may come some time after the answer that it is about.",
		Apply: override.Application(func(rules *application.Rules) {
			rules.Records = override.Late(rules.Records, func(e application.Entry) time.Duration {
				if slices.Contains(types, e.Type) {
					return 60 * time.Millisecond
				}
				return 0
			})
		}),
	}
}

func cloned(m map[string]any) map[string]any {
	all := map[string]any{}
	for key, value := range m {
		all[key] = value
	}
	return all
}
