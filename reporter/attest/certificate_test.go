package attest_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"google.golang.org/protobuf/encoding/protojson"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/reporter/attest"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

var ownBuild = result.SuiteBuild{Version: "1.2.3", Commit: "0a1b2c3", Go: "go1.26.8", Sources: strings.Repeat("0d", 32)}

// certifiable returns the results file of a whole run against the reference, which breaks one recommended rule. A machine that
// stands still gets three attempts at a conformant run.
var certifiable = sync.OnceValues(func() (content []byte, err error) {
	for range 3 {
		var r *result.Results
		if r, err = certified(); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err = reporter.JSON(&b, slim(r)); err != nil || r.Verdict == result.Conformant && r.Counts.Total(result.Unstable) == 0 {
			return b.Bytes(), err
		}
		err = errors.New(r.Summary)
	}
	return nil, err
})

func certified() (*result.Results, error) {
	options := application.Options{Instances: 1}
	if one, found := fault.Find("handshake/extra-key"); found {
		one.Apply(&options)
	}
	server, err := application.Start(context.Background(), options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Close(context.Background()) }()
	target, err := wire.ParseTarget(server.URLs()[0])
	if err != nil {
		return nil, err
	}
	return runner.RunDirectly(context.Background(), runner.Config{Targets: []*wire.Target{target}, Profile: result.Profile410, Build: ownBuild})
}

func wholeRun(t *testing.T) []byte {
	t.Helper()
	content, err := certifiable()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func signingKey(t *testing.T) dsse.SignerVerifier {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := attest.SigningKey(encoded(t, "PRIVATE KEY", private))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// encoded returns a key in PEM.
func encoded(t *testing.T, form string, key any) []byte {
	t.Helper()
	var der []byte
	var err error
	switch form {
	case "EC PRIVATE KEY":
		der, err = x509.MarshalECPrivateKey(key.(*ecdsa.PrivateKey))
	case "PUBLIC KEY":
		der, err = x509.MarshalPKIXPublicKey(key)
	default:
		der, err = x509.MarshalPKCS8PrivateKey(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: form, Bytes: der})
}

func certificate(t *testing.T, content []byte, key dsse.Signer) (envelope []byte, said string) {
	t.Helper()
	envelope, said, err := attest.Certify("results.json", content, auditor(ownBuild), key, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return envelope, said
}

// TestCertificateIsAnAttestation reads a certificate by the bindings of in-toto.
func TestCertificateIsAnAttestation(t *testing.T) {
	t.Parallel()
	content := wholeRun(t)
	r, err := result.Read(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	line, said := certificate(t, content, signingKey(t))
	if bytes.Count(line, []byte("\n")) != 1 || !bytes.HasSuffix(line, []byte("\n")) {
		t.Errorf("the envelope is not one line: %q", line)
	}
	var envelope dsse.Envelope
	if err := json.Unmarshal(line, &envelope); err != nil {
		t.Fatal(err)
	}
	payload, err := envelope.DecodeB64Payload()
	if err != nil {
		t.Fatal(err)
	}
	var statement intoto.Statement
	if err := protojson.Unmarshal(payload, &statement); err != nil {
		t.Fatal(err)
	}
	if err := statement.Validate(); err != nil {
		t.Error(err)
	}
	predicate, err := protojson.Marshal(statement.GetPredicate())
	if err != nil {
		t.Fatal(err)
	}
	var read testresult.TestResult
	if err := protojson.Unmarshal(predicate, &read); err != nil {
		t.Fatal(err)
	}
	for _, c := range read.GetConfiguration() {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if len(c.GetDigest()) == 0 { // the specification also allows a URI or a content
			t.Errorf("the resource %s has no digest", c.GetName())
		}
	}
	if len(read.GetPassedTests()) != r.Counts.Total(result.Passed) || len(read.GetWarnedTests()) != r.Counts.Total(result.Warned) || len(read.GetFailedTests()) != 0 {
		t.Errorf("it names %d passed, %d warned, %d failed tests; the run has %v", len(read.GetPassedTests()), len(read.GetWarnedTests()), len(read.GetFailedTests()), r.Counts)
	}
	if read.GetResult() != "WARNED" || !slices.Contains(read.GetWarnedTests(), "handshake/open-packet-keys") {
		t.Errorf("the result is %q, warned are %q", read.GetResult(), read.GetWarnedTests())
	}
	run := read.GetConfiguration()[1].GetAnnotations().AsMap()
	if run["edition"] != "4.8" || run["profile"] != "4.1.0" || run["strict"] != false || !strings.HasPrefix(said, run["implementation"].(string)+" conforms to edition 4.8, profile 4.1.0, not strict") {
		t.Errorf("of the run it states %v, and it says %q", run, said)
	}
}

func TestCertificateVerifies(t *testing.T) {
	t.Parallel()
	content, key := wholeRun(t), signingKey(t)
	line, said := certificate(t, content, key)
	c, err := attest.OpenCertificate(line, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Verify(content, auditor(ownBuild), 0); err != nil || again != said {
		t.Errorf("it says %q, and verified %q, %v", said, again, err)
	}
	if c.ResultsFile() != "results.json" {
		t.Errorf("it is about %q", c.ResultsFile())
	}
	if _, err := c.Verify(bytes.ReplaceAll(content, []byte("\n"), nil), auditor(ownBuild), 0); err == nil || !strings.Contains(err.Error(), "not those that it is about") {
		t.Errorf("results that only look the same are refused with %v", err)
	}
	newer := result.SuiteBuild{Version: "1.3.0", Commit: "ffff"}
	if _, err := c.Verify(content, auditor(newer), 0); err != nil {
		t.Errorf("a newer suite with the same cases does not verify: %v", err)
	}
	if _, _, err := attest.Certify("results.json", content, auditor(newer), key, false, nil); err == nil || !strings.Contains(err.Error(), "certify with the suite that ran") {
		t.Errorf("a suite other than the one that ran certifies: %v", err)
	}
	if _, _, err := attest.Certify("results.json", bytes.ReplaceAll(content, []byte("\n"), nil), auditor(ownBuild), key, false, nil); err != nil {
		t.Errorf("other white space keeps results from being certified: %v", err)
	}
}

// TestOpenCertificateRefuses signs what is not a certificate with the right key.
func TestOpenCertificateRefuses(t *testing.T) {
	t.Parallel()
	key := signingKey(t)
	good := attest.Statement{
		Type: attest.StatementType, PredicateType: attest.TestResultType,
		Subject: []attest.Resource{{Name: "results.json", Digest: map[string]string{"sha256": strings.Repeat("0", 64)}}},
	}
	about := func(names ...string) (s attest.Statement) {
		s = good
		s.Subject = nil
		for _, name := range names {
			s.Subject = append(s.Subject, attest.Resource{Name: name, Digest: good.Subject[0].Digest})
		}
		return s
	}
	another, predicate := good, good
	another.Type = "https://in-toto.io/Statement/v2"
	predicate.PredicateType = "https://slsa.dev/provenance/v1"
	signed := func(payloadType string, payload any) []byte {
		signer, err := dsse.NewEnvelopeSigner(key)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		e, err := signer.SignPayload(t.Context(), payloadType, text)
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	if _, err := attest.OpenCertificate(signed(attest.PayloadType, good), key); err != nil {
		t.Fatal(err)
	}
	// One signature of several suffices, and the base64 may be URL-safe, as in DSSE.
	var several map[string]any
	if err := json.Unmarshal(signed(attest.PayloadType, good), &several); err != nil {
		t.Fatal(err)
	}
	several["signatures"] = append([]any{map[string]any{"sig": "AAAA"}}, several["signatures"].([]any)...)
	payload, err := base64.StdEncoding.DecodeString(several["payload"].(string))
	if err != nil {
		t.Fatal(err)
	}
	several["payload"] = base64.URLEncoding.EncodeToString(payload)
	line, err := json.Marshal(several)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attest.OpenCertificate(line, key); err != nil {
		t.Errorf("one of two signatures: %v", err)
	}
	for name, test := range map[string]struct {
		envelope []byte
		want     string
	}{
		"no JSON":              {[]byte("-----BEGIN"), "not a DSSE envelope"},
		"two envelopes":        {append(signed(attest.PayloadType, good), '{', '}'), "something follows"},
		"no payload type":      {[]byte(`{"payload":"","signatures":[{"sig":""}]}`), `payload type is ""`},
		"a payload type":       {signed("application/json", good), `payload type is "application/json"`},
		"no signature":         {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30="}`), "not signed"},
		"an empty signature":   {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":""}]}`), "not one that this key made"},
		"signatures of others": {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"AAAA"},{"sig":"AAAA"}]}`), "not one that this key made"},
		"no base64":            {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"%","signatures":[{"sig":""}]}`), "base64"},
		"no statement":         {signed(attest.PayloadType, []string{}), "not a statement"},
		"a statement type":     {signed(attest.PayloadType, another), "Statement/v2"},
		"a predicate type":     {signed(attest.PayloadType, predicate), "slsa.dev"},
		"nothing":              {signed(attest.PayloadType, about()), "about 0 subjects"},
		"three files":          {signed(attest.PayloadType, about("a.json", "b.json", "c.json")), "about 3 subjects"},
		"a file elsewhere":     {signed(attest.PayloadType, about("../a.json")), "not a file name"},
		"a folder":             {signed(attest.PayloadType, about("..")), "not a file name"},
		"no name":              {signed(attest.PayloadType, about("")), "not a file name"},
		"another key":          {signed(attest.PayloadType, good), "not one that this key made"},
	} {
		verifier := key
		if name == "another key" {
			verifier = signingKey(t)
		}
		if _, err := attest.OpenCertificate(test.envelope, verifier); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, not about %s", name, err, test.want)
		}
	}
}

// TestVerifyComparesStatementAndResults changes what a signed statement says about valid results.
func TestVerifyComparesStatementAndResults(t *testing.T) {
	t.Parallel()
	content, key := wholeRun(t), signingKey(t)
	line, _ := certificate(t, content, key)
	for want, change := range map[string]func(s *attest.Statement){
		"":                                      func(s *attest.Statement) { s.Predicate.Configuration[1].Annotations["further"] = "is ignored" },
		`it states the result "PASSED"`:         func(s *attest.Statement) { s.Predicate.Result = "PASSED" },
		"its passed tests are not":              func(s *attest.Statement) { s.Predicate.PassedTests = s.Predicate.PassedTests[1:] },
		"its warned tests are not":              func(s *attest.Statement) { s.Predicate.WarnedTests = nil },
		"it names failed tests":                 func(s *attest.Statement) { s.Predicate.FailedTests = []string{"errors/one"} },
		"its configuration lacks the catalogue": func(s *attest.Statement) { s.Predicate.Configuration = s.Predicate.Configuration[1:] },
		"its sha256 of the sources is not that": func(s *attest.Statement) {
			s.Predicate.Configuration[2].Digest["sha256"] = strings.Repeat("0", 64)
		},
		"its sha256 of the requirements is not that": func(s *attest.Statement) { s.Predicate.Configuration[3].Digest = nil },
		"of the requirements the name 0.1.0":         func(s *attest.Statement) { s.Predicate.Configuration[3].Annotations["name"] = "0.1.0" },
		"its configuration lacks the requirements":   func(s *attest.Statement) { s.Predicate.Configuration = s.Predicate.Configuration[:3] },
		"its sha256 of the catalogue is not that": func(s *attest.Statement) {
			s.Predicate.Configuration[0].Digest = map[string]string{"sha256": strings.Repeat("0", 64)}
		},
		"the edition 4.9": func(s *attest.Statement) { s.Predicate.Configuration[1].Annotations["edition"] = "4.9" },
		"the strict true": func(s *attest.Statement) { s.Predicate.Configuration[1].Annotations["strict"] = true },
		"the implementation socket.io 9": func(s *attest.Statement) {
			s.Predicate.Configuration[1].Annotations["implementation"] = "socket.io 9"
		},
		"the cases 1, and the results": func(s *attest.Statement) { s.Predicate.Configuration[0].Annotations["cases"] = 1.0 },
		"not those that it is about":   func(s *attest.Statement) { s.Subject[0].Digest = nil },
	} {
		c, err := attest.OpenCertificate(line, key)
		if err != nil {
			t.Fatal(err)
		}
		change(&c.Statement)
		_, err = c.Verify(content, auditor(ownBuild), 0)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("the error is %v, not about %q", err, want)
		}
	}
}

func TestCertificatesNameWhatWasTested(t *testing.T) {
	t.Parallel()
	content, key := wholeRun(t), signingKey(t)
	artefact, err := attest.ParseArtefact("chat@sha256:" + strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	envelope, said, err := attest.Certify("results.json", content, auditor(ownBuild), key, false, artefact)
	if err != nil || !strings.HasSuffix(said, "; tested was chat@sha256:"+strings.Repeat("ab", 32)) {
		t.Fatalf("it says %q: %v", said, err)
	}
	c, err := attest.OpenCertificate(envelope, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Verify(content, auditor(ownBuild), time.Hour); err != nil || again != said {
		t.Errorf("verified it says %q: %v", again, err)
	}
	if _, err := c.Verify(content, auditor(ownBuild), time.Nanosecond); err == nil || !strings.Contains(err.Error(), "may be 1ns old at the most") {
		t.Errorf("of an old run it says %v", err)
	}
	for _, wrong := range []string{"chat", "chat@sha256:xyz", "chat@sha256:" + strings.Repeat("ab", 20), "@sha256:" + strings.Repeat("ab", 32)} {
		if _, err := attest.ParseArtefact(wrong); err == nil {
			t.Errorf("%q is accepted", wrong)
		}
	}
}
