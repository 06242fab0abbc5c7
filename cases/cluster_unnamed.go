package cases

import (
	"encoding/json"
	"fmt"
	"slices"

	. "example.test/conformance/suite"
)

// besideUnnamed accounts for instances of the cluster that are not targets, before a case compares the answers to a
// question with those wanted from the targets. If the answers say who gave them, those of such instances are removed. If
// they do not, the case is unverified, unless there are more answers than the cluster has instances.
func besideUnnamed(t *T, r outcome, want []string) outcome {
	unnamed := t.Unnamed()
	named := !slices.ContainsFunc(want, func(one string) bool { return !namesTarget(t, one) })
	unwanted := func(one json.RawMessage) bool { return !slices.Contains(want, string(one)) }
	explained := func(unnamed []string) bool {
		left := withoutUnnamed(r, unnamed).Responses
		return len(left) <= len(want) && !(named && slices.ContainsFunc(left, unwanted))
	}
	if r.Error != nil || !explained(unnamed) {
		unnamed = t.AskUnnamedUntil(explained)
	}
	if len(unnamed) == 0 {
		return r
	}
	if named && r.Error == nil {
		left := withoutUnnamed(r, unnamed)
		joined := t.UnnamedSince(r.asked)
		if len(withoutUnnamed(r, joined).Responses) < len(r.Responses) && len(left.Responses) < len(want) {
			t.UnverifiedByUnnamed(joined) // one that joined meanwhile answered in place of a target: the server had counted fewer
		}
		return left
	}
	if len(r.Responses) <= len(want)+len(unnamed) {
		t.UnverifiedByUnnamed(unnamed)
	}
	return r
}

// withoutUnnamed returns what a callback got without the answers of instances with those names.
func withoutUnnamed(r outcome, unnamed []string) outcome {
	r.Responses = slices.DeleteFunc(slices.Clone(r.Responses), func(one json.RawMessage) bool {
		var name string
		return json.Unmarshal(one, &name) == nil && slices.Contains(unnamed, name)
	})
	return r
}

// namesTarget reports whether an answer, as JSON, is the name of a target's instance.
func namesTarget(t *T, answer string) bool {
	for i := range t.Targets() {
		if info := t.Info(i); info != nil && answer == fmt.Sprintf("%q", info.Instance) {
			return true
		}
	}
	return false
}
