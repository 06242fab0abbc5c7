package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/html"
	"example.test/conformance/suite"
)

// reportFlags say which reports are written and what the console shows.
type reportFlags struct {
	output, junit, html, json string
	format, color             string
	junitTraces               bool
	verbose, quiet            bool
}

func (r *reportFlags) add(f *flags) {
	g := f.group("Reports")
	g.StringVarP(&r.output, "output", "o", "conformance-report", "`DIR` for junit.xml, report.html and results.json; - for results.json alone, on the standard output")
	g.StringVar(&r.junit, "junit", "", "`FILE` for the JUnit report instead, or -")
	g.BoolVar(&r.junitTraces, "junit-traces", false, "include the traces of passed cases in the JUnit report")
	g.StringVar(&r.html, "html", "", "`FILE` for the HTML report instead, or -")
	g.StringVar(&r.json, "json", "", "`FILE` for the results as JSON instead, or -")
	g.StringVar(&r.format, "format", "", "`NAME` of the console's format: plain, or github for annotations and a job summary (default: github in GitHub Actions)")
	g.StringVar(&r.color, "color", "auto", "`WHEN` the console has colours: auto (on a terminal, unless NO_COLOR is set), always or never")
	g.BoolVarP(&r.verbose, "verbose", "v", false, "more on the console: every case as it ends")
	g.BoolVarP(&r.quiet, "quiet", "q", false, "less on the console: only the verdict")
}

func (r *reportFlags) check() error {
	if !slices.Contains([]string{"", "plain", "github"}, r.format) {
		return usage("--format: %q is neither plain nor github", r.format)
	}
	if !slices.Contains([]string{"auto", "always", "never"}, r.color) {
		return usage("--color: %q is none of auto, always and never", r.color)
	}
	if r.printed() > 1 {
		return usage("the standard output takes one report: give - to one of --output, --junit, --html and --json")
	}
	if r.verbose && r.quiet {
		return usage("--verbose and --quiet exclude each other: give one")
	}
	return nil
}

// printed returns how many reports go to the standard output.
func (r *reportFlags) printed() (n int) {
	for _, path := range []string{r.output, r.junit, r.html, r.json} {
		if path == standardOutput {
			n++
		}
	}
	return n
}

// streams returns where the console and the reports on the standard output go: a report there has it to itself.
func (r *reportFlags) streams(out, errOut io.Writer) (console, reports io.Writer) {
	if r.printed() > 0 {
		return errOut, out
	}
	return out, out
}

// file is a report to write.
type file struct {
	path  string
	write func(io.Writer, *suite.Results) error
}

// files creates the folders of the reports, so that a mistake in a path is found before the run.
func (r *reportFlags) files() ([]file, error) {
	all := []file{}
	junit := reporter.JUnit
	if r.junitTraces {
		junit = reporter.JUnitWithTraces
	}
	if r.output == standardOutput {
		all = append(all, file{standardOutput, reporter.JSON})
	}
	single := r.junit != "" || r.html != "" || r.json != "" || r.output == standardOutput
	for _, f := range []struct {
		path, name string
		write      func(io.Writer, *suite.Results) error
	}{{r.json, "results.json", reporter.JSON}, {r.junit, "junit.xml", junit}, {r.html, "report.html", html.Report}} {
		if f.path == "" {
			if single {
				continue
			}
			f.path = filepath.Join(r.output, f.name)
		}
		if f.path == standardOutput {
			all = append(all, file{f.path, f.write})
			continue
		}
		if err := writable(f.path); err != nil {
			return nil, usage("cannot write the reports: %v: name another place with --output", err)
		}
		all = append(all, file{f.path, f.write})
	}
	return all, nil
}

// writable creates the folder of a file and checks whether the file can be written. It leaves no file behind.
func writable(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	_, missing := os.Lstat(path)
	h, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	if errors.Is(missing, fs.ErrNotExist) {
		defer os.Remove(path)
	}
	return h.Close()
}

// save writes one report, to out if it goes to the standard output. It leaves no incomplete file behind.
func (f file) save(results *suite.Results, out io.Writer) error {
	if f.path == standardOutput {
		return f.write(out, results)
	}
	h, err := os.Create(f.path)
	if err != nil {
		return err
	}
	err = f.write(h, results)
	if closing := h.Close(); err == nil {
		err = closing
	}
	if at, statErr := os.Stat(f.path); err != nil && statErr == nil && at.Mode().IsRegular() {
		_ = os.Remove(f.path)
	}
	return err
}

// console returns a console for the output with the requested verbosity.
func (r *reportFlags) console(out io.Writer) *reporter.Console {
	verbosity := 0
	switch {
	case r.quiet:
		verbosity = -1
	case r.verbose:
		verbosity = 1
	}
	c := &reporter.Console{Out: out, Verbosity: verbosity}
	if f, ok := out.(*os.File); ok {
		c = reporter.NewConsole(f, verbosity)
	}
	switch r.color {
	case "always":
		c.Color = true
	case "never":
		c.Color = false
	}
	return c
}

// progress returns a console that only shows what the command waits for, and only on a terminal.
func progress(out io.Writer) *reporter.Console {
	c := (&reportFlags{}).console(out)
	if !c.Terminal {
		c.Verbosity = -1
	}
	return c
}

// conclude writes the reports, those for the standard output to out, and says how the run ended.
func (r *reportFlags) conclude(results *suite.Results, files []file, console *reporter.Console, out io.Writer) (int, error) {
	var written, left []string
	var why error
	for _, f := range files { // write each one, and show the verdict, even if the disk is full
		if err := f.save(results, out); err != nil {
			left, why = append(left, f.path), err
			continue
		}
		if f.path == standardOutput {
			continue
		}
		written = append(written, f.path)
	}
	console.Finish(results, written)
	if r.format == "github" || r.format == "" && os.Getenv("GITHUB_ACTIONS") == "true" {
		if err := annotate(console.Out, results); err != nil {
			return 0, err
		}
	}
	if why != nil {
		return 0, fmt.Errorf("cannot write %s: %w", strings.Join(left, ", "), why)
	}
	return results.ExitCode, nil
}

// annotate reports a run to GitHub Actions: annotations in the log, and a job summary if it asks for one.
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
	if at, err := summary.Stat(); err == nil && at.Size() > 0 { // earlier output of the step may not end with a newline
		if _, err := io.WriteString(summary, "\n\n"); err != nil {
			return fmt.Errorf("cannot write the job summary: %w", err)
		}
	}
	return reporter.GitHub(log, summary, results)
}
