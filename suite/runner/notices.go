package runner

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite"
)

// lacks returns notices about what the targets do not offer, each with the flag that leaves it out.
func lacks(config Config, c *suite.Capabilities) (sentences []string) {
	for i, t := range c.Targets {
		for _, name := range append(slices.Clone(suite.Abilities), suite.JoiningAbility, application, echoApplication) {
			implied := name == suite.UpgradeAbility && (t.Lacks[suite.PollingTransport] != "" || t.Lacks[suite.WebSocketTransport] != "")
			if implied || config.leavesOut(name) != "" || !asked(config, name) {
				continue
			}
			if why := c.Lacks(i, name); why != "" {
				text := strings.ToUpper(why[:1]) + why[1:] + "."
				if seen := t.Lacks[name]; seen != "" && name != suite.JoiningAbility {
					text = strings.TrimSuffix(text, ".") + fmt.Sprintf(" (%s). Without the flag they are unverified.", seen)
				}
				sentences = append(sentences, text)
			}
		}
	}
	return sentences
}

// asked reports whether a run needs something that discovery looks for.
func asked(config Config, name string) bool {
	switch name {
	case application, suite.CORSAbility: // the CORS cases are in that profile
		return config.Profile.Covers(suite.Profile410)
	case echoApplication:
		return config.Profile.Covers(suite.ProfileProtocol)
	}
	return config.Profile != suite.ProfileBrowser
}

// distances returns notices about targets that are too far away for their timers.
func distances(config Config, c *suite.Capabilities) (sentences []string) {
	for i, t := range c.Targets {
		for _, name := range []string{suite.PollingTransport, suite.WebSocketTransport} {
			if why := t.TooFar[name]; why != "" && config.leavesOut(name) == "" {
				why = strings.TrimPrefix(why, "the target ")
				sentences = append(sentences, fmt.Sprintf("Target %d %s. Cases that cannot be judged because of that are unverified.", i+1, why))
			}
		}
	}
	return sentences
}

// claims says which edition the targets claim, if the run asks for another one.
func claims(config Config, c *suite.Capabilities) (sentences []string) {
	for i, info := range c.Info {
		if info == nil || info.Edition == "" {
			continue
		}
		if claimed, ok := suite.ParseEdition(info.Edition); ok && claimed != config.Edition {
			sentences = append(sentences, fmt.Sprintf("Target %d claims edition %s; this run asks for edition %s (--edition).", i+1, claimed, config.Edition))
		}
	}
	return sentences
}

// sentence makes a sentence from a clause; none from an empty one.
func sentence(clause string) []string {
	if clause == "" {
		return nil
	}
	return []string{strings.ToUpper(clause[:1]) + clause[1:] + "."}
}

// limited returns the notice about a target that limits requests.
func limited(config settings) []string {
	for _, target := range config.Targets { // they share the pace of the run
		if rate := target.Pace.Learnt(); rate > 0 {
			return []string{fmt.Sprintf("The target, or a proxy in front of it, limits requests: the run slowed down to %d new connections per second. --max-rate sets the rate from the start.", rate)}
		}
	}
	return nil
}

// notices returns what a reader must know before the cases, one sentence each.
func notices(config settings, c *suite.Capabilities) (sentences []string) {
	sentences = slices.Concat(config.Notices, distances(config.Config, c), c.Problems, sentence(suite.UnnamedNotice(c.Unnamed.Names())), lacks(config.Config, c), claims(config.Config, c), undeclaredWork(c), limited(config), incomplete(config.lacking))
	if !config.Profile.Covers(suite.Profile410) || slices.Contains(c.Info, nil) {
		return sentences
	}
	var missing []string
	for _, feature := range suite.Features {
		if config.leavesOut(feature) == "" && !c.Declares(feature) {
			missing = append(missing, feature)
		}
	}
	if len(missing) > 0 {
		text := undeclared(missing, config.Profile, c)
		sentences = append(sentences, strings.ToUpper(text[:1])+text[1:]+". Until then its cases are unverified.")
	}
	return sentences
}
