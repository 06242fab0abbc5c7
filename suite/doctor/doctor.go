// Package doctor finds out whether the official client would connect to a Socket.IO server from here and stay connected, and
// what prevents it. It needs no application on the server, and says for each finding what to do.
package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// Grade is the grade of a finding.
type Grade string

const (
	Fine    Grade = "fine"
	Note    Grade = "note"    // worth knowing, but it does not keep clients from connecting
	Problem Grade = "problem" // it keeps clients from connecting, or from staying connected
)

// Finding is the result of one check.
type Finding struct {
	Check  string `json:"check"` // a word or two: "upgrade"
	Grade  Grade  `json:"grade"`
	Says   string `json:"says"`             // what was seen
	Advice string `json:"advice,omitempty"` // what to do, in one sentence, if it is not fine
	// Proxies says how to do it with common proxies, or with the one that was recognised.
	Proxies []ProxyLines `json:"proxies,omitempty"`
}

// Diagnosis holds everything that was found.
type Diagnosis struct {
	URL      string    `json:"url"` // without credentials
	Findings []Finding `json:"findings"`
	// Reached means that an Engine.IO server answered at the URL itself.
	Reached bool `json:"reached"`
	// Clients are the official client in Node and, if an origin was given, on a page of that origin.
	Clients []*Client `json:"clients"`
}

// Options are what the official client is given besides the URL, and what is known about the machine.
type Options struct {
	Auth      json.RawMessage // its option auth, sent when it joins the namespace; nil for none
	Namespace string          // that it joins; the main one if empty
	Origin    string          // of a page that connects, as [ParseOrigin] returns it; empty for none
	// Unused says which environment variables name a proxy that is not used; empty for none.
	Unused string
}

// Problems returns the number of findings that keep clients from connecting.
func (d *Diagnosis) Problems() (n int) {
	for _, f := range d.Findings {
		if f.Grade == Problem {
			n++
		}
	}
	return n
}

// patience is how long an answer that depends on no timer may take.
const patience = 10 * time.Second

// examination is a running examination.
type examination struct {
	target  *wire.Target
	options Options
	tell    func(Finding)

	mu        sync.Mutex
	d         *Diagnosis
	open      *protocol.OpenPacket
	webSocket bool // packets are answered over WebSocket
	// cookies are sent with every request, if sessions are sticky only with cookies.
	cookies string
	lost    bool   // sessions are not sticky for a client without cookies
	held    bool   // but they are for one that sends them
	cause   string // why no client connects, as a clause; empty if unknown
	proxy   string // the proxy in front of the server, according to its headers
}

// Examine examines a server, for at most a minute if the server's pings are far apart. It ends early with the context. Tell,
// which may be nil, gets each finding as it is made.
func Examine(ctx context.Context, target *wire.Target, options Options, tell func(Finding)) *Diagnosis {
	e := &examination{target: target, options: options, tell: tell, d: &Diagnosis{URL: target.URL(), Findings: []Finding{}, Clients: []*Client{{}}}}
	if options.Origin != "" {
		e.d.Clients = append(e.d.Clients, &Client{Origin: options.Origin})
	}
	if options.Unused != "" {
		e.say("proxy variables", Note, "Give the client an agent if the server can only be reached through a proxy; the client in Node takes none from the environment either, but a browser may.", "%s", options.Unused)
	}
	if !e.examine(ctx) {
		for _, client := range e.d.Clients {
			client.Because, client.Unseen = e.cause, ctx.Err() != nil
		}
	}
	for _, client := range e.d.Clients {
		client.Because = target.Redact(client.Because)
	}
	return e.d
}

// examine reports whether the clients have been tried. They are not if it is clear that nothing answers them.
func (e *examination) examine(ctx context.Context) bool {
	if !e.connects(ctx) {
		return false
	}
	polling := e.answers(ctx)
	if !e.d.Reached {
		return false
	}
	stays := polling && e.stays(ctx)
	if stays {
		e.talks(ctx)
	}
	e.opensWebSocket(ctx)
	if stays && e.webSocket {
		e.upgrades(ctx)
	}
	if polling {
		e.multiplexes(ctx)
		e.allowsOrigins(ctx)
	}
	if stays {
		e.compresses(ctx)
		e.carries(ctx)
	}
	e.olderProtocol(ctx)
	var group sync.WaitGroup
	group.Go(func() { e.tries(ctx) })
	e.beats(ctx, stays)
	group.Wait()
	return true
}

func (e *examination) say(check string, grade Grade, advice, format string, args ...any) {
	e.sayWith(nil, check, grade, advice, format, args...)
}

// sayWith is say with lines for proxies besides the advice.
func (e *examination) sayWith(lines []ProxyLines, check string, grade Grade, advice, format string, args ...any) {
	f := Finding{Check: check, Grade: grade, Says: e.target.Redact(fmt.Sprintf(format, args...)), Advice: e.target.Redact(advice), Proxies: lines}
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

// doWithin is [examination.do] with its own time limit.
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

// connects checks TCP and TLS.
func (e *examination) connects(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begin := time.Now()
	conn, err := e.target.Dial(ctx, wire.NewRecorder(), wire.KindTCP)
	if err == nil {
		conn.Close()
		e.fine("connection", "%s accepts connections, in %s", e.target.Host, milliseconds(time.Since(begin)))
		return true
	}
	advice, because := whyNot(err)
	e.cause = fmt.Sprintf(because, e.target.Host)
	if e.options.Unused != "" {
		advice += " It may be reachable only through the proxy of the environment: the client in Node uses that only with an agent."
		e.cause += ", and the proxy of the environment is not used"
	}
	e.say("connection", Problem, advice, "no connection to %s: %v", e.target.Host, err)
	return false
}

// whyNot returns the advice for a connection that failed, and a clause that says why it failed. Because has one %s, for the
// host.
func whyNot(err error) (advice, because string) {
	var name *net.DNSError
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		return "Check the host's name: it has no address here.", "the name of %s has no address here"
	case errors.As(err, &hostname):
		return "Use the name that the certificate is for, or get a certificate for this one.", "the certificate of %s is for another name"
	case errors.As(err, &authority):
		return "Serve the whole certificate chain, or trust the authority with --ca (--insecure continues without it); browsers would refuse it, too.", "the certificate of %s is from an authority that is not trusted here"
	case errors.As(err, &invalid):
		return "Renew the certificate: it is not valid now.", "the certificate of %s is not valid now"
	case strings.Contains(err.Error(), "no application protocol"):
		return "Let the server or the proxy offer HTTP/1.1, too (ALPN): WebSockets need it.", "%s does not offer HTTP/1.1"
	case errors.As(err, &noTLS):
		return "Use http:// or ws:// instead: there is no TLS at that port.", "%s does not speak TLS"
	case errors.Is(err, context.DeadlineExceeded), strings.Contains(err.Error(), "timeout"):
		return "Look for a firewall on the way: nothing answers, not even a refusal.", "%s does not answer connections"
	case strings.Contains(err.Error(), "refused"):
		return "Start the server, or check the port and the address that it listens on: nothing listens there.", "nothing listens at %s"
	}
	return "Check host and port.", "no connection to %s can be made"
}

func milliseconds(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// first returns the beginning of a text, in one line.
func first(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
