package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// untold says why a case that waits for a timer cannot be judged because the application does not tell the timer's length.
// It is empty if the case can be judged.
func untold(it *suite.Case, c *suite.Capabilities) string {
	if slices.Contains(it.Needs.Features, suite.ConnectTimeout) && len(c.Info) > 0 && c.Info[0] != nil && c.Info[0].ConnectTimeout <= 0 {
		return "the info of target 1 does not tell its connectTimeout, and the case has to wait for it"
	}
	return ""
}

// applications examines the applications of the targets, if the run asks for them. The suite's own are not examined.
func (c Config) applications(ctx context.Context, found *suite.Capabilities) []result.Part {
	none := !slices.ContainsFunc(found.Info, func(info *suite.Info) bool { return info != nil })
	if c.CheckApplication == nil || c.Embedded || none || !found.Reachable() || c.Profile != "" && !c.Profile.Covers(suite.Profile410) {
		return nil
	}
	return c.CheckApplication(ctx, c.Targets, c.Auth)
}

// incomplete returns the notice about what the applications lack.
func incomplete(parts []result.Part) []string {
	if len(parts) == 0 {
		return nil
	}
	var lines []string
	for _, p := range parts {
		lines = append(lines, fmt.Sprintf("target %d, %s: %s (%s)", p.Target, p.Name, protocol.Clip(p.Says, 300), p.Advice))
	}
	return []string{"The conformance application is incomplete, and cases may fail because of that: " + strings.Join(lines, "; ") + ". `conformance check-application` examines it by itself."}
}
