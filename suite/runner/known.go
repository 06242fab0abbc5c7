package runner

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.test/conformance/suite"
)

var versionFormat = regexp.MustCompile(`^\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?$`)

// checkEntry finds mistakes in an entry of a list of known failures.
func checkEntry(k suite.KnownFailure) error {
	matched := false
	for _, c := range suite.Cases() {
		ok, err := Matches(k.Case, c.ID)
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
		return fmt.Errorf("until: %q in the entry %q is neither a date such as 2027-01-31 nor a version such as 4.1.1", k.Until, k.Case)
	}
	return nil
}

// CheckKnownFailures returns a [UsageError] for the first mistake in a list.
func CheckKnownFailures(list []suite.KnownFailure) error {
	for _, k := range list {
		if err := checkEntry(k); err != nil {
			return &UsageError{fmt.Sprintf("the list of known failures: %v", err)}
		}
	}
	return nil
}

// excuse returns the first entry of the list that names a case, or nil.
func (s *scheduler) excuse(id string) *suite.KnownFailure {
	for i, k := range s.config.KnownFailures {
		if ok, _ := Matches(k.Case, id); ok {
			return &s.config.KnownFailures[i]
		}
	}
	return nil
}

// applyKnownFailures applies the list of known failures to a case's outcome.
func (s *scheduler) applyKnownFailures(r *suite.CaseResult) {
	k := s.excuse(r.ID)
	if k == nil {
		return
	}
	r.KnownFailure = k
	broken := r.Outcome.Red()
	switch {
	case broken && k.Over(s.start, s.capabilities.Targets):
		r.Reason = fmt.Sprintf("The list of known failures excuses it only until %s. %s", k.Until, r.Reason)
	case broken:
		r.Outcome = suite.Known
	case r.Outcome == suite.Passed && k.Intermittent && !k.Over(s.start, s.capabilities.Targets):
		r.Reason = strings.TrimSpace(fmt.Sprintf("It passed this time; the entry %q (%s) of the list of known failures says that it does not always pass. %s", k.Case, k.Reason, r.Reason))
	case r.Outcome == suite.Passed:
		r.Outcome = suite.Stale
		r.Reason = fmt.Sprintf("It passed, but it is on the list of known failures: remove the entry %q (%s). %s", k.Case, k.Reason, r.Reason)
	}
}
