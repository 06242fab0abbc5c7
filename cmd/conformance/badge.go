package main

import (
	"context"
	"io"

	"example.test/conformance/reporter"
)

func badgeCommand(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	f := newFlags("badge", "badge [flags] RESULTS")
	f.operands = true
	g := f.group("Flags")
	format := g.String("format", "svg", "`NAME` of the format: svg, or json for an endpoint of shields.io")
	output := g.StringP("output", "o", "", "`FILE` to write to, or - (default: the standard output)")
	f.after = `Makes a badge of the verdict, from a results file or a folder of reports. A run
that was partial, left something out, or had an unstable case has a badge that
says so.

Examples:
  conformance badge -o badge.svg conformance-report
  conformance badge --format json conformance-report/results.json

Exit codes: 0 the badge was made, 2 wrong usage.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usage("badge takes one results file or folder of reports, as `conformance badge conformance-report`")
	}
	formats := map[string]func(reporter.Badge, io.Writer) error{"svg": reporter.Badge.SVG, "json": reporter.Badge.JSON}
	write := formats[*format]
	if write == nil {
		return 0, usage("--format: %q is neither svg nor json", *format)
	}
	results, err := readResults(f.Arg(0))
	if err != nil {
		return 0, err
	}
	if same(*output, inFolder(f.Arg(0))) {
		return 0, usage("--output: %s holds the results: name another file", *output)
	}
	badge := reporter.NewBadge(results)
	return 0, writeOutput(*output, out, func(w io.Writer) error { return write(badge, w) })
}
