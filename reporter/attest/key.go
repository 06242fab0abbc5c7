package attest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"

	"example.test/conformance/reporter/wording"
)

// SigningKey reads a private key from PEM, in PKCS #8 or SEC 1: ed25519, or ECDSA on P-256 or P-384.
func SigningKey(text []byte) (dsse.SignerVerifier, error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil, errors.New("it holds no private key in PEM form")
		}
		text = rest
		switch {
		case block.Type == "EC PARAMETERS": // openssl writes them before the key
		case block.Type == "PUBLIC KEY":
			return nil, errors.New("it holds a public key, and signing takes the private one")
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, errors.New("its key is encrypted: decrypt it first, as `openssl pkey -in KEY -out DECRYPTED` does")
		case block.Type == "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("it holds no key in PKCS #8: %w", err)
			}
			return signer(block, key)
		case block.Type == "EC PRIVATE KEY":
			key, err := x509.ParseECPrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("it holds no key in SEC 1: %w", err)
			}
			return signer(block, key)
		default:
			return nil, fmt.Errorf("it holds a %s, and must hold a PRIVATE KEY or an EC PRIVATE KEY", wording.VisibleLine(wording.Clip(block.Type, 60)))
		}
	}
}

// VerifyingKey reads a public key from PEM, of a kind that [SigningKey] accepts.
func VerifyingKey(text []byte) (dsse.Verifier, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New("it holds no public key in PEM form")
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errors.New("it holds a private key: give the public one, as `openssl pkey -in KEY -pubout` writes it")
	case block.Type != "PUBLIC KEY":
		return nil, fmt.Errorf("it holds a %s, and must hold a PUBLIC KEY", wording.VisibleLine(wording.Clip(block.Type, 60)))
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("it holds no public key: %w", err)
	}
	return signer(block, key)
}

// signer turns a parsed key into one that signs and verifies. A public key only verifies.
func signer(block *pem.Block, parsed any) (dsse.SignerVerifier, error) {
	var curve elliptic.Curve
	switch key := parsed.(type) {
	case ed25519.PrivateKey, ed25519.PublicKey:
	case *ecdsa.PrivateKey:
		curve = key.Curve
	case *ecdsa.PublicKey:
		curve = key.Curve
	default:
		return nil, fmt.Errorf("it holds a key of type %T, and must hold one of ed25519, or of ECDSA on P-256 or P-384", parsed)
	}
	if curve != nil && curve != elliptic.P256() && curve != elliptic.P384() {
		return nil, fmt.Errorf("its ECDSA key is on %s, and must be on P-256 or P-384", curve.Params().Name)
	}
	key, err := signerverifier.LoadKey(pem.EncodeToMemory(block))
	if err != nil {
		return nil, err
	}
	if curve == nil {
		return signerverifier.NewED25519SignerVerifierFromSSLibKey(key)
	}
	return signerverifier.NewECDSASignerVerifierFromSSLibKey(key)
}
