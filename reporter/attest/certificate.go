package attest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Certify makes a signed statement about a results file: an in-toto statement with the predicate of test results, in a DSSE
// envelope of one line. It refuses results that [Auditor.Certifiable] refuses. Name is the name of the file, without folders.
// Own is this suite. Said is what is certified, in one line. A reduced run needs reduced. Artefact, which may be nil, is what
// was tested.
func Certify(name string, content []byte, own *Auditor, key dsse.Signer, reduced bool, artefact *Resource) (envelope []byte, said string, err error) {
	results, err := certifiable(content, own, reduced)
	if err != nil {
		return nil, "", err
	}
	if by := results.Suite; by.Version != own.Build.Version || by.Commit != own.Build.Commit {
		return nil, "", fmt.Errorf("the run is of suite %s of commit %s, and this one is %s of commit %s: certify with the suite that ran", by.Version, by.Commit, own.Build.Version, own.Build.Commit)
	}
	statement := newStatement(name, content, results, own)
	if artefact != nil {
		statement.Subject = append(statement.Subject, *artefact)
	}
	payload, err := json.Marshal(statement)
	if err != nil {
		return nil, "", err
	}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return nil, "", err
	}
	signed, err := signer.SignPayload(context.Background(), PayloadType, payload) // the key is local: the call does not wait
	if err != nil {
		return nil, "", fmt.Errorf("cannot sign: %w", err)
	}
	line, err := json.Marshal(signed)
	if err != nil {
		return nil, "", err
	}
	return append(line, '\n'), certified(results) + tested(statement), nil
}

// tested names what was tested, if the statement has it.
func tested(s Statement) string {
	if len(s.Subject) < 2 {
		return ""
	}
	artefact := s.Subject[1]
	for algorithm, digest := range artefact.Digest {
		return wording.VisibleLine(fmt.Sprintf("; tested was %s@%s:%s", artefact.Name, algorithm, digest))
	}
	return ""
}

var artefactForm = regexp.MustCompile(`^(.+)@(?:(sha256):([0-9a-f]{64})|(sha384):([0-9a-f]{96})|(sha512):([0-9a-f]{128})|(gitCommit):([0-9a-f]{40}|[0-9a-f]{64}))$`)

// ParseArtefact parses what was tested: NAME@ALGORITHM:DIGEST, with a digest of the algorithm's length.
func ParseArtefact(text string) (*Resource, error) {
	parts := artefactForm.FindStringSubmatch(text)
	if parts == nil {
		return nil, fmt.Errorf("%q is not of the form NAME@sha256:DIGEST, the digest in hexadecimal", text)
	}
	found := slices.DeleteFunc(parts[1:], func(part string) bool { return part == "" })
	return &Resource{Name: found[0], Digest: map[string]string{found[1]: found[2]}}, nil
}

// certifiable reads a results file that can stand for conformance.
func certifiable(content []byte, own *Auditor, reduced bool) (*result.Results, error) {
	results, err := result.Read(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	strict := json.NewDecoder(bytes.NewReader(content))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&result.Results{}); err != nil {
		return nil, fmt.Errorf("the results hold what no run writes: %w", err)
	}
	return results, own.Certifiable(results, reduced)
}

// Certificate is a statement whose signature was verified.
type Certificate struct {
	Statement Statement
	KeyID     string // as in-toto computes it
}

// OpenCertificate reads an envelope that [Certify] made, and verifies that the key signed it.
func OpenCertificate(envelope []byte, key dsse.Verifier) (*Certificate, error) {
	var e dsse.Envelope
	decoder := json.NewDecoder(bytes.NewReader(envelope))
	if err := decoder.Decode(&e); err != nil {
		return nil, fmt.Errorf("it is not a DSSE envelope: %w", err)
	}
	if decoder.Decode(&struct{}{}) != io.EOF {
		return nil, errors.New("something follows the envelope")
	}
	switch {
	case e.PayloadType != PayloadType:
		return nil, fmt.Errorf("its payload type is %q, and must be %q", e.PayloadType, PayloadType)
	case len(e.Signatures) == 0:
		return nil, errors.New("it is not signed")
	}
	verifier, err := dsse.NewEnvelopeVerifier(key)
	if err != nil {
		return nil, err
	}
	accepted, payload, err := verifier.VerifyAndDecode(context.Background(), &e) // as in Certify
	if err != nil {
		return nil, fmt.Errorf("its signature is not one that this key made over this statement: %w", err)
	}
	c := &Certificate{KeyID: accepted[0].KeyID}
	if err := json.Unmarshal(payload, &c.Statement); err != nil {
		return nil, fmt.Errorf("its payload is not a statement: %w", err)
	}
	s := c.Statement
	switch {
	case s.Type != StatementType:
		return nil, fmt.Errorf("its payload is of the type %q, and must be of %q", s.Type, StatementType)
	case s.PredicateType != TestResultType:
		return nil, fmt.Errorf("its predicate is of the type %q, and must be of %q", s.PredicateType, TestResultType)
	case len(s.Subject) == 0 || len(s.Subject) > 2:
		return nil, fmt.Errorf("it is about %s, and must be about one results file, and what was tested", wording.Count(len(s.Subject), "subject"))
	case s.Subject[0].Name == "" || path.Base(s.Subject[0].Name) != s.Subject[0].Name || strings.ContainsAny(s.Subject[0].Name, "\\\x00") || s.Subject[0].Name == "..":
		return nil, fmt.Errorf("it is about %q, which is not a file name", s.Subject[0].Name)
	}
	return c, nil
}

// ResultsFile returns the name of the results file that the certificate is about, without folders.
func (c *Certificate) ResultsFile() string { return c.Statement.Subject[0].Name }

// Verify checks the results file that the certificate is about: its digest, that [Auditor.Certifiable] accepts it, and that the
// certificate states what it holds. Said is what is certified, in one line. A run that began longer ago than maxAge is refused,
// unless maxAge is zero.
func (c *Certificate) Verify(content []byte, own *Auditor, maxAge time.Duration) (said string, err error) {
	subject := c.Statement.Subject[0]
	if subject.Digest["sha256"] != checksum(content)["sha256"] {
		return "", fmt.Errorf("the results are not those that it is about: their SHA-256 is %.12s…, and it states %.12s…", checksum(content)["sha256"], subject.Digest["sha256"])
	}
	results, err := certifiable(content, own, c.Statement.reduced())
	if err != nil {
		return "", err
	}
	if age := time.Since(results.StartedAt); maxAge > 0 && age > maxAge {
		return "", fmt.Errorf("the run began %s ago, on %s, and may be %s old at the most", age.Round(time.Minute), results.StartedAt.UTC().Format(time.DateOnly), maxAge)
	}
	if difference := c.Statement.difference(newStatement(subject.Name, content, results, own)); difference != "" {
		return "", errors.New(difference)
	}
	return certified(results) + tested(c.Statement), nil
}
