package reporter_test

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

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"google.golang.org/protobuf/encoding/protojson"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

var own = suite.SuiteBuild{Version: "1.2.3", Commit: "0a1b2c3", Go: "go1.26.8"}

// certifiable is the results file of a whole run against the reference, which breaks one recommended
// rule. A machine that stands still gets three attempts at a conformant one.
var certifiable = sync.OnceValues(func() (content []byte, err error) {
	for range 3 {
		var r *suite.Results
		if r, err = flown(); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err = reporter.JSON(&b, r); err != nil || r.Verdict == suite.Conformant {
			return b.Bytes(), err
		}
		err = errors.New(r.Summary)
	}
	return nil, err
})

func flown() (*suite.Results, error) {
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
	return suite.Fly(context.Background(), suite.Config{Targets: []*wire.Target{target}, Profile: suite.Profile410, Build: own})
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
	key, err := reporter.SigningKey(encoded(t, "PRIVATE KEY", private))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// encoded is a key in PEM.
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
	envelope, said, err := reporter.Certify("results.json", content, own, key)
	if err != nil {
		t.Fatal(err)
	}
	return envelope, said
}

// TestCertificateIsAnAttestation reads a certificate by the bindings of in-toto.
func TestCertificateIsAnAttestation(t *testing.T) {
	content := wholeRun(t)
	r, err := reporter.ReadJSON(bytes.NewReader(content))
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
	var result testresult.TestResult
	if err := protojson.Unmarshal(predicate, &result); err != nil {
		t.Fatal(err)
	}
	for _, c := range result.GetConfiguration() {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if len(c.GetDigest()) == 0 { // or a URI, or a content, the specification says
			t.Errorf("the resource %s has no digest", c.GetName())
		}
	}
	if len(result.GetPassedTests()) != r.Counts.Total(suite.Passed) || len(result.GetWarnedTests()) != r.Counts.Total(suite.Warned) || len(result.GetFailedTests()) != 0 {
		t.Errorf("it names %d passed, %d warned, %d failed tests; the run has %v", len(result.GetPassedTests()), len(result.GetWarnedTests()), len(result.GetFailedTests()), r.Counts)
	}
	if result.GetResult() != "WARNED" || !slices.Contains(result.GetWarnedTests(), "handshake/open-packet-keys") {
		t.Errorf("the result is %q, warned are %q", result.GetResult(), result.GetWarnedTests())
	}
	run := result.GetConfiguration()[1].GetAnnotations().AsMap()
	if run["edition"] != "4.8" || run["profile"] != "4.1.0" || run["strict"] != false || !strings.HasPrefix(said, run["implementation"].(string)+" conforms to edition 4.8, profile 4.1.0, not strict") {
		t.Errorf("of the run it states %v, and it says %q", run, said)
	}
}

func TestCertificateVerifies(t *testing.T) {
	content, key := wholeRun(t), signingKey(t)
	line, said := certificate(t, content, key)
	c, err := reporter.OpenCertificate(line, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Verify(content, own); err != nil || again != said {
		t.Errorf("it says %q, and verified %q, %v", said, again, err)
	}
	if c.ResultsFile() != "results.json" {
		t.Errorf("it is about %q", c.ResultsFile())
	}
	if _, err := c.Verify(bytes.ReplaceAll(content, []byte("\n"), nil), own); err == nil || !strings.Contains(err.Error(), "not those that it is about") {
		t.Errorf("results that only look the same are refused with %v", err)
	}
	newer := suite.SuiteBuild{Version: "1.3.0", Commit: "ffff"}
	if _, err := c.Verify(content, newer); err != nil {
		t.Errorf("a newer suite with the same cases does not verify: %v", err)
	}
	if _, _, err := reporter.Certify("results.json", content, newer, key); err == nil || !strings.Contains(err.Error(), "certify with the suite that ran") {
		t.Errorf("another suite than that which ran certifies: %v", err)
	}
	if _, _, err := reporter.Certify("results.json", bytes.ReplaceAll(content, []byte("\n"), nil), own, key); err != nil {
		t.Errorf("other white space keeps results from being certified: %v", err)
	}
}

// TestOpenCertificateRefuses signs what is no certificate with the right key.
func TestOpenCertificateRefuses(t *testing.T) {
	key := signingKey(t)
	good := reporter.Statement{
		Type: reporter.StatementType, PredicateType: reporter.TestResultType,
		Subject: []reporter.Resource{{Name: "results.json", Digest: map[string]string{"sha256": strings.Repeat("0", 64)}}},
	}
	about := func(names ...string) (s reporter.Statement) {
		s = good
		s.Subject = nil
		for _, name := range names {
			s.Subject = append(s.Subject, reporter.Resource{Name: name, Digest: good.Subject[0].Digest})
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
	if _, err := reporter.OpenCertificate(signed(reporter.PayloadType, good), key); err != nil {
		t.Fatal(err)
	}
	// One signature of several suffices, and base64 may be that of URLs, as DSSE has it.
	var several map[string]any
	if err := json.Unmarshal(signed(reporter.PayloadType, good), &several); err != nil {
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
	if _, err := reporter.OpenCertificate(line, key); err != nil {
		t.Errorf("one of two signatures: %v", err)
	}
	for name, test := range map[string]struct {
		envelope []byte
		want     string
	}{
		"no JSON":              {[]byte("-----BEGIN"), "no DSSE envelope"},
		"two envelopes":        {append(signed(reporter.PayloadType, good), '{', '}'), "something follows"},
		"no payload type":      {[]byte(`{"payload":"","signatures":[{"sig":""}]}`), `payload type is ""`},
		"a payload type":       {signed("application/json", good), `payload type is "application/json"`},
		"no signature":         {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30="}`), "not signed"},
		"an empty signature":   {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":""}]}`), "not one that this key made"},
		"signatures of others": {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"AAAA"},{"sig":"AAAA"}]}`), "not one that this key made"},
		"no base64":            {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"%","signatures":[{"sig":""}]}`), "base64"},
		"no statement":         {signed(reporter.PayloadType, []string{}), "no statement"},
		"a statement type":     {signed(reporter.PayloadType, another), "Statement/v2"},
		"a predicate type":     {signed(reporter.PayloadType, predicate), "slsa.dev"},
		"nothing":              {signed(reporter.PayloadType, about()), "about 0 subjects"},
		"two files":            {signed(reporter.PayloadType, about("a.json", "b.json")), "about 2 subjects"},
		"a file elsewhere":     {signed(reporter.PayloadType, about("../a.json")), "no name of a file"},
		"a folder":             {signed(reporter.PayloadType, about("..")), "no name of a file"},
		"no name":              {signed(reporter.PayloadType, about("")), "no name of a file"},
		"another key":          {signed(reporter.PayloadType, good), "not one that this key made"},
	} {
		verifier := key
		if name == "another key" {
			verifier = signingKey(t)
		}
		if _, err := reporter.OpenCertificate(test.envelope, verifier); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, not about %s", name, err, test.want)
		}
	}
}

// TestVerifyComparesStatementAndResults changes what a signed statement says of results that hold.
func TestVerifyComparesStatementAndResults(t *testing.T) {
	content, key := wholeRun(t), signingKey(t)
	line, _ := certificate(t, content, key)
	for want, change := range map[string]func(s *reporter.Statement){
		"":                                      func(s *reporter.Statement) { s.Predicate.Configuration[1].Annotations["further"] = "is ignored" },
		`it states the result "PASSED"`:         func(s *reporter.Statement) { s.Predicate.Result = "PASSED" },
		"its passed tests are not":              func(s *reporter.Statement) { s.Predicate.PassedTests = s.Predicate.PassedTests[1:] },
		"its warned tests are not":              func(s *reporter.Statement) { s.Predicate.WarnedTests = nil },
		"it names failed tests":                 func(s *reporter.Statement) { s.Predicate.FailedTests = []string{"errors/one"} },
		"its configuration lacks the catalogue": func(s *reporter.Statement) { s.Predicate.Configuration = s.Predicate.Configuration[1:] },
		"its catalogue is of another digest": func(s *reporter.Statement) {
			s.Predicate.Configuration[0].Digest = map[string]string{"sha256": strings.Repeat("0", 64)}
		},
		"the edition 4.9": func(s *reporter.Statement) { s.Predicate.Configuration[1].Annotations["edition"] = "4.9" },
		"the strict true": func(s *reporter.Statement) { s.Predicate.Configuration[1].Annotations["strict"] = true },
		"the implementation socket.io 9": func(s *reporter.Statement) {
			s.Predicate.Configuration[1].Annotations["implementation"] = "socket.io 9"
		},
		"the cases 1, and the results": func(s *reporter.Statement) { s.Predicate.Configuration[0].Annotations["cases"] = 1.0 },
		"not those that it is about":   func(s *reporter.Statement) { s.Subject[0].Digest = nil },
	} {
		c, err := reporter.OpenCertificate(line, key)
		if err != nil {
			t.Fatal(err)
		}
		change(&c.Statement)
		_, err = c.Verify(content, own)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("the error is %v, not about %q", err, want)
		}
	}
}
