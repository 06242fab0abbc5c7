package suite

import (
	"fmt"
	"regexp"
	"time"

	"golang.org/x/mod/semver"
)

// KnownFailure is an entry of a list of failures that are known of a target. The cases that it names
// still run, must fail, and then do not gate. One that passes is stale, and gates: the entry is to go.
type KnownFailure struct {
	// Case is an ID, or a glob of IDs as [Matches] takes it.
	Case string `json:"case" yaml:"case"`
	// Reason says why the failure is put up with.
	Reason string `json:"reason" yaml:"reason"`
	// Until ends the excuse: a date such as 2027-01-31, of which the day itself is not excused any
	// more (UTC), or a version of the implementation such as 4.1.1, the first that must not fail.
	// Empty for an excuse without an end.
	Until string `json:"until,omitempty" yaml:"until"`
}

var versionFormat = regexp.MustCompile(`^\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?$`)

// check finds mistakes in an entry.
func (k KnownFailure) check() error {
	matched := false
	for id := range registry {
		ok, err := Matches(k.Case, id)
		if err != nil {
			return fmt.Errorf("the pattern %q is malformed", k.Case)
		}
		matched = matched || ok
	}
	_, noDate := time.Parse(time.DateOnly, k.Until)
	switch {
	case k.Case == "":
		return fmt.Errorf("an entry names no case")
	case !matched:
		return noCase(k.Case)
	case k.Reason == "":
		return fmt.Errorf("the entry %q gives no reason", k.Case)
	case k.Until != "" && noDate != nil && !versionFormat.MatchString(k.Until):
		return fmt.Errorf("until: %q of the entry %q is neither a date such as 2027-01-31 nor a version such as 4.1.1", k.Until, k.Case)
	}
	return nil
}

// over reports whether the excuse has come to its end.
func (k KnownFailure) over(now time.Time, targets []TargetResult) bool {
	if k.Until == "" {
		return false
	}
	if day, err := time.Parse(time.DateOnly, k.Until); err == nil {
		return !now.Before(day)
	}
	for _, t := range targets { // the oldest instance of a cluster is put up with
		if t.Info == nil || semver.Compare("v"+t.Info.Implementation.Version, "v"+k.Until) < 0 {
			return false
		}
	}
	return true
}

// CheckKnownFailures returns a [UsageError] for the first mistake in a list.
func CheckKnownFailures(list []KnownFailure) error {
	for _, k := range list {
		if err := k.check(); err != nil {
			return &UsageError{fmt.Sprintf("the list of known failures: %v", err)}
		}
	}
	return nil
}

// excuse is the first entry of the list that names a case.
func (f *flight) excuse(id string) *KnownFailure {
	for i, k := range f.config.KnownFailures {
		if ok, _ := Matches(k.Case, id); ok {
			return &f.config.KnownFailures[i]
		}
	}
	return nil
}

// confront sets a case's outcome against the list of known failures.
func (f *flight) confront(r *CaseResult) {
	k := f.excuse(r.ID)
	if k == nil {
		return
	}
	r.KnownFailure = k
	broken := r.Outcome == Failed || r.Outcome == Warned
	switch {
	case broken && k.over(f.start, f.capabilities.Targets):
		r.Reason = fmt.Sprintf("The list of known failures excuses it until %s only. %s", k.Until, r.Reason)
	case broken:
		r.Outcome = Known
	case r.Outcome == Passed:
		r.Outcome = Stale
		r.Reason = fmt.Sprintf("It passed, though the list of known failures holds it by the entry %q (%s): take that out. %s", k.Case, k.Reason, r.Reason)
	}
}
