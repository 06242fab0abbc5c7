package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// report runs the suite and writes the reports, whatever happens.
func report(ctx context.Context, config suite.Config, files []file, r *runFlags, out io.Writer) (int, error) {
	console := r.console(out)
	config.Watcher = console
	results, err := suite.Run(ctx, config)
	if err != nil {
		return 0, err
	}
	var written []string
	for _, f := range files {
		if err := f.save(results); err != nil {
			return 0, fmt.Errorf("cannot write a report: %w", err)
		}
		written = append(written, f.path)
	}
	console.Finish(results, written)
	return results.ExitCode, nil
}

// console for the output and the verbosity asked for.
func (r *runFlags) console(out io.Writer) *reporter.Console {
	verbosity := 0
	switch {
	case r.quiet:
		verbosity = -1
	case r.verbose:
		verbosity = 1
	}
	if f, ok := out.(*os.File); ok {
		return reporter.NewConsole(f, verbosity)
	}
	return &reporter.Console{Out: out, Verbosity: verbosity}
}

// save writes one report.
func (f file) save(results *suite.Results) error {
	h, err := os.Create(f.path)
	if err != nil {
		return err
	}
	if err := f.write(h, results); err != nil {
		h.Close()
		return err
	}
	return h.Close()
}
