package runner

import (
	"context"
	"slices"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Limits on what runs against the embedded reference only to show readers an example.
const (
	mostExamples = 10              // causes
	exampleLimit = 3 * time.Second // for all of them together
)

// showExamples runs the case that shows each cause best against the embedded reference, which keeps the rule, and keeps the
// trace: a reader sees both exchanges. A case that does not pass there has no example.
func showExamples(ctx context.Context, config settings, r *result.Results, redact func(string) string) {
	if config.Control == nil || config.Embedded || len(r.Causes) == 0 || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, exampleLimit)
	defer cancel()
	witnesses := map[string]bool{}
	for _, cause := range r.Causes[:min(mostExamples, len(r.Causes))] {
		witnesses[cause.Witness] = true
	}
	f := &scheduler{ctx: ctx, group: &controlGroup{config: config}}
	defer f.group.close()
	var group sync.WaitGroup
	for _, c := range suite.Cases() {
		if !witnesses[c.ID] || !f.hasControl(c) {
			continue
		}
		i := slices.IndexFunc(r.Cases, func(one result.CaseResult) bool { return one.ID == c.ID })
		group.Go(func() {
			a := f.controlled(c)
			if a.Failed() || a.Crash != "" || a.Cut != "" || a.Unverified+a.Missed+a.Inapplicable != "" {
				return
			}
			result.Sanitise(&a.Trace, redact)
			r.Cases[i].Example = a.Trace
		})
	}
	group.Wait()
}
