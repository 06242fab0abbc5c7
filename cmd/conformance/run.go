package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// runFlags are the flags of `conformance run`.
type runFlags struct {
	targets   []string
	headers   []string
	insecure  bool
	authority string

	profile, edition string
	strict           bool
	only, skip       []string

	parallel int
	timeout  pflagDuration
	seed     int64

	output, junit, html, json string
	format                    string
	verbose, quiet            bool
}

func (r *runFlags) flags() *flags {
	f := newFlags("run", "[run] [flags]")
	g := f.group("What is tested")
	g.StringArrayVarP(&r.targets, "target", "t", nil, "`URL` of a server under test: http, https, ws or wss; a path other than / is the Engine.IO path, else /socket.io/. Repeat it for further instances of one cluster. Without any: two embedded reference instances")
	g.StringArrayVarP(&r.headers, "header", "H", nil, "`'NAME: VALUE'` sent with every request; never shown where its name says that it is secret")
	g.BoolVar(&r.insecure, "insecure", false, "do not verify the target's TLS certificate")
	g.StringVar(&r.authority, "ca", "", "`FILE` of certificate authorities to trust, in PEM form")
	g = f.group("Which cases")
	g.StringVar(&r.profile, "profile", "", "`NAME`: wire, protocol, 4.1.0 or cluster (default: the largest that the target supports)")
	g.StringVar(&r.edition, "edition", "", "`VERSION` of Socket.IO whose rules apply, 4.1 to 4.8 (default: the one that the target declares, or 4.8)")
	g.BoolVar(&r.strict, "strict", false, "broken recommended rules gate, too")
	g.StringArrayVar(&r.only, "only", nil, "run only the cases whose ID matches the `GLOB`; repeatable")
	g.StringArrayVar(&r.skip, "skip", nil, "leave out the cases whose ID matches the `GLOB`; repeatable")
	g = f.group("How they run")
	g.IntVarP(&r.parallel, "parallel", "p", suite.DefaultParallel, "cases under way at once, `N` ≥ 1")
	g.Var(&r.timeout, "timeout", "`DURATION` of the whole run, such as 90s; what is not judged by then is unverified (default: none)")
	g.Int64Var(&r.seed, "seed", 0, "`N` of the cases' random order (default: another one each time)")
	g = f.group("Reports")
	g.StringVarP(&r.output, "output", "o", "conformance-report", "`DIR` for junit.xml, report.html and results.json")
	g.StringVar(&r.junit, "junit", "", "`FILE` for the JUnit report instead")
	g.StringVar(&r.html, "html", "", "`FILE` for the HTML report instead")
	g.StringVar(&r.json, "json", "", "`FILE` for the results as JSON instead")
	g.StringVar(&r.format, "format", "", "`NAME` of the console's format: plain, or github for annotations and a job summary (default: github in GitHub Actions)")
	g.BoolVarP(&r.verbose, "verbose", "v", false, "more on the console: every case as it lands")
	g.BoolVarP(&r.quiet, "quiet", "q", false, "less on the console: the verdict alone")
	f.after = `Examples:
  conformance -t http://localhost:3000 --only 'errors/*'
  conformance -t https://a.example -t https://b.example --strict -o report

Exit codes: 0 conformant, 1 not conformant, 2 wrong usage, 3 target unreachable,
4 error in the suite, 5 incomplete, 130 interrupted.`
	return f
}

// config checks what only this command can check.
func (r *runFlags) config() (suite.Config, error) {
	c := suite.Config{
		Profile: suite.Profile(r.profile), Strict: r.strict, Only: r.only, Skip: r.skip,
		Seed: r.seed, Parallel: r.parallel, Timeout: r.timeout.Duration, Build: build(),
		Command: r.command(r.only),
		Rerun:   func(id string) string { return r.command([]string{id}) },
	}
	if r.parallel < 1 {
		return c, usage("--parallel must be at least 1, not %d", r.parallel)
	}
	if r.profile != "" && !known(suite.Profiles, c.Profile) {
		return c, usage("--profile: %q is none of wire, protocol, 4.1.0 and cluster", r.profile)
	}
	if r.edition != "" {
		edition, ok := suite.ParseEdition(r.edition)
		if !ok {
			return c, usage("--edition: %q is none of 4.1 to 4.8", r.edition)
		}
		c.Edition = edition
	}
	if !known([]string{"", "plain", "github"}, r.format) {
		return c, usage("--format: %q is none of plain and github", r.format)
	}
	if r.verbose && r.quiet {
		return c, usage("--verbose and --quiet exclude each other: give one")
	}
	if _, err := suite.Select(r.only, r.skip); err != nil {
		return c, err
	}
	if len(r.targets) == 1 && c.Profile == suite.ProfileCluster {
		return c, usage("the profile cluster needs two targets: give --target once for each instance")
	}
	if len(r.targets) == 0 && (len(r.headers) > 0 || r.insecure || r.authority != "") {
		return c, usage("--header, --insecure and --ca need a target: give one with --target")
	}
	var err error
	c.Targets, err = targets(r.targets, r.headers, r.insecure, r.authority)
	return c, err
}

func known[V comparable](all []V, v V) bool {
	for _, one := range all {
		if one == v {
			return true
		}
	}
	return false
}

func usage(format string, args ...any) error {
	return &suite.UsageError{Message: fmt.Sprintf(format, args...)}
}

// command is the command line that repeats this run with that selection; secrets are left to the reader.
func (r *runFlags) command(only []string) string {
	words := []string{"conformance"}
	add := func(flag, value string) { words = append(words, flag, quote(value)) }
	for _, target := range r.targets {
		add("-t", withoutCredentials(target))
	}
	for _, header := range r.headers {
		add("-H", hideSecret(header))
	}
	if r.insecure {
		words = append(words, "--insecure")
	}
	if r.authority != "" {
		add("--ca", r.authority)
	}
	if r.profile != "" {
		add("--profile", r.profile)
	}
	if r.edition != "" {
		add("--edition", r.edition)
	}
	if r.strict {
		words = append(words, "--strict")
	}
	for _, pattern := range only {
		add("--only", pattern)
	}
	if len(only) == len(r.only) { // of the whole run, not of one case
		for _, pattern := range r.skip {
			add("--skip", pattern)
		}
	}
	return strings.Join(words, " ")
}

// quote makes a word safe for a POSIX shell.
func quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func runCommand(ctx context.Context, args []string, out, errOut io.Writer) (int, error) {
	var r runFlags
	if err := r.flags().parse(args, out); err != nil {
		return 0, err
	}
	config, err := r.config()
	if err != nil {
		return 0, err
	}
	files, err := r.files()
	if err != nil {
		return 0, err
	}
	if len(config.Targets) == 0 {
		stop, err := embed(ctx, &config)
		if err != nil {
			return 0, err
		}
		defer stop()
	}
	return report(ctx, config, files, &r, out)
}

// file is one report to be written.
type file struct {
	path  string
	write func(io.Writer, *suite.Results) error
}

// files makes the folders of the reports, so that a mistake in a path is found before the run.
func (r *runFlags) files() ([]file, error) {
	all := []file{}
	single := r.junit != "" || r.html != "" || r.json != ""
	for _, f := range []struct {
		path, name string
		write      func(io.Writer, *suite.Results) error
	}{{r.html, "report.html", reporter.HTML}, {r.junit, "junit.xml", reporter.JUnit}, {r.json, "results.json", reporter.JSON}} {
		if f.path == "" {
			if single {
				continue
			}
			f.path = filepath.Join(r.output, f.name)
		}
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return nil, usage("cannot write the reports: %v", err)
		}
		all = append(all, file{f.path, f.write})
	}
	return all, nil
}
