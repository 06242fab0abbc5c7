package suite

import (
	"testing"
	"time"
)

func TestExcusesEnd(t *testing.T) {
	versions := func(all ...string) (targets []TargetResult) {
		for _, v := range all {
			info := &Info{}
			info.Implementation.Version = v
			targets = append(targets, TargetResult{Info: info})
		}
		return targets
	}
	day := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		until   string
		now     time.Time
		targets []TargetResult
		over    bool
	}{
		{"", day, versions("4.1.0"), false},
		{"2027-01-31", day.Add(-time.Second), versions("4.1.0"), false},
		{"2027-01-31", day, versions("4.1.0"), true},
		{"4.1.1", day, versions("4.1.0"), false},
		{"4.1.1", day, versions("4.1.1"), true},
		{"4.1.1", day, versions("4.10.0"), true},
		{"4.2", day, versions("4.1.9"), false},
		{"4.2", day, versions("4.2.0"), true},
		{"4.1.1", day, versions("4.1.1", "4.1.0"), false},
		{"4.1.1", day, versions("4.1.1-beta"), false},
		{"4.1.1", day, versions("of tomorrow"), false},
		{"4.1.1", day, []TargetResult{{}}, false},
	} {
		if over := (KnownFailure{Until: c.until}).over(c.now, c.targets); over != c.over {
			t.Errorf("until %q, on %v, of %v: over is %v", c.until, c.now, c.targets, over)
		}
	}
}
