package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

func compareCommand(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	f := newFlags("compare", "compare [flags] RESULTS.json RESULTS.json …")
	f.operands = true
	g := f.group("Flags")
	format := g.String("format", "markdown", "`NAME` of the format: markdown, html or json")
	output := g.StringP("output", "o", "", "`FILE` to write to (default: the standard output)")
	f.after = "Makes the matrix of cases by runs. With two runs of one implementation it says what got\nbetter and worse, the older run first, and exits 1 on a regression.\n\nExamples:\n  conformance compare before/results.json after/results.json\n  conformance compare --format html -o matrix.html a.json b.json c.json"
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() < 2 {
		return 0, usage("compare takes two results files or more, as `conformance compare before.json after.json`")
	}
	var all []*suite.Results
	for _, path := range f.Args() {
		results, err := readResults(path)
		if err != nil {
			return 0, err
		}
		all = append(all, results)
	}
	comparison, err := reporter.Compare(all)
	if err != nil {
		return 0, usage("%v", err)
	}
	formats := map[string]func(io.Writer) error{"markdown": comparison.Markdown, "html": comparison.HTML, "json": comparison.JSON}
	write := formats[*format]
	if write == nil {
		return 0, usage("--format: %q is none of markdown, html and json", *format)
	}
	if *output != "" {
		file, err := os.Create(*output)
		if err != nil {
			return 0, usage("--output: %v", err)
		}
		defer file.Close()
		if err := write(file); err != nil {
			return 0, err
		}
		fmt.Fprintln(out, comparison.Verdict())
	} else if err := write(out); err != nil {
		return 0, err
	}
	if comparison.Regression {
		return 1, nil
	}
	return 0, nil
}

// readResults reads a results file. That it is none is the user's mistake.
func readResults(path string) (*suite.Results, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usage("%v", err)
	}
	defer file.Close()
	results, err := reporter.ReadJSON(file)
	if err != nil {
		return nil, usage("%s: %v", path, err)
	}
	return results, nil
}
