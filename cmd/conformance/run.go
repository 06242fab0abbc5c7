package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
)

// runFlags are the flags of `conformance run`.
type runFlags struct {
	targets   []string
	headers   []string
	insecure  bool
	authority string

	stop, start string

	profile, edition string
	strict           bool
	only, skip       []string

	knownFailures string
	shard         string

	browserFlags

	parallel, repeat int
	failFast         bool
	timeout          pflagDuration
	seed             int64

	reportFlags
}

func (r *runFlags) flags() *flags {
	f := newFlags("run", "[run] [flags]")
	g := f.group("What is tested")
	g.StringArrayVarP(&r.targets, "target", "t", nil, "`URL` of a server under test: http, https, ws or wss; a path other than / is the Engine.IO path, else /socket.io/. Repeat it for further instances of one cluster. Without any: two embedded reference instances")
	g.StringArrayVarP(&r.headers, "header", "H", nil, "`'NAME: VALUE'` sent with every request; never shown where its name says that it is secret")
	g.BoolVar(&r.insecure, "insecure", false, "do not verify the target's TLS certificate")
	g.StringVar(&r.authority, "ca", "", "`FILE` of certificate authorities to trust, in PEM form")
	g.StringVar(&r.stop, "stop-cmd", "", "`COMMAND` of the shell that stops an instance, its number from 1 in place of {}; with it the cases of instances that leave and join a cluster run")
	g.StringVar(&r.start, "start-cmd", "", "`COMMAND` of the shell that starts it again at the same address; where it stays, it is ended with the run")
	g = f.group("Which cases")
	g.StringVar(&r.profile, "profile", "", "`NAME`: wire, protocol, 4.1.0 or cluster (default: the largest that the target supports), or browser: the client in Chromium, and nothing else")
	g.StringVar(&r.edition, "edition", "", "`VERSION` of Socket.IO whose rules apply, 4.1 to 4.8 (default: the one that the target declares, or 4.8)")
	g.BoolVar(&r.strict, "strict", false, "broken recommended rules gate, too")
	g.StringArrayVar(&r.only, "only", nil, "run only the cases whose ID matches the `GLOB`; repeatable")
	g.StringArrayVar(&r.skip, "skip", nil, "leave out the cases whose ID matches the `GLOB`; repeatable")
	g.StringVar(&r.knownFailures, "known-failures", "", "`FILE` of failures that are known, in YAML: a list of {case, reason, until}. They must fail, and do not gate; one that passes gates")
	g.StringVar(&r.shard, "shard", "", "`N/OF`: only part N of OF parts that machines share; `conformance merge` makes one verdict of them")
	g = f.group("The client in a browser, with --profile browser")
	r.browserFlags.add(g)
	g = f.group("How they run")
	g.IntVarP(&r.parallel, "parallel", "p", suite.DefaultParallel, "cases under way at once, `N` ≥ 1; with --fail-fast fewer unless given")
	g.IntVar(&r.repeat, "repeat", 1, "run the cases `N` ≥ 1 times and report how often each failed; the worst outcome counts")
	g.BoolVar(&r.failFast, "fail-fast", false, "end the run with the first case that gates; the rest is unverified")
	g.Var(&r.timeout, "timeout", "`DURATION` of the whole run, such as 90s; what is not judged by then is unverified (default: none)")
	g.Int64Var(&r.seed, "seed", 0, "`N` of the cases' random order (default: another one each time)")
	r.reportFlags.add(f)
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
		Seed: r.seed, Parallel: r.parallel, Repeat: r.repeat, FailFast: r.failFast, Timeout: r.timeout.Duration, Build: build(),
		Command: r.command(r.only, true),
		Rerun:   func(id string) string { return r.command([]string{id}, false) },
	}
	if r.parallel < 1 {
		return c, usage("--parallel must be at least 1, not %d", r.parallel)
	}
	if r.profile != "" && c.Profile != suite.ProfileBrowser && !known(suite.Profiles, c.Profile) {
		return c, usage("--profile: %q is none of wire, protocol, 4.1.0, cluster and browser", r.profile)
	}
	if r.client != "" && c.Profile != suite.ProfileBrowser {
		return c, usage("--client is of the profile browser: give --profile browser, too")
	}
	if r.edition != "" {
		edition, ok := suite.ParseEdition(r.edition)
		if !ok {
			return c, usage("--edition: %q is none of 4.1 to 4.8", r.edition)
		}
		c.Edition = edition
	}
	if r.repeat < 1 {
		return c, usage("--repeat must be at least 1, not %d", r.repeat)
	}
	if r.shard != "" {
		shard, ok := suite.ParseShard(r.shard)
		if !ok {
			return c, usage("--shard: %q is no part such as 2/5", r.shard)
		}
		c.Shard = shard
	}
	if err := r.check(); err != nil {
		return c, err
	}
	list, err := knownFailures(r.knownFailures)
	if err != nil {
		return c, err
	}
	c.KnownFailures = list
	if _, err := suite.Select(r.only, r.skip); err != nil {
		return c, err
	}
	if len(r.targets) == 1 && c.Profile == suite.ProfileCluster {
		return c, usage("the profile cluster needs two targets: give --target once for each instance")
	}
	if (r.stop == "") != (r.start == "") {
		return c, usage("--stop-cmd and --start-cmd belong together: give both")
	}
	if r.stop != "" && len(r.targets) < 2 {
		return c, usage("--stop-cmd and --start-cmd need two targets: give --target once for each instance")
	}
	if len(r.targets) == 0 && (len(r.headers) > 0 || r.insecure || r.authority != "") {
		return c, usage("--header, --insecure and --ca need a target: give one with --target")
	}
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
func (r *runFlags) command(only []string, whole bool) string {
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
	if r.stop != "" {
		add("--stop-cmd", r.stop)
		add("--start-cmd", r.start)
	}
	if r.profile != "" {
		add("--profile", r.profile)
	}
	if c := r.client; c != "" {
		add("--client", withoutCredentials(c))
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
	if whole {
		if r.knownFailures != "" {
			add("--known-failures", r.knownFailures)
		}
		if r.shard != "" {
			add("--shard", r.shard)
		}
		if r.repeat > 1 {
			add("--repeat", fmt.Sprint(r.repeat))
		}
		if r.failFast {
			words = append(words, "--fail-fast")
		}
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
	console := r.console(out)
	defer console.Done()
	if config.Profile == suite.ProfileBrowser {
		console.Waits("getting the browser ready")
		if config.Client, err = r.bundle(ctx); err != nil {
			return 0, err
		}
		if config.Browser, err = r.browser(); err != nil {
			return 0, err
		}
		if config.Browser != nil {
			defer config.Browser.Close()
		}
	}
	if len(config.Targets) == 0 {
		options := application.Options{Instances: 2}
		if config.Client != nil { // the reference has none of its own
			options.Client, config.Client = config.Client.Script, nil
		}
		embedded, stop, err := embed(ctx, func() application.Options { return options })
		if err != nil {
			return 0, err
		}
		defer stop()
		config.Targets, config.Embedded, config.Beside = embedded.Targets, true, embedded.Beside
	}
	if r.stop != "" {
		instances := &commands{stop: r.stop, start: r.start, targets: config.Targets}
		defer instances.close()
		config.Lifecycle = instances
	}
	config.Watcher = console
	console.Waits("finding out what the targets can do")
	results, err := suite.Run(ctx, config)
	if err != nil {
		return 0, err
	}
	return r.conclude(results, files, console, out)
}
