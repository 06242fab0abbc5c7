package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite"
	"example.test/conformance/suite/doctor"
	"example.test/conformance/suite/wire"
)

// tones says how a finding is printed: the outcome whose color it gets, and its sign.
var tones = map[doctor.Grade]struct {
	tone suite.Outcome
	sign string
}{
	doctor.Fine: {suite.Passed, "✓"}, doctor.Note: {suite.Warned, "!"}, doctor.Problem: {suite.Failed, "✗"},
}

func doctorCommand(ctx context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("doctor", "doctor [flags] URL")
	f.operands = true
	g := f.group("Flags")
	headers := g.StringArrayP("header", "H", nil, "`'NAME: VALUE'` sent with every request")
	queries := g.StringArray("query", nil, "`NAME=VALUE` in the query of every request, as the client's option query sends it; the parameters of the URL are sent, too")
	auth := g.String("auth", "", "`JSON` object that the client sends when it joins its namespace; never shown")
	namespace := g.String("namespace", "/", "`NAME` of the namespace that the client joins")
	from := g.String("origin", "", "`ORIGIN` of a page in a browser that connects, too, such as https://example.org")
	insecure := g.Bool("insecure", false, "do not verify the server's TLS certificate")
	authority := g.String("ca", "", "`FILE` of certificate authorities to trust, in PEM form")
	limit := pflagDuration{time.Minute}
	g.Var(&limit, "timeout", "`DURATION` of the examination, such as 20s")
	asJSON := g.Bool("json", false, "print JSON for machines")
	f.after = `Answers one question about a Socket.IO server: does the official client, with
its default options, connect from here, and stay? The last line says so for the
client in Node and, with --origin, for one on a page of that origin. The lines
above it are findings: what answers there, transports and protocols, proxies,
the upgrade, sticky sessions, the heartbeat, bodies, other origins. Each finding
that is not fine comes with advice. It needs no application on the server.

Examples:
  conformance doctor https://chat.example
  conformance doctor --origin https://example.org https://chat.example
  conformance doctor --auth '{"token":"…"}' https://chat.example
  conformance doctor -H 'Authorization: Bearer …' http://localhost:3000/my-path/
  conformance doctor 'http://localhost:3000/?access_token=…'

Exit codes: 0 nothing keeps clients from connecting, 1 something does: the last
line says no, or a finding is a problem, 2 wrong usage, 3 no Engine.IO server
answers, 5 time ran out before that was known, 130 interrupted.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usage("doctor takes the URL of a server, as `conformance doctor http://localhost:3000`")
	}
	options, secrets, err := clientOptions(*auth, *namespace, *from)
	if err != nil {
		return 0, err
	}
	url, err := withParameters(f.Arg(0), *queries)
	if err != nil {
		return 0, err
	}
	all, err := targets([]string{url}, *headers, *insecure, *authority)
	if err != nil {
		return 0, err
	}
	for _, secret := range secrets {
		all[0].Hide(secret)
	}
	ctx, cancel := context.WithTimeout(ctx, limit.Duration)
	defer cancel()
	console := (&reportFlags{}).console(out)
	tell := func(f doctor.Finding) {
		t := tones[f.Grade]
		console.Tell(t.tone, fmt.Sprintf("%s %-7s %s: ", t.sign, f.Grade, f.Check), f.Says)
		if f.Advice != "" {
			console.Tell("", "          → ", f.Advice)
		}
		for _, proxy := range f.Proxies {
			for i, line := range proxy.Lines {
				head := strings.Repeat(" ", len("nginx:  "))
				if i == 0 {
					head = fmt.Sprintf("%-8s", proxy.Proxy+":")
				}
				console.Tell("", "            "+head+" ", line)
			}
		}
	}
	if *asJSON {
		tell, console = nil, progress(errOut)
	}
	options.Unused = unusedProxy()
	console.Waits("looking at " + all[0].URL())
	d := doctor.Examine(ctx, all[0], options, tell)
	console.Done()
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(d); err != nil {
			return 0, err
		}
	}
	code := 0
	switch {
	case context.Cause(ctx) == suite.ErrInterrupted:
		code = suite.Interrupted.ExitCode()
	case !d.Reached:
		code = suite.Unreachable.ExitCode()
	case d.Problems() > 0 || !d.Well() && !d.Unseen():
		code = 1
	case ctx.Err() != nil || d.Unseen():
		code = suite.Incomplete.ExitCode()
	}
	if *asJSON {
		return code, nil
	}
	fmt.Fprintln(out)
	switch {
	case context.Cause(ctx) == suite.ErrInterrupted:
		fmt.Fprintln(out, "The examination was interrupted.")
	case ctx.Err() != nil:
		fmt.Fprintln(out, "Time ran out before everything was examined: give more time with --timeout.")
	}
	fmt.Fprintln(out, wording.VisibleLine(d.Verdict()))
	return code, nil
}

// clientOptions reads what the official client is given, and returns the parts that must not be shown.
func clientOptions(auth, namespace, from string) (o doctor.Options, secrets []string, err error) {
	if auth != "" {
		if secrets, err = authSecrets(auth); err != nil {
			return o, nil, err
		}
		o.Auth = json.RawMessage(auth)
	}
	if !strings.HasPrefix(namespace, "/") {
		namespace = "/" + namespace // as the client does
	}
	if strings.ContainsAny(namespace, ",?") {
		return o, nil, usage("--namespace: %q is not the name of a namespace", namespace)
	}
	o.Namespace = namespace
	if from != "" {
		if o.Origin, err = doctor.ParseOrigin(from); err != nil {
			return o, nil, usage("--origin: %v", err)
		}
	}
	return o, secrets, nil
}

// withParameters adds parameters to the query of a URL, escaped as the client does.
func withParameters(url string, parameters []string) (string, error) {
	for _, one := range parameters {
		name, value, found := strings.Cut(one, "=")
		if !found || name == "" {
			return "", usage("--query: %q is not of the form NAME=VALUE", name)
		}
		separator := "?"
		if strings.Contains(url, "?") {
			separator = "&"
		}
		url += separator + wire.Escaped(name) + "=" + wire.Escaped(value)
	}
	return url, nil
}
