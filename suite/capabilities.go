package suite

import (
	"fmt"
	"math"
	"slices"
	"time"

	"example.test/conformance/suite/protocol"
)

// JoiningAbility is what discovery notes about the main namespace: whether it lets the suite join. It is not among
// [Abilities], since no flag leaves it out.
const JoiningAbility = "connect"

// Capabilities describes what the targets offer, as discovery found before the cases run.
type Capabilities struct {
	Profile Profile // the largest one that all targets support
	Echo    bool    // the echo application answers
	Info    []*Info // of each target; nil if it has no conformance application
	Timings Timings
	Targets []TargetResult
	// Problems are the reasons why the targets cannot be tested together.
	Problems []string

	// Unnamed are the instances of the cluster that are not targets; nil if nobody asked for them.
	Unnamed *Unnamed
}

// Reachable reports whether an Engine.IO server answered at every target.
func (c *Capabilities) Reachable() bool {
	return !slices.ContainsFunc(c.Targets, func(t TargetResult) bool { return t.Error != "" })
}

// Declares reports whether every target's application declares a feature.
func (c *Capabilities) Declares(feature string) bool {
	for i := range c.Info {
		if !c.DeclaresAt(i, feature) {
			return false
		}
	}
	return len(c.Info) > 0
}

// DeclaresAt reports whether one target's application declares a feature.
func (c *Capabilities) DeclaresAt(target int, feature string) bool {
	return c.Info[target].Declares(feature)
}

// EmitTimeout returns how long a target waits for the acknowledgements of a server-side emit.
func (c *Capabilities) EmitTimeout(target int) time.Duration {
	if info := c.Info[target]; info != nil && info.ServerSideEmitTimeout > 0 && info.ServerSideEmitTimeout <= math.MaxInt32 {
		return time.Duration(info.ServerSideEmitTimeout * float64(time.Millisecond))
	}
	return DefaultTimings.EmitTimeout
}

// Unclear says why discovery could not tell whether a target offers something, for the first such target. It is empty if
// discovery could tell for all.
func (c *Capabilities) Unclear(name string) string {
	for i, t := range c.Targets {
		if why := t.Unclear[name]; why != "" {
			return fmt.Sprintf("target %d: %s", i+1, why)
		}
	}
	return ""
}

// Lacks says why cases that need an ability cannot be judged for a target, and what to do about it. It is empty if they can.
func (c *Capabilities) Lacks(target int, name string) string {
	if target >= len(c.Targets) {
		return "" // discovery found nothing
	}
	t := c.Targets[target]
	if why := t.Unclear[name]; why != "" {
		return fmt.Sprintf("whether target %d offers %s could not be found out: %s", target+1, name, why)
	}
	why := t.Lacks[name]
	switch {
	case why == "":
		return ""
	case name == JoiningAbility:
		return fmt.Sprintf("target %d refuses to let the suite into the main namespace, with %s: give --auth with what its clients send", target+1, protocol.Clip(why, 200))
	}
	return fmt.Sprintf("target %d does not offer %s: %s leaves its cases out", target+1, name, FlagWithout(name))
}
