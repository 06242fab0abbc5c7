// Package doctor looks at a Socket.IO server, or at what stands before it, with the eyes of a client that
// cannot connect. It needs no application on the server, and says of each finding what to do.
package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// Grade of a finding.
type Grade string

const (
	Fine    Grade = "fine"
	Note    Grade = "note"    // worth knowing: it keeps no client from connecting
	Problem Grade = "problem" // it keeps clients from connecting, or from staying connected
)

// Finding is what one look at the server came to.
type Finding struct {
	Check  string `json:"check"` // a word or two: "upgrade"
	Grade  Grade  `json:"grade"`
	Says   string `json:"says"`             // what was seen
	Advice string `json:"advice,omitempty"` // what to do, in one sentence, where it is not fine
}

// Diagnosis is all that was found.
type Diagnosis struct {
	URL      string    `json:"url"` // without credentials
	Findings []Finding `json:"findings"`
	// Reached says that an Engine.IO server answered at the URL itself.
	Reached bool `json:"reached"`
}

// Problems is the number of findings that keep clients from connecting.
func (d *Diagnosis) Problems() (n int) {
	for _, f := range d.Findings {
		if f.Grade == Problem {
			n++
		}
	}
	return n
}

// patience is how long an answer may take that waits for no timer.
const patience = 10 * time.Second

// examination is one under way.
type examination struct {
	target *wire.Target
	tell   func(Finding)

	mu   sync.Mutex
	d    *Diagnosis
	open *suite.OpenPacket
	via  bool // WebSocket works
	// cookies are sent with every request, where sessions stay by them alone.
	cookies string
}

// Examine looks at a server until the context ends, a minute at the most where the server's pings are far
// apart. Tell, which may be nil, gets each finding as it is made.
func Examine(ctx context.Context, target *wire.Target, tell func(Finding)) *Diagnosis {
	e := &examination{target: target, tell: tell, d: &Diagnosis{URL: target.URL(), Findings: []Finding{}}}
	if !e.connects(ctx) {
		return e.d
	}
	polling := e.answers(ctx)
	if !e.d.Reached {
		return e.d
	}
	stays := polling && e.stays(ctx)
	if stays {
		e.talks(ctx)
	}
	e.opensWebSocket(ctx)
	if stays && e.via {
		e.upgrades(ctx)
	}
	if polling {
		e.multiplexes(ctx)
		e.allowsOrigins(ctx)
	}
	if stays {
		e.compresses(ctx)
	}
	e.olderProtocol(ctx)
	e.beats(ctx, stays)
	return e.d
}

func (e *examination) say(check string, grade Grade, advice, format string, args ...any) {
	f := Finding{Check: check, Grade: grade, Says: e.target.Redact(fmt.Sprintf(format, args...)), Advice: advice}
	e.mu.Lock()
	e.d.Findings = append(e.d.Findings, f)
	e.mu.Unlock()
	if e.tell != nil {
		e.tell(f)
	}
}

func (e *examination) fine(check, format string, args ...any) {
	e.say(check, Fine, "", format, args...)
}

// do sends a request on a connection of its own.
func (e *examination) do(ctx context.Context, method, path, body string, header ...[2]string) (*wire.Response, time.Duration, error) {
	return e.doWithin(ctx, patience, method, path, body, header...)
}

// doWithin is [examination.do] with a patience of its own.
func (e *examination) doWithin(ctx context.Context, within time.Duration, method, path, body string, header ...[2]string) (*wire.Response, time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("nothing came within %s", within))
	defer cancel()
	if e.cookies != "" {
		header = append(header, [2]string{"Cookie", e.cookies})
	}
	begin := time.Now()
	r, err := e.target.Do(ctx, wire.NewRecorder(), wire.Request{Method: method, Path: path, Header: header, Body: []byte(body)})
	return r, time.Since(begin), err
}

// connects looks at TCP and TLS.
func (e *examination) connects(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begin := time.Now()
	conn, err := e.target.Dial(ctx, wire.NewRecorder(), "tcp")
	if err == nil {
		conn.Close()
		e.fine("connection", "%s accepts connections, in %s", e.target.Host, milliseconds(time.Since(begin)))
		return true
	}
	e.say("connection", Problem, whyNot(err), "no connection to %s: %v", e.target.Host, err)
	return false
}

// whyNot is the advice for a connection that could not be made.
func whyNot(err error) string {
	var name *net.DNSError
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		return "Check the host's name: it has no address here."
	case errors.As(err, &hostname):
		return "Use the name that the certificate is for, or get a certificate for this one."
	case errors.As(err, &authority):
		return "Serve the whole chain of certificates, or trust the authority with --ca (--insecure looks on without it); browsers would refuse it, too."
	case errors.As(err, &invalid):
		return "Renew the certificate: it does not hold now."
	case strings.Contains(err.Error(), "no application protocol"):
		return "Let the server or the proxy offer HTTP/1.1, too (ALPN): WebSockets need it."
	case errors.As(err, &noTLS):
		return "Use http:// or ws:// instead: there is no TLS at that port."
	case errors.Is(err, context.DeadlineExceeded), strings.Contains(err.Error(), "timeout"):
		return "Look for a firewall on the way: nothing answers, not even a refusal."
	case strings.Contains(err.Error(), "refused"):
		return "Start the server, or check the port and the address that it listens on: nothing does there."
	}
	return "Check host and port."
}

func milliseconds(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// first is the beginning of a text, in one line.
func first(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
