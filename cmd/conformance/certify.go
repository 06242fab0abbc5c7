package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.test/conformance/reporter/attest"
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// exitRefused is the exit code of certify and verify if the results, or the certificate, do not hold.
const exitRefused = 1

func certifyCommand(_ context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("certify", "certify --key FILE [flags] RESULTS.json")
	f.operands = true
	g := f.group("Flags")
	key := g.String("key", "", "`FILE` of the private key that signs, in PEM form: ed25519, or ECDSA on P-256 or P-384")
	output := g.StringP("output", "o", "", "`FILE` for the certificate, or - for the standard output (default: next to the results, as results.intoto.json)")
	reduced := g.Bool("reduced", false, "certify a run that used --without or --transports to leave out what the target does not offer; the certificate says so")
	subject := g.String("subject", "", "`NAME@sha256:DIGEST` of what was tested, an image or an archive, stated along with the results")
	f.after = `Signs a statement that others can verify: an in-toto attestation of test results
over the SHA-256 of the results file, in a DSSE envelope. Only a whole run that
found the target conformant can be certified, without --only, --skip, a shard or
known failures, without a case that was unstable, and by a suite whose source is
known: a release, a tagged module, or a build of a commit without changes.

Examples:
  openssl genpkey -algorithm ed25519 -out key.pem
  openssl pkey -in key.pem -pubout -out key.pub
  conformance certify --key key.pem conformance-report/results.json
  conformance verify --public-key key.pub conformance-report/results.intoto.json

Exit codes: 0 certified, 1 cannot be certified, 2 wrong usage.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usage("certify takes one results file, as `conformance certify --key key.pem conformance-report/results.json`")
	}
	if *key == "" {
		return 0, usage("certify needs the key that signs: give it with --key")
	}
	path := inFolder(f.Arg(0))
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, usage("%v", err)
	}
	text, err := os.ReadFile(*key)
	if err != nil {
		return 0, usage("--key: %v", err)
	}
	signer, err := attest.SigningKey(text)
	if err != nil {
		return 0, usage("--key: %s: %v", *key, err)
	}
	var artefact *attest.Resource
	if *subject != "" {
		if artefact, err = attest.ParseArtefact(*subject); err != nil {
			return 0, usage("--subject: %v", err)
		}
	}
	if *output == "" {
		*output = strings.TrimSuffix(path, ".json") + ".intoto.json"
	}
	if same(*output, path) || same(*output, *key) {
		return 0, usage("--output: %s holds what is certified, or the key: name another file", *output)
	}
	envelope, said, err := attest.Certify(filepath.Base(path), content, auditor(), signer, *reduced, artefact)
	if err != nil {
		return refused(errOut, path+" cannot be certified", err)
	}
	err = writeOutput(*output, out, func(w io.Writer) error {
		_, err := w.Write(envelope)
		return err
	})
	if err == nil && *output != standardOutput {
		_, err = fmt.Fprintf(out, "certified: %s\nCertificate: %s\n", said, *output)
	}
	return 0, err
}

// refused says in one line why a certificate was not made or does not hold.
func refused(errOut io.Writer, what string, why error) (int, error) {
	_, err := fmt.Fprintf(errOut, "conformance: %s: %s\n", wording.VisibleLine(what), wording.VisibleLine(why.Error()))
	return exitRefused, err
}

// same reports whether two paths name the same file.
func same(a, b string) bool {
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	return errOne == nil && errOther == nil && os.SameFile(one, other)
}

// auditor returns an auditor for this suite.
func auditor() *attest.Auditor {
	return &attest.Auditor{
		Build: build(), Catalogue: suite.CatalogueDigest(), RequirementSets: suite.RequirementNames(), RequirementDigest: suite.RequirementDigest,
		Owed: runner.Planned, LeftOut: func(name string) string { return suite.LeavesOut([]string{name}, name) },
	}
}
