package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"

	"example.test/conformance/suite/wire"
)

// targets parses the flags that say what is under test.
func targets(urls, headers []string, insecure bool, authority string) ([]*wire.Target, error) {
	config := &tls.Config{InsecureSkipVerify: insecure}
	if authority != "" {
		pem, err := os.ReadFile(authority)
		if err != nil {
			return nil, usage("--ca: %v", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, usage("--ca: %s holds no certificate in PEM form", authority)
		}
	}
	var all []*wire.Target
	for _, raw := range urls {
		target, err := wire.ParseTarget(raw)
		if err != nil {
			if raw := wire.WithoutUser(raw); addresses(raw) && address(raw) != raw {
				return nil, usage("%v: give it as %s", err, address(raw))
			}
			return nil, usage("%v: give a URL such as http://localhost:3000", err)
		}
		target.TLS = config
		target.Agent = "conformance/" + version
		for _, header := range headers {
			name, value, found := strings.Cut(header, ":")
			name, value = strings.TrimSpace(name), strings.TrimSpace(value)
			if !found || name == "" || strings.ContainsAny(header, "\r\n") {
				return nil, usage("--header: %q is not of the form 'Name: value'", header)
			}
			target.SetHeader(name, value)
		}
		all = append(all, target)
	}
	return all, nil
}
