package result

import (
	"time"

	"golang.org/x/mod/semver"
)

// KnownFailure is an entry of a list of failures that are known of a target. The cases that it names
// still run, must fail, and then do not gate. One that passes is stale, and gates: the entry is to go.
type KnownFailure struct {
	// Case is an ID, or a glob of IDs.
	Case string `json:"case" yaml:"case"`
	// Reason says why the failure is put up with.
	Reason string `json:"reason" yaml:"reason"`
	// Until ends the excuse: a date such as 2027-01-31, of which the day itself is not excused any
	// more (UTC), or a version of the implementation such as 4.1.1, the first that must not fail.
	// Empty for an excuse without an end.
	Until string `json:"until,omitempty" yaml:"until"`
	// Intermittent says that the failure does not always show: a case that passes is not stale.
	Intermittent bool `json:"intermittent,omitempty" yaml:"intermittent"`
}

// Over reports whether the excuse has come to its end.
func (k KnownFailure) Over(now time.Time, targets []TargetResult) bool {
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
