package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// runFlags are the flags of `conformance run`.
type runFlags struct {
	targets   []string
	headers   []string
	insecure  bool
	authority string

	stop, start string
	broker      string

	profile, edition string
	strict           bool
	requirements     string
	only, skip       []string
	without          []string
	transports       string
	auth             string

	knownFailures string
	shard         string

	browserFlags

	parallel, repeat int
	maxRate          int
	maxSessions      int
	failFast         bool
	timeout          pflagDuration
	seed             int64
	settings         string

	reportFlags
}

func (r *runFlags) flags() *flags {
	f := newFlags("run", "[run] [flags]")
	g := f.group("What is tested")
	g.StringArrayVarP(&r.targets, "target", "t", nil, "`URL` of a server under test: http, https, ws or wss; a path other than / is the Engine.IO path (default: /socket.io/). Repeat it for further instances of one cluster. Without any: two embedded reference instances")
	g.StringArrayVarP(&r.headers, "header", "H", nil, "`'NAME: VALUE'` sent with every request; never shown if its name suggests that it is secret")
	g.StringVar(&r.auth, "auth", "", "`JSON` object that is sent with every CONNECT, except in cases about that data, for servers that require it; never shown")
	g.BoolVar(&r.insecure, "insecure", false, "do not verify the target's TLS certificate")
	g.StringVar(&r.authority, "ca", "", "`FILE` of certificate authorities to trust, in PEM form")
	g.StringVar(&r.stop, "stop-cmd", "", "shell `COMMAND` that stops an instance, whose number, from 1, replaces {}; with it and --start-cmd the cases about instances that leave and join a cluster run")
	g.StringVar(&r.start, "start-cmd", "", "shell `COMMAND` that starts an instance again at the same address, also one that went away in the middle of the run; if the command keeps running, it ends with the run")
	g.StringVar(&r.broker, "broker", "", "`URL` of the Redis server that joins the instances through the Redis adapter, redis://host:port/database: the suite listens there, without counting as an instance, and checks that the traffic agrees with what the applications report")
	g = f.group("Which cases")
	g.StringVar(&r.profile, "profile", "", "`NAME`: wire, protocol, 4.1.0 or cluster (default: the largest that the target supports), or browser: the client in Chromium, and nothing else")
	g.StringVar(&r.edition, "edition", "", "`VERSION` of Socket.IO whose rules apply, 4.1 to 4.8 (default: the one that the target declares, or 4.8)")
	g.BoolVar(&r.strict, "strict", false, "broken recommended rules gate, too")
	g.StringVar(&r.requirements, "requirements", suite.NewestRequirements(), "`NAME` of the set whose cases gate: the version of a release, or latest. Newer cases run and are shown, but do not gate")
	g.StringArrayVar(&r.only, "only", nil, "run only the cases whose ID matches the `GLOB`; repeatable")
	g.StringArrayVar(&r.skip, "skip", nil, "leave out the cases whose ID matches the `GLOB`; repeatable")
	g.StringArrayVar(&r.without, "without", nil, "leave out by `NAME` what the target does not offer: a feature of the contract, cors or upgrade; repeatable. Verdict and certificate say so")
	g.StringVar(&r.transports, "transports", "", "`NAME`: polling or websocket, the only transport that the target offers (default: both)")
	g.StringVar(&r.knownFailures, "known-failures", "", "`FILE` of failures that are known, in YAML: a list of {case, reason, until, intermittent}. They must fail, and do not gate; one that passes gates, unless it is intermittent")
	g.StringVar(&r.shard, "shard", "", "`N/OF`: only part N of OF parts that machines share; `conformance merge` combines them into one verdict")
	g = f.group("The client in a browser, with --profile browser")
	r.browserFlags.add(g)
	g = f.group("How they run")
	g.IntVarP(&r.parallel, "parallel", "p", runner.DefaultParallel, "cases running at once, `N` ≥ 1; fewer with --fail-fast unless given")
	g.IntVar(&r.maxRate, "max-rate", 0, "at most `N` new connections per second, for targets that limit requests; fewer cases then run at once. 0 for no limit: refusals because of load, and their Retry-After, then slow the run down")
	g.IntVar(&r.maxSessions, "max-sessions", 0, "at most `N` sessions open at once, besides one control session for each target; cases that need more use fewer or are unverified. 0 for no limit")
	g.IntVar(&r.repeat, "repeat", 1, "run the cases `N` ≥ 1 times and report how often each failed; the worst outcome counts")
	g.BoolVar(&r.failFast, "fail-fast", false, "end the run at the first case that gates; the rest is unverified")
	g.Var(&r.timeout, "timeout", "`DURATION` of the whole run, such as 90s; what is not judged by then is unverified (default: none)")
	g.Int64Var(&r.seed, "seed", 0, "`N` seeds the random order of the cases and the words that they send (default: a new one each time; the reports show it)")
	g.StringVar(&r.settings, "config", defaultConfig, "`FILE` of settings in YAML, with the long names of these flags as keys; it need not exist unless it is named, and '' reads none. The command line overrides it. If the command line names targets, the file's targets and their settings are ignored")
	r.reportFlags.add(f)
	f.after = `Examples:
  conformance -t http://localhost:3000 --only 'errors/*'
  conformance -t https://a.example -t https://b.example --strict -o report

Exit codes: 0 conformant, 1 not conformant, 2 wrong usage, 3 target unreachable,
4 error in the suite, 5 incomplete, 130 interrupted.`
	return f
}

// config checks what only this command can check.
func (r *runFlags) config() (runner.Config, error) {
	c := runner.Config{
		Profile: suite.Profile(r.profile), Strict: r.strict, Requirements: r.requirements, Only: r.only, Skip: r.skip,
		Seed: r.seed, Parallel: r.parallel, Repeat: r.repeat, MaxRate: r.maxRate, MaxSessions: r.maxSessions, FailFast: r.failFast, Timeout: r.timeout.Duration, Build: build(),
		Command: r.command(r.only, true),
		Rerun:   func(id string) string { return r.command([]string{id}, false) },
	}
	if r.parallel < 1 {
		return c, usage("--parallel must be at least 1, not %d", r.parallel)
	}
	if r.profile != "" && c.Profile != suite.ProfileBrowser && !slices.Contains(suite.Profiles, c.Profile) {
		return c, usage("--profile: %q is none of wire, protocol, 4.1.0, cluster and browser", r.profile)
	}
	if r.client != "" && c.Profile != suite.ProfileBrowser {
		return c, usage("--client belongs to the profile browser: give --profile browser, too")
	}
	if r.edition != "" {
		edition, ok := suite.ParseEdition(r.edition)
		if !ok {
			return c, usage("--edition: %q is none of 4.1 to 4.8", r.edition)
		}
		c.Edition = edition
	}
	if !slices.Contains(suite.RequirementNames(), r.requirements) {
		return c, usage("--requirements: %q is none of %s", r.requirements, strings.Join(suite.RequirementNames(), ", "))
	}
	switch r.transports {
	case "", "polling,websocket", "websocket,polling":
	case suite.PollingTransport:
		c.Without = append(c.Without, suite.WebSocketTransport)
	case suite.WebSocketTransport:
		c.Without = append(c.Without, suite.PollingTransport)
	default:
		return c, usage("--transports: %q is neither polling nor websocket", r.transports)
	}
	for _, name := range r.without {
		if !slices.Contains(suite.Removable(), name) {
			return c, usage("--without: %q is none of %s%s", name, strings.Join(suite.Removable(), ", "), runner.Meant(name, suite.Removable()))
		}
		c.Without = append(c.Without, name)
	}
	if r.maxRate < 0 {
		return c, usage("--max-rate must be at least 0, not %d", r.maxRate)
	}
	if r.maxSessions < 0 {
		return c, usage("--max-sessions must be at least 0, not %d", r.maxSessions)
	}
	if r.repeat < 1 {
		return c, usage("--repeat must be at least 1, not %d", r.repeat)
	}
	if r.shard != "" {
		shard, ok := result.ParseShard(r.shard)
		if !ok {
			return c, usage("--shard: %q is not a part such as 2/5", r.shard)
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
	if _, err := runner.Select(r.only, r.skip); err != nil {
		return c, err
	}
	if len(r.targets) == 1 && c.Profile == suite.ProfileCluster {
		return c, usage("the profile cluster needs two targets: give --target once for each instance")
	}
	if r.stop != "" && r.start == "" {
		return c, usage("--stop-cmd and --start-cmd belong together: give both")
	}
	if r.start != "" && len(r.targets) == 0 {
		return c, usage("--start-cmd needs a target: give one with --target")
	}
	if r.broker != "" && len(r.targets) < 2 {
		return c, usage("--broker needs two targets: give --target once for each instance")
	}
	if len(r.targets) == 0 && (len(r.headers) > 0 || r.insecure || r.authority != "" || r.auth != "") {
		return c, usage("--header, --auth, --insecure and --ca need a target: give one with --target")
	}
	if c.Targets, err = targets(r.targets, r.headers, r.insecure, r.authority); err != nil {
		return c, err
	}
	if proxy := unusedProxy(); proxy != "" && len(c.Targets) > 0 {
		c.Notices = append(c.Notices, proxy)
	}
	if r.auth == "" {
		return c, nil
	}
	secrets, err := authSecrets(r.auth)
	if err != nil {
		return c, err
	}
	c.Auth = r.auth
	for _, target := range c.Targets {
		for _, secret := range secrets {
			target.Hide(secret)
		}
	}
	return c, nil
}

// shortestSecret is the least length of a text in --auth that is hidden wherever it appears: a shorter one appears by
// chance.
const shortestSecret = 4

// authSecrets reads the JSON object of --auth, and returns the parts that must not be shown.
func authSecrets(text string) (secrets []string, err error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, usage(`--auth takes a JSON object, such as '{"token":"…"}'`)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if quoted, _ := json.Marshal(v); len(v) >= shortestSecret {
				secrets = append(secrets, v, strings.Trim(string(quoted), `"`))
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(object)
	return append(secrets, text), nil
}

func usage(format string, args ...any) error {
	return &runner.UsageError{Message: fmt.Sprintf(format, args...)}
}

// command returns the command line that repeats this run with that selection. The reader has to fill in secrets.
func (r *runFlags) command(only []string, whole bool) string {
	words := []string{"conformance"}
	add := func(flag, value string) { words = append(words, flag, quote(value)) }
	for _, target := range r.targets {
		add("-t", wire.WithoutSecretQuery(withoutCredentials(target)))
	}
	for _, header := range r.headers {
		add("-H", hideSecret(header))
	}
	if r.auth != "" {
		add("--auth", "…")
	}
	if r.insecure {
		words = append(words, "--insecure")
	}
	if r.authority != "" {
		add("--ca", r.authority)
	}
	if r.stop != "" {
		add("--stop-cmd", r.stop)
	}
	if r.start != "" {
		add("--start-cmd", r.start)
	}
	if r.broker != "" {
		add("--broker", withoutPassword(r.broker))
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
	if r.requirements != suite.NewestRequirements() {
		add("--requirements", r.requirements)
	}
	for _, name := range r.without {
		add("--without", name)
	}
	if r.transports != "" {
		add("--transports", r.transports)
	}
	if r.maxRate > 0 {
		add("--max-rate", fmt.Sprint(r.maxRate))
	}
	if r.maxSessions > 0 {
		add("--max-sessions", fmt.Sprint(r.maxSessions))
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
	f := r.flags()
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	from, err := f.configure(r.settings)
	if err != nil {
		return 0, err
	}
	config, err := r.config()
	if err != nil {
		return 0, err
	}
	if from != "" {
		config.Notices = append(config.Notices, "Settings were read from "+from+".")
	}
	files, err := r.files()
	if err != nil {
		return 0, err
	}
	shown, out := r.streams(out, errOut)
	console := r.console(shown)
	defer console.Done()
	if config.Profile == suite.ProfileBrowser {
		console.Waits("getting the browser ready")
		if config.Client, err = r.bundle(ctx); err != nil {
			return 0, err
		}
		browser, err := r.browser()
		if err != nil {
			return 0, err
		}
		if browser != nil {
			config.Browser = browser
			defer browser.Close()
		}
	}
	if len(config.Targets) == 0 {
		options := application.Options{Instances: 2}
		if config.Client != nil { // the reference has no bundle of its own
			options.Client, config.Client = config.Client.Script, nil
		}
		if embedded.Busy() {
			options = embedded.Patient(options)
			config.Notices = append(config.Notices, embedded.PatientNotice)
		}
		// Not under ctx: after an interrupt during the start, the run still writes its reports.
		reference, stop, err := embedded.Start(context.WithoutCancel(ctx), func() application.Options { return options })
		if err != nil {
			return 0, err
		}
		defer stop()
		config.Targets, config.Embedded, config.Second = reference.Targets, true, reference.Second
	}
	if r.start != "" {
		instances := &commands{stop: r.stop, start: r.start, targets: config.Targets}
		defer instances.close()
		config.Revive = instances.Revive
		if r.stop != "" {
			config.Lifecycle = instances
		}
	}
	if r.broker != "" {
		listening, err := listen(ctx, r.broker)
		if err != nil {
			return 0, err
		}
		defer listening.Close()
		config.Broker = listening
	}
	config.Watcher, config.CheckApplication = console, lacking
	config.Control, config.Mistakes = control(len(config.Targets)), mistakes
	console.Waits("finding out what the targets can do")
	results, err := runner.Run(ctx, config)
	if err != nil {
		return 0, err
	}
	return r.conclude(results, files, console, out)
}

// mistakes returns what servers get wrong about a rule: the faults that break it.
func mistakes(rule string) (all []string) {
	for _, one := range fault.Breaking(rule) {
		all = append(all, one.Sentence)
	}
	return all
}

// control starts the reference that a red case is compared with, with as many instances as there are targets, but at least
// two.
func control(targets int) func(context.Context) (runner.Config, func(), error) {
	return func(ctx context.Context) (runner.Config, func(), error) {
		options := embedded.Fitting(application.Options{Instances: max(2, targets)})
		return embedded.Start(ctx, func() application.Options { return options })
	}
}
