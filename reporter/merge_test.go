package reporter_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

// split distributes the cases of a run over parts.
func split(r *result.Results, n int) []*result.Results {
	var parts []*result.Results
	for i := range n {
		part := *r
		part.Cases = nil
		for j, c := range r.Cases {
			if j%n == i {
				part.Cases = append(part.Cases, c)
			}
		}
		part.Causes = nil // of the whole run
		part.Count()
		part.Judge()
		parts = append(parts, &part)
	}
	return parts
}

func merged(t *testing.T, parts []*result.Results, expected []result.CaseResult) *result.Results {
	t.Helper()
	r, err := reporter.Merge(parts, parts[0].Suite, expected)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMergeOfAllPartsIsTheWholeRun(t *testing.T) {
	t.Parallel()
	for _, want := range []*result.Results{sample.Run(100), sample.Green(100, nil)} {
		got := merged(t, split(want, 5), want.Cases)
		byID := map[string]result.CaseResult{}
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
	t.Parallel()
	whole := sample.Green(60, nil)
	for name, change := range map[string]func([]*result.Results) []*result.Results{
		"a part is missing": func(p []*result.Results) []*result.Results { return p[:2] },
		"suite version":     func(p []*result.Results) []*result.Results { p[1].Suite.Version = "9"; return p },
		"commit":            func(p []*result.Results) []*result.Results { p[1].Suite.Commit = "9"; return p },
		"catalogue":         func(p []*result.Results) []*result.Results { p[1].Suite.Catalogue = "9"; return p },
		"edition":           func(p []*result.Results) []*result.Results { p[1].Edition = "4.1"; return p },
		"profile":           func(p []*result.Results) []*result.Results { p[1].Profile = result.ProfileWire; return p },
		"target": func(p []*result.Results) []*result.Results {
			p[1].Targets = []result.TargetResult{{URL: "http://elsewhere/"}}
			return p
		},
		"implementation": func(p []*result.Results) []*result.Results {
			other := sample.Run(1).Targets
			other[0].Info.Implementation.Version = "4.1.0"
			p[2].Targets = other
			return p
		},
		"a shard is missing": func(p []*result.Results) []*result.Results {
			p[0].Shard, p[1].Shard, p[2].Shard = "1/4", "2/4", "4/4"
			return p
		},
		"selection":   func(p []*result.Results) []*result.Results { p[1].Only = []string{"errors"}; return p },
		"interrupted": func(p []*result.Results) []*result.Results { p[1].Verdict = result.Interrupted; return p },
		"unreachable": func(p []*result.Results) []*result.Results {
			p[0].Cases, p[0].Verdict = nil, result.Unreachable
			return p
		},
	} {
		got := merged(t, change(split(whole, 3)), whole.Cases)
		if got.Verdict != result.Incomplete || got.ExitCode != 5 {
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
	if _, err := reporter.Merge(nil, result.SuiteBuild{}, whole.Cases); err == nil {
		t.Error("no parts are merged")
	}
}

func TestMergeKeepsTheWorseOfTwo(t *testing.T) {
	t.Parallel()
	a, b := sample.Green(10, nil), sample.Green(10, map[int]result.Outcome{3: result.Failed})
	for _, parts := range [][]*result.Results{{a, b}, {b, a}} {
		if got := merged(t, parts, a.Cases); got.Verdict != result.NotConformant || got.Counts.Total(result.Failed) != 1 || len(got.Cases) != 10 {
			t.Errorf("the run is %s", got.Summary)
		}
	}
	a.Command = "conformance --target http://localhost/ --shard 2/5 --strict"
	if got := merged(t, []*result.Results{a}, nil).Command; strings.Contains(got, "shard") || !strings.HasSuffix(got, "/ --strict") {
		t.Errorf("the command is %s", got)
	}
}
