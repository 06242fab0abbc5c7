package main

import (
	"slices"
	"testing"

	"example.test/conformance/cases"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// official returns the cases of the rules that the 57 tests of the two official suites touch.
func official() (ids []string) {
	rules := map[string]cases.Statement{}
	for _, r := range cases.Rules() {
		rules[r.ID] = r
	}
	for _, r := range rules {
		if len(r.Official) == 0 {
			continue
		}
		for r.FoldedInto != "" {
			r = rules[r.FoldedInto]
		}
		ids = append(ids, r.Cases...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// BenchmarkRun measures runs against the embedded cluster: of the whole catalogue, and of the cases for which the official
// suites have tests. Besides the time it reports the number of judged cases, the longest of them, the processor time and the
// peak memory. The peak is that of the process, so the smaller run comes first.
func BenchmarkRun(b *testing.B) {
	b.Run("official", func(b *testing.B) { benchmark(b, official()) })
	b.Run("whole", func(b *testing.B) { benchmark(b, nil) })
}

func benchmark(b *testing.B, only []string) {
	var count, longest float64
	before := processTime(b)
	for b.Loop() {
		config, stop, err := cluster(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		config.Only = only
		results, err := runner.RunDirectly(b.Context(), config)
		stop()
		if err != nil || results.Verdict != suite.Conformant {
			b.Fatal(err, results.Summary)
		}
		count, longest = 0, 0
		for _, c := range results.Cases {
			if c.Attempts > 0 {
				count++
			}
			longest = max(longest, c.DurationMs)
		}
	}
	b.ReportMetric(count, "cases")
	b.ReportMetric(longest, "ms-longest-case")
	b.ReportMetric(float64((processTime(b)-before).Milliseconds())/float64(b.N), "ms-CPU/op")
	b.ReportMetric(float64(peakMemory(b))/(1<<20), "MB-peak")
}
