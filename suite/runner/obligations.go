package runner

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite"
)

// checkWithout returns a [UsageError] if the list contains something that cannot be left out.
func checkWithout(names []string) error {
	for _, name := range names {
		if !slices.Contains(suite.Removable(), name) {
			return &UsageError{fmt.Sprintf("--without: %q is none of %s%s", name, strings.Join(suite.Removable(), ", "), Meant(name, suite.Removable()))}
		}
	}
	if slices.Contains(names, suite.PollingTransport) && slices.Contains(names, suite.WebSocketTransport) {
		return &UsageError{"a run needs at least one transport: polling or websocket"}
	}
	return nil
}

// normalWithout returns the list without repetitions, in the order of [suite.Removable]. Without one of the transports there
// is no upgrade.
func normalWithout(names []string) (all []string) {
	for _, name := range suite.Removable() {
		implied := name == suite.UpgradeAbility && (slices.Contains(names, suite.PollingTransport) || slices.Contains(names, suite.WebSocketTransport))
		if implied || slices.Contains(names, name) {
			all = append(all, name)
		}
	}
	return all
}

// leavesOut says why a run skips a feature or an ability. It is empty if the run does not skip it.
func (c Config) leavesOut(name string) string { return suite.LeavesOut(c.Without, name) }

// owed decides about the features that a case needs. A profile that includes the case requires them: a feature that the
// target does not declare is unverified, unless the user left it out by name.
func owed(it *suite.Case, config Config, c *suite.Capabilities) (suite.Outcome, string) {
	for _, feature := range it.Needs.Features {
		if why := config.leavesOut(feature); why != "" {
			return suite.Inapplicable, why
		}
	}
	var missing []string
	for _, feature := range it.Needs.Features {
		if !c.Declares(feature) {
			missing = append(missing, feature)
		}
	}
	if len(missing) == 0 {
		if why := untold(it, c); why != "" {
			return suite.Unverified, why
		}
		return "", ""
	}
	return suite.Unverified, undeclared(missing, config.Profile, c)
}

// mostFlags is how many flags a sentence spells out.
const mostFlags = 3

// undeclared says which required features are not declared, and what to do about it.
func undeclared(features []string, profile suite.Profile, c *suite.Capabilities) string {
	who := "the target does"
	if len(c.Info) > 1 {
		var silent []string
		for i := range c.Info {
			if slices.ContainsFunc(features, func(feature string) bool { return !c.DeclaresAt(i, feature) }) {
				silent = append(silent, fmt.Sprint(i+1))
			}
		}
		who = "target " + silent[0] + " does"
		if len(silent) > 1 {
			who = "targets " + strings.Join(silent, " and ") + " do"
		}
	}
	var flags []string
	for _, feature := range features {
		flags = append(flags, suite.FlagWithout(feature))
	}
	what, leave := "feature", flags[0]+" leaves it out by name"
	switch {
	case len(flags) > mostFlags:
		what, leave = "features", "--without NAME, once for each, leaves them out by name"
	case len(flags) > 1:
		what, leave = "features", strings.Join(flags, " ")+" leave them out by name"
	}
	return fmt.Sprintf("%s not declare the %s %s, which the profile %s asks for: %s",
		who, what, strings.Join(features, ", "), profile, leave)
}
