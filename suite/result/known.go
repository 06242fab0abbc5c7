package result

import (
	"time"

	"golang.org/x/mod/semver"
)

// KnownFailure is an entry in a list of known failures of a target. The cases that it names still run, must fail, and then
// do not gate. If one passes, the entry is stale, and gates: it should be removed.
type KnownFailure struct {
	// Case is an ID or a glob of IDs.
	Case string `json:"case" yaml:"case"`
	// Reason says why the failure is tolerated.
	Reason string `json:"reason" yaml:"reason"`
	// Until ends the excuse. It is a date such as 2027-01-31, the first day (UTC) that is no longer excused, or a version of
	// the implementation such as 4.1.1, the first that must not fail. Empty means that the excuse has no end.
	Until string `json:"until,omitempty" yaml:"until"`
	// Intermittent means that the failure does not always show: if the case passes, the entry is not stale.
	Intermittent bool `json:"intermittent,omitempty" yaml:"intermittent"`
}

// Over reports whether the excuse has ended.
func (k KnownFailure) Over(now time.Time, targets []TargetResult) bool {
	if k.Until == "" {
		return false
	}
	if day, err := time.Parse(time.DateOnly, k.Until); err == nil {
		return !now.Before(day)
	}
	for _, t := range targets { // the oldest instance of a cluster decides
		if t.Info == nil || semver.Compare("v"+t.Info.Implementation.Version, "v"+k.Until) < 0 {
			return false
		}
	}
	return true
}
