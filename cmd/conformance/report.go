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
	if r.format == "github" || r.format == "" && os.Getenv("GITHUB_ACTIONS") == "true" {
		if err := annotate(out, results); err != nil {
			return 0, err
		}
	}
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

// annotate tells GitHub Actions of a run: annotations in the log, a summary of the job where it asks for one.
func annotate(log io.Writer, results *suite.Results) error {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return reporter.GitHub(log, nil, results)
	}
	summary, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("cannot write the job summary: %w", err)
	}
	defer summary.Close()
	return reporter.GitHub(log, summary, results)
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
