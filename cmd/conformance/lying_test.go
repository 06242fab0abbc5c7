package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Applications that report what did not happen are caught if the wire shows something else.
func TestLyingApplicationsAreCaught(t *testing.T) {
	for _, one := range []struct {
		name    string
		options application.Options
		id      string // of a case that must fail
		subject string // of its evidence
	}{
		{
			name: "every record tells the same refusal", id: "errors/unknown-session-event", subject: "the code",
			options: application.Options{App: application.Rules{Records: override.Record(application.DefaultRecords{}, func(_ string, e application.Entry) []application.Entry {
				if e.Type == suite.ConnectionError {
					e.Fields["code"], e.Fields["message"] = 0, "Transport unknown"
				}
				return []application.Entry{e}
			})}},
		},
		{
			name: "records are computed from the request, and the server refuses with another code", id: "errors/unknown-transport-event", subject: "the code of the record",
			options: application.Options{Engine: engineio.Rules{Headers: override.Answer(engineio.DefaultHeaders{}, func(_ *http.Request, a *engineio.Answer) {
				if strings.Contains(string(a.Body), "Transport unknown") {
					a.Body = []byte(`{"code":3,"message":"Bad request"}`)
				}
			})}},
		},
		{
			name: "records tell of a hook that set no header", id: "headers/each-called-once-a-request", subject: "the header x-each",
			options: application.Options{Engine: engineio.Rules{Headers: override.Hooked(engineio.DefaultHeaders{}, func(_ *http.Request, _ engineio.Occasion, h http.Header) {
				h.Del("X-Each")
			})}},
		},
		{
			name: "records tell of another request", id: "errors/often-one-event-each", subject: "the method and the parameters",
			options: application.Options{App: application.Rules{Records: override.Record(application.DefaultRecords{}, func(_ string, e application.Entry) []application.Entry {
				if url, ok := e.Fields["url"].(string); ok {
					e.Fields["url"] = strings.Replace(url, "EIO=4", "EIO=3", 1)
				}
				return []application.Entry{e}
			})}},
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			_, config := clusterOf(t, one.options, 1)
			config.Profile, config.Only, config.Once = suite.Profile410, []string{one.id}, true
			results := runSuite(t, config)
			i := slices.IndexFunc(results.Cases, func(c suite.CaseResult) bool { return c.ID == one.id })
			c := results.Cases[i]
			found := slices.ContainsFunc(c.Evidence, func(f result.Failure) bool {
				return f.Kind == result.Content && strings.HasPrefix(f.Subject, one.subject)
			})
			if c.Outcome != suite.Failed || !found {
				t.Errorf("%s is %s: %s", c.ID, c.Outcome, evidence(c))
			}
		})
	}
}
