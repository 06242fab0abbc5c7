package attest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "example.test/conformance/cases"
	"example.test/conformance/fixtures"
	"example.test/conformance/reporter/attest"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	curves := map[string]*ecdsa.PrivateKey{}
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		curves[curve.Params().Name] = key
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2][]byte{
		"ed25519":      {encoded(t, "PRIVATE KEY", ed), encoded(t, "PUBLIC KEY", ed.Public())},
		"P-256":        {encoded(t, "PRIVATE KEY", curves["P-256"]), encoded(t, "PUBLIC KEY", curves["P-256"].Public())},
		"P-256, SEC 1": {encoded(t, "EC PRIVATE KEY", curves["P-256"]), encoded(t, "PUBLIC KEY", curves["P-256"].Public())},
		"P-384":        {encoded(t, "PRIVATE KEY", curves["P-384"]), encoded(t, "PUBLIC KEY", curves["P-384"].Public())},
		"P-384, as openssl writes it": {
			append(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 5}}), encoded(t, "EC PRIVATE KEY", curves["P-384"])...),
			encoded(t, "PUBLIC KEY", curves["P-384"].Public()),
		},
	} {
		private, err := attest.SigningKey(pair[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		public, err := attest.VerifyingKey(pair[1])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		signature, err := private.Sign(t.Context(), []byte("text"))
		if err != nil || public.Verify(t.Context(), []byte("text"), signature) != nil || public.Verify(t.Context(), []byte("texts"), signature) == nil {
			t.Errorf("%s does not sign, or verifies another text: %v", name, err)
		}
		one, _ := private.KeyID()
		if same, _ := public.KeyID(); one != same || len(one) != 64 {
			t.Errorf("%s: the IDs of the two are %q and %q", name, one, same)
		}
	}
	for name, test := range map[string]struct {
		text []byte
		want string
	}{
		"RSA":       {encoded(t, "PRIVATE KEY", other), "*rsa.PrivateKey"},
		"P-224":     {encoded(t, "PRIVATE KEY", curves["P-224"]), "on P-224"},
		"P-521":     {encoded(t, "EC PRIVATE KEY", curves["P-521"]), "on P-521"},
		"encrypted": {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}}), "openssl pkey"},
		"encrypted in the old way": {
			pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"DEK-Info": "AES"}, Bytes: []byte{1}}), "openssl pkey",
		},
		"PKCS #8":       {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "PKCS #8"},
		"SEC 1":         {pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte{1}}), "SEC 1"},
		"a certificate": {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}}), "holds a CERTIFICATE"},
		"a public key":  {encoded(t, "PUBLIC KEY", ed.Public()), "signing takes the private one"},
		"nothing":       {nil, "no private key"},
	} {
		if _, err := attest.SigningKey(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, not about %s", name, err, test.want)
		}
	}
	for name, test := range map[string]struct {
		text []byte
		want string
	}{
		"RSA":           {encoded(t, "PUBLIC KEY", other.Public()), "*rsa.PublicKey"},
		"P-521":         {encoded(t, "PUBLIC KEY", curves["P-521"].Public()), "on P-521"},
		"a private key": {encoded(t, "PRIVATE KEY", ed), "give the public one"},
		"a certificate": {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}}), "holds a CERTIFICATE"},
		"no key":        {pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte{1}}), "no public key"},
		"nothing":       {[]byte("ssh-ed25519 AAAA"), "no public key"},
	} {
		if _, err := attest.VerifyingKey(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, not about %s", name, err, test.want)
		}
	}
}

// TestKeysOfOpenSSL makes keys with the commands of the help.
func TestKeysOfOpenSSL(t *testing.T) {
	t.Parallel()
	fixtures.Require(t, "openssl")
	folder := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("openssl", args...)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", args, err, out)
		}
	}
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	kinds := map[string][]string{
		"ed25519": {"genpkey", "-algorithm", "ed25519"},
		"p256":    {"ecparam", "-name", "prime256v1", "-genkey"},
		"p384":    {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		run(append(kinds[name], "-out", name+".pem")...)
		run("pkey", "-in", name+".pem", "-pubout", "-out", name+".pub")
		private, err := attest.SigningKey(read(name + ".pem"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		public, err := attest.VerifyingKey(read(name + ".pub"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		signature, err := private.Sign(t.Context(), []byte("text"))
		if err != nil || public.Verify(t.Context(), []byte("text"), signature) != nil {
			t.Errorf("%s does not verify what it signed: %v", name, err)
		}
	}
}
