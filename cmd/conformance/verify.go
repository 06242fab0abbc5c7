package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.test/conformance/reporter/attest"
)

func verifyCommand(_ context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("verify", "verify --public-key FILE [flags] CERTIFICATE")
	f.operands = true
	g := f.group("Flags")
	key := g.String("public-key", "", "`FILE` of the vendor's public key, in PEM form")
	results := g.String("results", "", "`FILE` of the results that are certified (default: next to the certificate, by the name that it states)")
	var maxAge pflagDuration
	g.Var(&maxAge, "max-age", "`DURATION`, such as 2160h: how long ago the run may have begun (default: any time)")
	f.after = `Checks a certificate that 'conformance certify' wrote, without a network: its
signature, the SHA-256 of the results, that they hold every case of this suite's
catalogue, and that verdict, counts and statement are those that the cases make.
Says in one line what is certified.

Example:
  conformance verify --public-key key.pub conformance-report/results.intoto.json

Exit codes: 0 verified, 1 not verified, 2 wrong usage.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usage("verify takes one certificate, as `conformance verify --public-key key.pub results.intoto.json`")
	}
	if *key == "" {
		return 0, usage("verify needs the vendor's public key: give it with --public-key")
	}
	path := f.Arg(0)
	envelope, err := os.ReadFile(path)
	if err != nil {
		return 0, usage("%v", err)
	}
	text, err := os.ReadFile(*key)
	if err != nil {
		return 0, usage("--public-key: %v", err)
	}
	verifier, err := attest.VerifyingKey(text)
	if err != nil {
		return 0, usage("--public-key: %s: %v", *key, err)
	}
	const not = " is not verified"
	certificate, err := attest.OpenCertificate(envelope, verifier)
	if err != nil {
		return refused(errOut, path+not, err)
	}
	if *results == "" {
		*results = filepath.Join(filepath.Dir(path), certificate.ResultsFile())
	}
	content, err := os.ReadFile(*results)
	if err != nil {
		return 0, usage("%v: name the results that are certified with --results", err)
	}
	said, err := certificate.Verify(content, auditor(), maxAge.Duration)
	if err != nil {
		return refused(errOut, path+not, err)
	}
	_, err = fmt.Fprintf(out, "verified: %s\n", said)
	return 0, err
}
