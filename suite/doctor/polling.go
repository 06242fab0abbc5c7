package doctor

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

const handshake = "?EIO=4&transport=polling"

// paths at which servers are often found, beside those that the target's own path suggests.
var paths = []string{"/socket.io/", "/socket.io", "/engine.io/", "/", "/ws/", "/api/socket.io/"}

// refusal is an error answer of Engine.IO.
type refusal struct {
	Code    *int
	Message string
}

func refused(body string) (r refusal, ok bool) {
	return r, json.Unmarshal([]byte(body), &r) == nil && r.Code != nil
}

func opened(r *wire.Response) *suite.OpenPacket {
	if r == nil || r.Status != 200 {
		return nil
	}
	open, err := suite.ParseOpen(suite.ParsePayload(r.Body)[0])
	if err != nil {
		return nil
	}
	return open
}

// answers looks for an Engine.IO server. It reports whether sessions open over polling.
func (e *examination) answers(ctx context.Context) bool {
	r, took, err := e.do(ctx, "GET", handshake, "")
	if err != nil && e.speaksTLS(ctx) {
		e.say("handshake", Problem, "Use https:// or wss:// instead.", "the port speaks TLS: plain HTTP is not answered")
		return false
	}
	if err != nil && settingsFrame.MatchString(err.Error()) {
		e.say("handshake", Problem, "Let the server or the proxy speak HTTP/1.1 there, too: WebSockets and most clients need it.", "what listens there speaks HTTP/2 alone")
		return false
	}
	if err != nil {
		e.say("handshake", Problem, "Look whether the server hangs, or whether what listens there speaks HTTP at all.", "%s is not answered: %s", e.target.Path+handshake, first(err.Error(), 160))
		return false
	}
	if e.open = opened(r); e.open != nil {
		e.d.Reached = true
		e.fine("handshake", "an Engine.IO server opens a session over polling, in %s%s", milliseconds(took), behind(r))
		e.times()
		e.upgradable()
		return true
	}
	if no, ok := refused(r.Body); ok {
		e.d.Reached = true
		switch *no.Code {
		case 0:
			e.say("handshake", Note, "Set transports: [\"websocket\"] at the client, or allow polling at the server.", "polling is turned off at the server: %q", no.Message)
		case 4:
			e.say("handshake", Problem, "Look at the server's allowRequest, and give with -H what it asks for.", "the application refuses the handshake: %d %q", r.Status, no.Message)
		case 5:
			e.say("handshake", Problem, "Use a client of the server's protocol version, or update the server: Socket.IO 3 and later speak version 4.", "the server does not speak protocol version 4: %q", no.Message)
		default:
			e.say("handshake", Problem, "The message is the server's: look at its log for the request.", "the handshake is refused with code %d, %q", *no.Code, no.Message)
		}
		return false
	}
	e.elsewhere(ctx, r)
	return false
}

// elsewhere says what answers in place of an Engine.IO server, and where one is.
func (e *examination) elsewhere(ctx context.Context, r *wire.Response) {
	if to := r.Header.Get("Location"); to != "" && r.Status/100 == 3 {
		e.say("handshake", Problem, "Give clients the address that it redirects to: they follow no redirect.", "the request is redirected to %s", first(to, 200))
		return
	}
	if e.speaksTLS(ctx) {
		e.say("handshake", Problem, "Use https:// or wss:// instead.", "the port speaks TLS: plain HTTP is answered with %d", r.Status)
		return
	}
	own := e.target.Path
	for _, path := range append([]string{strings.TrimSuffix(own, "/"), own + "socket.io/"}, paths...) {
		if path == own || path == "" {
			continue
		}
		if at, _, err := e.do(ctx, "GET", path+handshake, ""); err == nil {
			_, engine := refused(at.Body)
			if engine || opened(at) != nil {
				advice := fmt.Sprintf("Set path: %q at the client, or the server's path option.", path)
				if !strings.HasSuffix(path, "/") {
					advice = fmt.Sprintf("Set path: %q and addTrailingSlash: false at the client, or let the server answer with a slash at the end, too.", path)
				}
				e.say("handshake", Problem, advice, "%s is answered with %d, but an Engine.IO server answers at %s", own, r.Status, path)
				return
			}
		}
	}
	advice := "Check the path and what the proxy hands on: what answers is no Engine.IO server."
	switch r.Status {
	case 502, 503, 504:
		advice = "Start the server behind the proxy: the proxy answers in its place."
	case 401, 407:
		advice = "Give with -H what the proxy or the server asks for."
	case 426:
		advice = "The server takes WebSockets only at that address: it may be no Socket.IO server."
	}
	e.say("handshake", Problem, advice, "no Engine.IO server: %s is answered with %s%s", e.target.Path, cmpOr(r, nil), behind(r))
}

// settingsFrame is how HTTP/2 begins.
var settingsFrame = regexp.MustCompile(`malformed HTTP response "\\x00\\x00(\\x..|[^\\]|\\[a-z"\\])\\x04`)

// speaksTLS reports whether there is TLS at a port that was taken for one without.
func (e *examination) speaksTLS(ctx context.Context) bool {
	if e.target.Secure {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, patience/2)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // nothing is sent
	conn, err := dialer.DialContext(ctx, "tcp", e.target.Host)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// page reports whether an answer is a web page. Servers send a message as text/html, too.
func page(r *wire.Response) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && strings.HasPrefix(strings.TrimSpace(r.Body), "<")
}

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// shown is the beginning of a body; of a web page it is the title.
func shown(r *wire.Response) string {
	if !page(r) {
		return first(r.Body, 80)
	}
	if t := title.FindStringSubmatch(r.Body); t != nil {
		return fmt.Sprintf("and a web page, %q", first(html.UnescapeString(t[1]), 80))
	}
	return "and a web page"
}

// behind says what answered, as far as the headers tell.
func behind(r *wire.Response) string {
	var seen []string
	for _, name := range []string{"Server", "Via", "X-Powered-By", "Cf-Ray", "X-Cache"} {
		if v := r.Header.Get(name); v != "" {
			seen = append(seen, name+": "+first(v, 60))
		}
	}
	if len(seen) == 0 {
		return ""
	}
	return " (" + strings.Join(seen, ", ") + ")"
}

// idle is how long common proxies and load balancers keep a connection on which nothing happens.
const idle = 60 * time.Second

func (e *examination) times() {
	o := e.open
	says := fmt.Sprintf("a ping every %s, %s for the pong, payloads of %d bytes", o.PingInterval, o.PingTimeout, o.MaxPayload)
	switch {
	case o.PingInterval >= idle-5*time.Second:
		e.say("timings", Note, "Lower pingInterval: common proxies close a connection on which nothing happens for 60 s.", "%s", says)
	case o.PingTimeout < time.Second:
		e.say("timings", Note, "Raise pingTimeout for clients on slow networks: a pong that takes longer ends the session.", "%s", says)
	default:
		e.fine("timings", "%s", says)
	}
}

// upgradable looks whether a session that was opened over polling may move on.
func (e *examination) upgradable() {
	if !slices.Contains(e.open.Upgrades, "websocket") {
		e.say("upgrade", Note, "Allow the transport websocket, and upgrades, at the server: sessions stay on polling.", "the server offers no upgrade to WebSocket")
	}
}

// talks looks whether what the server says comes at once over polling, and whether the main namespace can be joined.
func (e *examination) talks(ctx context.Context) {
	r, _, err := e.do(ctx, "GET", handshake, "")
	open := opened(r)
	if err != nil || open == nil {
		return // said already
	}
	session := handshake + "&sid=" + open.SID
	type polled struct {
		r    *wire.Response
		took time.Duration
		err  error
	}
	poll := make(chan polled, 1)
	go func() {
		r, took, err := e.do(ctx, "GET", session, "")
		poll <- polled{r, took, err}
	}()
	time.Sleep(50 * time.Millisecond) // the poll is to wait before there is anything to say
	begin := time.Now()
	posted, _, err := e.do(ctx, "POST", session, "40", [2]string{"Content-Type", "text/plain;charset=UTF-8"})
	p := <-poll
	took := time.Since(begin)
	if (err != nil || posted.Status != 200) && p.err == nil && p.r.Status == 200 {
		return // said by the look at sticky sessions
	}
	for p.err == nil && p.r.Status == 200 && p.r.Body == "2" { // a ping overtook the answer
		if _, _, err := e.do(ctx, "POST", session, "3"); err != nil {
			break
		}
		p.r, p.took, p.err = e.do(ctx, "GET", session, "")
		took = time.Since(begin)
	}
	defer func() { _, _, _ = e.do(ctx, "POST", session, "1") }()
	switch {
	case p.err != nil:
		e.say("polling", Problem, "Look for a proxy that holds responses back or cuts long requests off: turn its buffering off.", "a poll that waits for the server is not answered: %v", p.err)
	case p.r.Status != 200:
		e.say("polling", Problem, "Look for a proxy that cuts waiting requests off, or for a session that is not sticky.", "a poll that waits for the server is answered with %d %s", p.r.Status, shown(p.r))
	case took > 2*time.Second:
		e.say("polling", Problem, "Turn off the buffering of responses at the proxy.", "what the server says over polling comes after %s", milliseconds(took))
	case strings.Contains(p.r.Body, "44{"):
		e.say("polling", Note, "The application refuses clients of the main namespace: give the auth that it asks for at the client.", "a waiting poll is answered in %s, with %s", milliseconds(took), first(p.r.Body, 120))
	default:
		e.fine("polling", "a waiting poll is answered as soon as there is something to say, in %s: the main namespace can be joined", milliseconds(took))
	}
}

// olderProtocol looks whether clients of Socket.IO 2 could connect.
func (e *examination) olderProtocol(ctx context.Context) {
	r, _, err := e.do(ctx, "GET", "?EIO=3&transport=polling", "")
	if err != nil {
		return
	}
	no, ok := refused(r.Body)
	switch {
	case r.Status == 200:
		e.fine("protocols", "version 4, and version 3 of Socket.IO 2 clients, too")
	case ok && *no.Code == 5:
		e.fine("protocols", "version 4; clients of Socket.IO 2, which speak version 3, are refused (allowEIO3 would let them in)")
	default:
		e.fine("protocols", "version 4; version 3 is answered with %s", cmpOr(r, nil))
	}
}
