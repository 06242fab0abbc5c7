package main

import (
	"context"
	"io"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

func mergeCommand(_ context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("merge", "merge [flags] DIR…")
	f.operands = true
	var r reportFlags
	r.add(f)
	f.after = `Combines the parts of a run that --shard made into one verdict and one set of
reports, from the results.json of each folder, or from results files. If a part
is missing, or has another suite version, edition or target, the whole is
incomplete.

Examples:
  conformance --shard 1/2 -t $URL -o part-1
  conformance --shard 2/2 -t $URL -o part-2
  conformance merge part-1 part-2 -o report`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if err := r.check(); err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, usage("merge takes the folders of the parts' reports, as `conformance merge part-1 part-2`")
	}
	var parts []*suite.Results
	for _, path := range f.Args() {
		results, err := readResults(path)
		if err != nil {
			return 0, err
		}
		parts = append(parts, results)
	}
	expected, err := runner.Expected(parts[0])
	if err != nil {
		return 0, usage("the parts have a different catalogue than this suite: %v", err)
	}
	whole, err := reporter.Merge(parts, build(), expected)
	if err != nil {
		return 0, usage("%v", err)
	}
	files, err := r.files()
	if err != nil {
		return 0, err
	}
	shown, out := r.streams(out, errOut)
	return r.conclude(whole, files, r.console(shown), out)
}
