package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/doctor"
)

// tones of findings, and the signs before their words.
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
	insecure := g.Bool("insecure", false, "do not verify the server's TLS certificate")
	authority := g.String("ca", "", "`FILE` of certificate authorities to trust, in PEM form")
	limit := pflagDuration{time.Minute}
	g.Var(&limit, "timeout", "`DURATION` of the examination, such as 20s")
	asJSON := g.Bool("json", false, "print JSON for machines")
	f.after = `Looks at a Socket.IO server as a client would that cannot connect: what answers
there, which transports and protocols, proxies, the upgrade, sticky sessions,
the heartbeat, other origins. It needs no application on the server. Each
finding that is not fine comes with advice.

Examples:
  conformance doctor https://chat.example
  conformance doctor -H 'Authorization: Bearer …' http://localhost:3000/my-path/

Exit codes: 0 nothing keeps clients from connecting, 1 something does, 2 wrong
usage, 3 no Engine.IO server answers.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usage("doctor takes the URL of a server, as `conformance doctor http://localhost:3000`")
	}
	all, err := targets(f.Args(), *headers, *insecure, *authority)
	if err != nil {
		return 0, err
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
	}
	if *asJSON {
		tell, console = nil, progress(errOut)
	}
	console.Waits("looking at " + all[0].URL())
	d := doctor.Examine(ctx, all[0], tell)
	console.Done()
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(d); err != nil {
			return 0, err
		}
	}
	problems := d.Problems()
	code, verdict := 0, "Nothing keeps clients from connecting."
	switch {
	case context.Cause(ctx) == suite.ErrInterrupted:
		code, verdict = suite.Interrupted.ExitCode(), "The examination was interrupted."
	case !d.Reached:
		code, verdict = suite.Unreachable.ExitCode(), "No Engine.IO server answers there."
	case problems == 1:
		code, verdict = 1, "One problem keeps clients from connecting, or from staying."
	case problems > 1:
		code, verdict = 1, fmt.Sprintf("%d problems keep clients from connecting, or from staying.", problems)
	case ctx.Err() != nil:
		code, verdict = suite.Incomplete.ExitCode(), "The time was up before all was looked at: give more with --timeout."
	}
	if !*asJSON {
		fmt.Fprintln(out, "\n"+verdict)
	}
	return code, nil
}
