package main

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite/browser/chromium"
	"example.test/conformance/suite/doctor"
)

// How long a client is watched once it is connected: for some pings, or longer than the slow server's ping interval. By then
// impatient proxies have cut the connection.
const (
	shortStay = 4 * time.Second
	longStay  = 10 * time.Second
)

// TestDoctorSaysWhatHappens compares the last line of the doctor with what the official client does, in Node and in
// Chromium, for each set-up.
func TestDoctorSaysWhatHappens(t *testing.T) {
	thorough(t)
	fixtures.Require(t, fixtures.Node, fixtures.Chromium, fixtures.Nginx, fixtures.HAProxy, fixtures.Apache, fixtures.Caddy)
	begun := time.Now()
	b := newBench(t)
	var group sync.WaitGroup
	for i := range setUps {
		group.Go(func() { b.compare(&setUps[i], nil) })
	}
	group.Wait()
	if b.compared < 30 {
		t.Errorf("compared %d set-ups", b.compared)
	}
	slices.Sort(b.report)
	t.Logf("%d set-ups in %s\n%s", b.compared, time.Since(begun).Round(100*time.Millisecond), strings.Join(b.report, "\n"))
}

// bench holds what the comparison of set-ups needs.
type bench struct {
	t         *testing.T
	site      site
	authority string // in PEM form
	file      string // that holds it
	visitors  *fixtures.Visitors
	browser   *chromium.Browser
	elsewhere *tab // a page whose origin is no server under test

	mu       sync.Mutex
	visits   int
	compared int
	report   []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t}
	certificate, key := selfSigned(t)
	b.authority, b.file = certificate, filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(b.file, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	b.site = site{t: t, servers: fixtures.BareServers(t, bareServers(map[string]any{"cert": certificate, "key": key}))}
	b.visitors = fixtures.NewVisitors(t)
	path, err := chromium.Find("")
	if err != nil {
		t.Fatal(err)
	}
	if b.browser, err = chromium.Start(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.browser.Close)
	b.elsewhere = b.open(b.site.servers["pages"])
	return b
}

// compare tries one set-up, and the mended one with the doctor's lines.
func (b *bench) compare(s *setUp, lines []string) {
	site := b.site
	site.lines = lines
	address := s.start(&site)
	if address == "" {
		return
	}
	address += s.query
	host := address
	if u, err := url.Parse(address); err == nil {
		host = u.Scheme + "://" + u.Host
	}
	origin := ""
	switch s.origin {
	case otherOrigin:
		origin = b.site.servers["pages"]
	case ownOrigin:
		origin = host
	}
	flags := append([]string{}, s.flags...)
	for i := range flags {
		flags[i] = strings.ReplaceAll(flags[i], "AUTHORITY", b.file)
	}
	visit := fixtures.Visit{URL: host + s.namespace, Options: map[string]any{}, Stay: int(cmp.Or(s.stay, shortStay).Milliseconds())}
	if s.query != "" {
		visit.URL += s.query
	}
	for name, value := range s.options {
		if value == "AUTHORITY" {
			value = b.authority
		}
		visit.Options[name] = value
	}
	if s.namespace != "" {
		flags = append(flags, "--namespace", s.namespace)
	}
	if origin != "" {
		flags = append(flags, "--origin", origin)
	}

	if s.mended != nil {
		flags = append(flags, "--json")
	}

	var inNode, onPage, said string
	var d doctor.Diagnosis
	trials := []func(){
		func() { inNode = b.inNode(visit) },
		func() { onPage = b.onPage(s.origin, origin, visit) },
		func() {
			var out bytes.Buffer
			code, err := doctorCommand(b.t.Context(), append(flags, address), &out, &out)
			if said = out.String(); s.mended != nil {
				err = errors.Join(err, json.Unmarshal(out.Bytes(), &d))
				said += d.Verdict()
			}
			if err != nil {
				b.t.Errorf("%s: %v", s.name, err)
			}
			if code == 0 && strings.Contains(last(said), " no, because") {
				b.t.Errorf("%s: got exit code 0, but %s", s.name, last(said))
			}
		},
	}
	var group sync.WaitGroup
	for _, try := range trials {
		if s.alone {
			try()
		} else {
			group.Go(try)
		}
	}
	group.Wait()
	b.judge(s, origin, inNode, onPage, said)

	if s.mended != nil {
		b.mend(s, &d)
	}
}

// judge compares what the doctor says with what the client did, and both with the expectation.
func (b *bench) judge(s *setUp, origin, inNode, onPage, said string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.compared++
	answers := strings.TrimPrefix(last(said), "Does the official client connect from here, and stay? ")
	ofNode, ofPage, _ := strings.Cut(answers, "; in a browser page of "+origin+" ")
	ofNode = strings.TrimPrefix(ofNode, "In Node ")
	one := func(where, answer, did, expected string) {
		begin, reason, _ := strings.Cut(expected, " because ")
		if begin == "" || !strings.HasPrefix(answer, begin) || !strings.Contains(answer, reason) {
			b.t.Errorf("%s, %s: the doctor says %q, want %q\n%s", s.name, where, answer, expected, said)
		}
		over, _, _ := strings.Cut(strings.TrimSuffix(answer, "."), ", with ")
		transport := map[string]string{overWS: "yes websocket", overPoll: "yes polling"}[over]
		if strings.HasPrefix(did, "yes") != strings.HasPrefix(answer, "yes") || transport != "" && did != transport {
			b.t.Errorf("%s, %s: the doctor says %q, but the client: %q\n%s", s.name, where, answer, did, said)
		}
		b.report = append(b.report, fmt.Sprintf("%-34s | %-4s | doctor: %-90s | client: %s", s.name, where, answer, did))
	}
	one("Node", ofNode, inNode, s.node)
	if origin != "" {
		one("page", ofPage, onPage, s.page)
	}
	if plain := strings.Join(strings.Fields(said), " "); !strings.Contains(plain, strings.Join(strings.Fields(s.says), " ")) {
		b.t.Errorf("%s: the doctor does not say %q:\n%s", s.name, s.says, said)
	}
}

// mend tries the mended set-up with the lines that the doctor gives for this one.
func (b *bench) mend(s *setUp, d *doctor.Diagnosis) {
	for _, f := range d.Findings {
		for _, p := range f.Proxies {
			if f.Check == s.check && p.Proxy == s.proxy {
				b.compare(s.mended, p.Lines)
				return
			}
		}
	}
	b.t.Errorf("%s: there are no lines for %s in %q", s.name, s.proxy, s.check)
}

func last(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return lines[len(lines)-1]
}

func (b *bench) name() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.visits++
	return fmt.Sprintf("visit-%d", b.visits)
}

func (b *bench) inNode(visit fixtures.Visit) string {
	visit.ID = b.name()
	did, err := b.visitors.Visit(visit)
	if err != nil {
		b.t.Error(err)
	}
	return did
}

// tab is a page on which the official client runs.
type tab struct {
	page *chromium.Page

	mu      sync.Mutex
	waiting map[string]chan string
}

// open opens the page of a server.
func (b *bench) open(server string) *tab {
	b.t.Helper()
	t := &tab{waiting: map[string]chan string{}}
	var err error
	t.page, err = b.browser.Page(b.t.Context(), func(line string) {
		id, did, _ := strings.Cut(line, " ")
		t.mu.Lock()
		defer t.mu.Unlock()
		t.waiting[id] <- did
	})
	if err == nil {
		err = t.page.Open(b.t.Context(), server+"/page")
	}
	if err != nil {
		b.t.Errorf("%s: %v", server, err)
	}
	return t
}

func (b *bench) onPage(kind pageOrigin, origin string, visit fixtures.Visit) string {
	page := b.elsewhere
	switch kind {
	case noPage:
		return ""
	case ownOrigin:
		page = b.open(origin)
		defer page.page.Close()
	}
	visit.ID = b.name()
	did := make(chan string, 1)
	page.mu.Lock()
	page.waiting[visit.ID] = did
	page.mu.Unlock()
	job, err := json.Marshal(visit)
	if err == nil {
		_, err = page.page.Evaluate(b.t.Context(), fmt.Sprintf("void run(%s)", job))
	}
	if err != nil {
		return err.Error()
	}
	select {
	case line := <-did:
		return line
	case <-time.After(time.Minute):
		return "nothing came"
	}
}

// nobody is an address at which nothing listens: the kernel never assigns its port.
const nobody = "127.0.0.1:1"

var opening = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func reverse(server string) http.Handler {
	u, _ := url.Parse(server)
	return forwarder(u)
}

// forwarder forwards requests, and does not log those that break.
func forwarder(u *url.URL) *httputil.ReverseProxy {
	p := httputil.NewSingleHostReverseProxy(u)
	p.ErrorLog = log.New(io.Discard, "", 0)
	return p
}

// selfSigned returns a certificate for 127.0.0.1 that is its own authority, and its key, in PEM form.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &pair.PublicKey, pair)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}
