package reporter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"example.test/conformance/suite"
)

// Certify makes a signed statement about a results file: an in-toto statement with the predicate of test
// results, in a DSSE envelope of one line. It refuses results that [suite.Results.Audit] refuses. Name
// is the file's, without folders; own is the build of this suite. Said is what is certified, in one line.
func Certify(name string, content []byte, own suite.SuiteBuild, key dsse.Signer) (envelope []byte, said string, err error) {
	results, err := audited(content, own)
	if err != nil {
		return nil, "", err
	}
	if by := results.Suite; by.Version != own.Version || by.Commit != own.Commit {
		return nil, "", fmt.Errorf("the run is of suite %s of commit %s, and this one is %s of commit %s: certify with the suite that ran", by.Version, by.Commit, own.Version, own.Commit)
	}
	payload, err := json.Marshal(newStatement(name, content, results))
	if err != nil {
		return nil, "", err
	}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return nil, "", err
	}
	signed, err := signer.SignPayload(context.Background(), PayloadType, payload)
	if err != nil {
		return nil, "", fmt.Errorf("cannot sign: %w", err)
	}
	line, err := json.Marshal(signed)
	if err != nil {
		return nil, "", err
	}
	return append(line, '\n'), certified(results), nil
}

// audited reads a results file that can stand for conformance.
func audited(content []byte, own suite.SuiteBuild) (*suite.Results, error) {
	results, err := ReadJSON(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	strict := json.NewDecoder(bytes.NewReader(content))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&suite.Results{}); err != nil {
		return nil, fmt.Errorf("the results hold what no run writes: %w", err)
	}
	return results, results.Audit(own)
}

// Certificate is a statement whose signature holds.
type Certificate struct {
	Statement Statement
	KeyID     string // as in-toto computes it
}

// OpenCertificate reads an envelope that [Certify] made, and verifies that the key signed it.
func OpenCertificate(envelope []byte, key dsse.Verifier) (*Certificate, error) {
	var e dsse.Envelope
	decoder := json.NewDecoder(bytes.NewReader(envelope))
	if err := decoder.Decode(&e); err != nil {
		return nil, fmt.Errorf("it is no DSSE envelope: %w", err)
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
	accepted, payload, err := verifier.VerifyAndDecode(context.Background(), &e)
	if err != nil {
		return nil, fmt.Errorf("its signature is not one that this key made over this statement: %w", err)
	}
	c := &Certificate{KeyID: accepted[0].KeyID}
	if err := json.Unmarshal(payload, &c.Statement); err != nil {
		return nil, fmt.Errorf("its payload is no statement: %w", err)
	}
	s := c.Statement
	switch {
	case s.Type != StatementType:
		return nil, fmt.Errorf("its payload is of the type %q, and must be of %q", s.Type, StatementType)
	case s.PredicateType != TestResultType:
		return nil, fmt.Errorf("its predicate is of the type %q, and must be of %q", s.PredicateType, TestResultType)
	case len(s.Subject) != 1:
		return nil, fmt.Errorf("it is about %s, and must be about one results file", count(len(s.Subject), "subject"))
	case s.Subject[0].Name == "" || path.Base(s.Subject[0].Name) != s.Subject[0].Name || strings.ContainsAny(s.Subject[0].Name, "\\\x00") || s.Subject[0].Name == "..":
		return nil, fmt.Errorf("it is about %q, which is no name of a file", s.Subject[0].Name)
	}
	return c, nil
}

// ResultsFile is the name of the results file that the certificate is about, without folders.
func (c *Certificate) ResultsFile() string { return c.Statement.Subject[0].Name }

// Verify checks the results file that the certificate is about: its digest, that it can stand for
// conformance by [suite.Results.Audit], and that the certificate states what it holds. Said is what is
// certified, in one line.
func (c *Certificate) Verify(content []byte, own suite.SuiteBuild) (said string, err error) {
	subject := c.Statement.Subject[0]
	if subject.Digest["sha256"] != checksum(content)["sha256"] {
		return "", fmt.Errorf("the results are not those that it is about: their SHA-256 is %.12s…, and it states %.12s…", checksum(content)["sha256"], subject.Digest["sha256"])
	}
	results, err := audited(content, own)
	if err != nil {
		return "", err
	}
	if difference := c.Statement.difference(newStatement(subject.Name, content, results)); difference != "" {
		return "", errors.New(difference)
	}
	return certified(results), nil
}
