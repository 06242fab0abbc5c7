package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/html"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

func compareCommand(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	f := newFlags("compare", "compare [flags] RESULTS RESULTS …")
	f.operands = true
	g := f.group("Flags")
	format := g.String("format", "markdown", "`NAME` of the format: markdown, html or json")
	output := g.StringP("output", "o", "", "`FILE` to write to, or - (default: the standard output)")
	f.after = `Makes the matrix of cases by runs, from results files or folders of reports.
With two runs of one implementation it says what got better and worse, the older
run first.

Examples:
  conformance compare before/results.json after/results.json
  conformance compare --format html -o matrix.html a.json b.json c.json

Exit codes: 0 no regression, 1 a regression, 2 wrong usage.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() < 2 {
		return 0, usage("compare takes two results files or more, as `conformance compare before.json after.json`")
	}
	formats := map[string]func(io.Writer, *compare.Comparison) error{
		"markdown": reporter.ComparisonMarkdown, "html": html.Comparison, "json": reporter.ComparisonJSON,
	}
	write := formats[*format]
	if write == nil {
		return 0, usage("--format: %q is none of markdown, html and json", *format)
	}
	var all []compare.Run
	for _, path := range f.Args() {
		results, err := readResults(path)
		if err != nil {
			return 0, err
		}
		if same(*output, inFolder(path)) {
			return 0, usage("--output: %s holds what is compared: name another file", *output)
		}
		all = append(all, compare.Run{From: strings.TrimSuffix(path, "/results.json"), Results: results})
	}
	comparison, err := compare.Runs(all)
	if err != nil {
		return 0, usage("%v", err)
	}
	err = writeOutput(*output, out, func(w io.Writer) error { return write(w, comparison) })
	if err != nil {
		return 0, err
	}
	if *output != "" && *output != standardOutput {
		fmt.Fprintln(out, comparison.Verdict())
	}
	if comparison.Regression {
		return 1, nil
	}
	return 0, nil
}

// readResults reads a results file, or the one in a folder of reports. An error is the user's mistake.
func readResults(path string) (*suite.Results, error) {
	path = inFolder(path)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("%v: name a results.json that a run wrote, or its folder", err)
	}
	results, err := result.Read(bytes.NewReader(content))
	if err != nil {
		return nil, usage("%s: %v: name a results.json that a run wrote", path, err)
	}
	return results, nil
}

// inFolder returns the results file of a folder of reports, or the path itself.
func inFolder(path string) string {
	if at, err := os.Stat(path); err == nil && at.IsDir() {
		return filepath.Join(path, "results.json")
	}
	return path
}
