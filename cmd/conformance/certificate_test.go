package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"example.test/conformance/reporter/attest"
	"example.test/conformance/suite"
)

// A test binary holds no commit, and results from unknown sources are not certified.
func init() { commit = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567" }

// certificateCommands are the commands that scripts need to try to certify what must not be certified.
var certificateCommands = map[string]func(*testscript.TestScript, bool, []string){
	"conforms": conforms, "keys": keys, "tamper": tamper, "resign": resign,
}

// conforms makes a conformant run, whose results scripts use: conforms FLAGS… A machine that stands still gets five
// attempts, and an unstable case another.
func conforms(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: conforms FLAGS…")
	}
	var err error
	for range 5 {
		if err = ts.Exec("conformance", args...); err == nil {
			if !strings.Contains(ts.ReadFile("stdout"), "unstable: ") {
				return
			}
			err = errors.New("cases were unstable")
		}
	}
	ts.Fatalf("%v", err)
}

// keys makes a key pair: keys ed25519|p256|p384-sec1 NAME writes NAME.pem and NAME.pub.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keys KIND NAME")
	}
	var private crypto.Signer
	var err error
	form, encode := "PRIVATE KEY", func() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(private) }
	switch args[0] {
	case "ed25519":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case "p256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "p384-sec1":
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		form, encode = "EC PRIVATE KEY", func() ([]byte, error) { return x509.MarshalECPrivateKey(private.(*ecdsa.PrivateKey)) }
	default:
		ts.Fatalf("no keys of the kind %s", args[0])
	}
	ts.Check(err)
	secret, err := encode()
	ts.Check(err)
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	ts.Check(err)
	write(ts, args[1]+".pem", pem.EncodeToMemory(&pem.Block{Type: form, Bytes: secret}))
	write(ts, args[1]+".pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
}

func write(ts *testscript.TestScript, name string, content []byte) {
	ts.Check(os.WriteFile(ts.MkAbs(name), content, 0o600))
}

// tamper writes a copy of a file with one change: tamper envelope|results CHANGE FROM TO.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: tamper envelope|results CHANGE FROM TO")
	}
	var document map[string]any
	text := ts.ReadFile(args[2])
	ts.Check(json.Unmarshal([]byte(text), &document))
	change := changes[args[0]+" "+args[1]]
	if change == nil {
		ts.Fatalf("there is no change %s of %s", args[1], args[0])
	}
	change(document)
	changed, err := json.Marshal(document)
	ts.Check(err)
	write(ts, args[3], changed)
}

var changes = map[string]func(map[string]any){
	"envelope payload": func(e map[string]any) {
		payload, _ := base64.StdEncoding.DecodeString(e["payload"].(string))
		payload = []byte(strings.Replace(string(payload), `"edition":"4.8"`, `"edition":"4.9"`, 1))
		e["payload"] = base64.StdEncoding.EncodeToString(payload)
	},
	"envelope signature": func(e map[string]any) {
		one := e["signatures"].([]any)[0].(map[string]any)
		signature, _ := base64.StdEncoding.DecodeString(one["sig"].(string))
		signature[7] ^= 1
		one["sig"] = base64.StdEncoding.EncodeToString(signature)
	},
	"envelope unsigned": func(e map[string]any) { e["signatures"] = []any{} },
	"envelope type":     func(e map[string]any) { e["payloadType"] = "application/json" },

	"results traces": func(r map[string]any) {
		for _, c := range r["cases"].([]any) {
			if c, trace := c.(map[string]any), c.(map[string]any)["trace"]; trace != nil {
				c["trace"] = trace.([]any)[:1]
			}
		}
	},
	"results verdict": func(r map[string]any) { r["verdict"] = suite.NotConformant },
	"results counts": func(r map[string]any) {
		counts := r["counts"].(map[string]any)["required"].(map[string]any)
		counts["passed"] = counts["passed"].(float64) + 1
	},
	"results outcome": func(r map[string]any) { r["cases"].([]any)[0].(map[string]any)["outcome"] = suite.Failed },
	"results removed": func(r map[string]any) { r["cases"] = r["cases"].([]any)[1:] },
	"results summary": func(r map[string]any) { r["summary"] = "The best server of all." },
	"results member":  func(r map[string]any) { r["certified"] = true },
	"results schema":  func(r map[string]any) { r["schema"] = "conformance-results/0" },
	"results catalogue": func(r map[string]any) {
		r["suite"].(map[string]any)["catalogue"] = strings.Repeat("0", 64)
	},
	"results sources":      func(r map[string]any) { r["suite"].(map[string]any)["sources"] = strings.Repeat("0", 64) },
	"results requirements": func(r map[string]any) { r["requirements"] = "0.0.1" },
	"results version": func(r map[string]any) {
		r["suite"].(map[string]any)["catalogue"] = strings.Repeat("0", 64)
		r["suite"].(map[string]any)["version"] = "0.0.1"
	},
}

// resign signs a statement about any results, as a vendor could with its own tools: resign KEY RESULTS TO.
func resign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: resign KEY RESULTS TO")
	}
	key, err := attest.SigningKey([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	sum := sha256.Sum256([]byte(ts.ReadFile(args[1])))
	payload, err := json.Marshal(attest.Statement{
		Type: attest.StatementType, PredicateType: attest.TestResultType,
		Subject:   []attest.Resource{{Name: args[1], Digest: map[string]string{"sha256": hex.EncodeToString(sum[:])}}},
		Predicate: attest.TestResult{Result: "PASSED"},
	})
	ts.Check(err)
	signer, err := dsse.NewEnvelopeSigner(key)
	ts.Check(err)
	envelope, err := signer.SignPayload(context.Background(), attest.PayloadType, payload)
	ts.Check(err)
	text, err := json.Marshal(envelope)
	ts.Check(err)
	write(ts, args[2], text)
}
