package reporter_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// split deals the cases of a run out to parts.
func split(r *suite.Results, n int) []*suite.Results {
	var parts []*suite.Results
	for i := range n {
		part := *r
		part.Cases = nil
		for j, c := range r.Cases {
			if j%n == i {
				part.Cases = append(part.Cases, c)
			}
		}
		part.Count()
		part.Judge()
		parts = append(parts, &part)
	}
	return parts
}

func merged(t *testing.T, parts []*suite.Results, expected []suite.CaseResult) *suite.Results {
	t.Helper()
	r, err := reporter.Merge(parts, parts[0].Suite, expected)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMergeOfAllPartsIsTheWholeRun(t *testing.T) {
	for _, want := range []*suite.Results{sample(100), green(100, nil)} {
		got := merged(t, split(want, 5), want.Cases)
		byID := map[string]suite.CaseResult{}
		for _, c := range want.Cases {
			byID[c.ID] = c
		}
		for _, c := range got.Cases {
			if difference := cmp.Diff(byID[c.ID], c); difference != "" {
				t.Error(difference)
			}
		}
		got.Cases = want.Cases // in the order of IDs, which the sample does not keep
		if difference := cmp.Diff(want, got); difference != "" {
			t.Error(difference)
		}
	}
}

func TestMergeIsIncomplete(t *testing.T) {
	whole := green(60, nil)
	for name, change := range map[string]func([]*suite.Results) []*suite.Results{
		"a part is missing": func(p []*suite.Results) []*suite.Results { return p[:2] },
		"suite version":     func(p []*suite.Results) []*suite.Results { p[1].Suite.Version = "9"; return p },
		"commit":            func(p []*suite.Results) []*suite.Results { p[1].Suite.Commit = "9"; return p },
		"catalogue":         func(p []*suite.Results) []*suite.Results { p[1].Suite.Catalogue = "9"; return p },
		"edition":           func(p []*suite.Results) []*suite.Results { p[1].Edition = "4.1"; return p },
		"profile":           func(p []*suite.Results) []*suite.Results { p[1].Profile = suite.ProfileWire; return p },
		"target": func(p []*suite.Results) []*suite.Results {
			p[1].Targets = []suite.TargetResult{{URL: "http://elsewhere/"}}
			return p
		},
		"implementation": func(p []*suite.Results) []*suite.Results {
			other := sample(1).Targets
			other[0].Info.Implementation.Version = "4.1.0"
			p[2].Targets = other
			return p
		},
		"a shard is missing": func(p []*suite.Results) []*suite.Results {
			p[0].Shard, p[1].Shard, p[2].Shard = "1/4", "2/4", "4/4"
			return p
		},
		"selection":   func(p []*suite.Results) []*suite.Results { p[1].Only = []string{"errors"}; return p },
		"interrupted": func(p []*suite.Results) []*suite.Results { p[1].Verdict = suite.Interrupted; return p },
		"unreachable": func(p []*suite.Results) []*suite.Results {
			p[0].Cases, p[0].Verdict = nil, suite.Unreachable
			return p
		},
	} {
		got := merged(t, change(split(whole, 3)), whole.Cases)
		if got.Verdict != suite.Incomplete || got.ExitCode != 5 {
			t.Errorf("%s: the run is %s with exit code %d: %s", name, got.Verdict, got.ExitCode, got.Summary)
		}
		if len(got.Cases) != len(whole.Cases) {
			t.Errorf("%s: the run has %d cases", name, len(got.Cases))
		}
		var b bytes.Buffer
		if err := reporter.JSON(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, compiled(t, reporter.ResultsSchema), b.Bytes()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := reporter.Merge(nil, suite.SuiteBuild{}, whole.Cases); err == nil {
		t.Error("no parts are merged")
	}
}

func TestMergeKeepsTheWorseOfTwo(t *testing.T) {
	a, b := green(10, nil), green(10, map[int]suite.Outcome{3: suite.Failed})
	for _, parts := range [][]*suite.Results{{a, b}, {b, a}} {
		if got := merged(t, parts, a.Cases); got.Verdict != suite.NotConformant || got.Counts.Total(suite.Failed) != 1 || len(got.Cases) != 10 {
			t.Errorf("the run is %s", got.Summary)
		}
	}
	a.Command = "conformance --target http://localhost/ --shard 2/5 --strict"
	if got := merged(t, []*suite.Results{a}, nil).Command; strings.Contains(got, "shard") || !strings.HasSuffix(got, "/ --strict") {
		t.Errorf("the command is %s", got)
	}
}
