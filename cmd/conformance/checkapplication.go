package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"example.test/conformance/suite"
	"example.test/conformance/suite/contract"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// signs says how a part's state is printed: the outcome whose color it gets, and its sign.
var signs = map[result.PartState]struct {
	tone suite.Outcome
	sign string
}{
	result.PartThere: {suite.Passed, "✓"}, result.PartMissing: {suite.Failed, "✗"}, result.PartUnknown: {suite.Failed, "?"},
	result.PartUndeclared: {suite.Inapplicable, "-"}, result.PartSkipped: {suite.Inapplicable, "-"},
}

func checkApplicationCommand(ctx context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("check-application", "check-application [flags] URL…")
	f.operands = true
	g := f.group("Flags")
	headers := g.StringArrayP("header", "H", nil, "`'NAME: VALUE'` sent with every request")
	auth := g.String("auth", "", "`JSON` object that is sent with every CONNECT, for servers that require it; never shown")
	insecure := g.Bool("insecure", false, "do not verify the server's TLS certificate")
	authority := g.String("ca", "", "`FILE` of certificate authorities to trust, in PEM form")
	limit := pflagDuration{contract.Limit}
	g.Var(&limit, "timeout", "`DURATION` of the check, such as 10s for a server that is far away")
	asJSON := g.Bool("json", false, "print JSON for machines")
	f.after = `Examines the conformance application of a server, part by part: whether it
implements what fixtures/CONTRACT.md asks for. Two URLs are two instances of
one cluster, whose messages to each other are examined, too. It judges the
application, not the server: run the suite for that.

Examples:
  conformance check-application http://localhost:3000
  conformance check-application http://localhost:3000 http://localhost:3001

Exit codes: 0 complete, 1 something is missing, 2 wrong usage, 3 no
Engine.IO server answers.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, usage("check-application takes the URL of each instance, as `conformance check-application http://localhost:3000`")
	}
	all, err := targets(f.Args(), *headers, *insecure, *authority)
	if err != nil {
		return 0, err
	}
	if *auth != "" {
		secrets, err := authSecrets(*auth)
		if err != nil {
			return 0, err
		}
		for _, target := range all {
			for _, secret := range secrets {
				target.Hide(secret)
			}
		}
	}
	for i, target := range all {
		target.Index = i
	}
	report := contract.Check(ctx, all, contract.Options{Auth: *auth, Limit: limit.Duration})
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(report); err != nil {
			return 0, err
		}
	} else {
		showParts(out, all, report)
	}
	missing := len(report.Missing())
	code, verdict := 0, "The application has everything that it declares."
	switch {
	case context.Cause(ctx) == suite.ErrInterrupted:
		code, verdict = suite.Interrupted.ExitCode(), "The check was interrupted."
	case !report.Reached:
		code, verdict = suite.Unreachable.ExitCode(), "No Engine.IO server answers there."
	case missing == 1:
		code, verdict = 1, "One part of the application is missing or does not work."
	case missing > 1:
		code, verdict = 1, fmt.Sprintf("%d parts of the application are missing or do not work.", missing)
	}
	if !*asJSON {
		fmt.Fprintln(out, "\n"+verdict)
	}
	return code, nil
}

// showParts prints a line for each part of each target, and a line of advice if it is missing.
func showParts(out io.Writer, all []*wire.Target, report *contract.Report) {
	console := (&reportFlags{}).console(out)
	for i, target := range all {
		if i > 0 {
			fmt.Fprintln(out)
		}
		console.Tell("", "", target.URL())
		for _, p := range report.Parts {
			if p.Target != i+1 {
				continue
			}
			s := signs[p.State]
			console.Tell(s.tone, fmt.Sprintf("%s %s: ", s.sign, p.Name), p.Says)
			if p.Advice != "" {
				console.Tell("", "    → ", p.Advice)
			}
		}
	}
	console.Done()
}

// lacking examines the applications of a run's targets and returns what they lack.
func lacking(ctx context.Context, targets []*wire.Target, auth string) []result.Part {
	return contract.Check(ctx, targets, contract.Options{Auth: auth}).Missing()
}
