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

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

const handshake = "?EIO=4&transport=polling"

// refusal is an error answer of Engine.IO.
type refusal struct {
	Code    *int
	Message string
}

func refused(body string) (r refusal, ok bool) {
	return r, json.Unmarshal([]byte(body), &r) == nil && r.Code != nil
}

func opened(r *wire.Response) *protocol.OpenPacket {
	if r == nil || r.Status != 200 {
		return nil
	}
	open, err := protocol.ParseOpen(protocol.ParsePayload(r.Body)[0])
	if err != nil {
		return nil
	}
	return open
}

// answers checks for an Engine.IO server. It reports whether sessions open over polling.
func (e *examination) answers(ctx context.Context) bool {
	r, took, err := e.doWithin(ctx, clientPatience, "GET", handshake, "")
	if err == nil && (r.Status == 502 || r.Status == 503 || r.Status == 504) { // a server may be starting; clients try again, too
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
		r, took, err = e.doWithin(ctx, clientPatience, "GET", handshake, "")
	}
	e.proxy = recognised(r)
	if err != nil && e.speaksTLS(ctx) {
		e.cause = "the port speaks TLS"
		e.say("handshake", Problem, "Use https:// or wss:// instead.", "the port speaks TLS: plain HTTP is not answered")
		return false
	}
	if err != nil && settingsFrame.MatchString(err.Error()) {
		e.cause = "what listens there speaks only HTTP/2"
		e.say("handshake", Problem, "Let the server or the proxy speak HTTP/1.1 there, too: WebSockets and most clients need it.", "what listens there speaks only HTTP/2")
		return false
	}
	if err != nil {
		e.unanswered(ctx, err)
		return false
	}
	if ofVersion3(r.Body) {
		e.d.Reached, e.cause = true, becauseVersion3
		e.say("handshake", Problem, "Update the server to Socket.IO 3 or later (allowEIO3: true lets older clients in, too), or use socket.io-client 2.",
			"a Socket.IO 2 server answers, with protocol version 3: %s", first(r.Body, 60))
		return false
	}
	if e.open = opened(r); e.open != nil {
		e.d.Reached = true
		e.fine("handshake", "an Engine.IO server opens a session over polling, in %s%s", milliseconds(took), behind(r))
		e.times()
		e.upgradable()
		return !e.cached(ctx)
	}
	if no, ok := refused(r.Body); ok {
		e.d.Reached = true
		switch *no.Code {
		case 0:
			e.cause = "polling, with which it begins, is turned off at the server"
			e.say("handshake", Problem, "Set transports: [\"websocket\"] at the client, or allow polling at the server: clients begin with polling unless they are told otherwise.", "polling is turned off at the server: %q", no.Message)
		case 4:
			if e.filtersHost(ctx, inWords(r, nil)) {
				return false
			}
			e.cause = fmt.Sprintf("the server's application refuses it, with %d %q", r.Status, first(no.Message, 80))
			e.say("handshake", Problem, "Look at the server's allowRequest, and give with -H what it asks for.", "the application refuses the handshake: %d %q", r.Status, no.Message)
		case 5:
			e.cause = "the server does not speak protocol version 4"
			e.say("handshake", Problem, "Use a client of the server's protocol version, or update the server: Socket.IO 3 and later speak version 4.", "the server does not speak protocol version 4: %q", no.Message)
		default:
			e.cause = fmt.Sprintf("the handshake is refused with code %d, %q", *no.Code, first(no.Message, 80))
			e.say("handshake", Problem, "The message is the server's: look at its log for the request.", "the handshake is refused with code %d, %q", *no.Code, no.Message)
		}
		return false
	}
	e.elsewhere(ctx, r)
	return false
}

// settingsFrame matches the beginning of HTTP/2.
var settingsFrame = regexp.MustCompile(`malformed HTTP response "\\x00\\x00(\\x..|[^\\]|\\[a-z"\\])\\x04`)

// speaksTLS reports whether a port that was assumed to be plain speaks TLS.
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

// page reports whether an answer is a web page. Servers also send plain messages as text/html.
func page(r *wire.Response) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && strings.HasPrefix(strings.TrimSpace(r.Body), "<")
}

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// shown returns the beginning of a body or, for a web page, its title.
func shown(r *wire.Response) string {
	if !page(r) {
		return first(r.Body, 80)
	}
	if t := title.FindStringSubmatch(r.Body); t != nil {
		return fmt.Sprintf("and a web page, %q", first(html.UnescapeString(t[1]), 80))
	}
	return "and a web page"
}

// behind says what answered, according to the headers.
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

// idle is how long common proxies and load balancers keep an idle connection.
const idle = 60 * time.Second

func (e *examination) times() {
	o := e.open
	says := fmt.Sprintf("a ping every %s, %s for the pong, payloads of %d bytes", o.PingInterval, o.PingTimeout, o.MaxPayload)
	switch {
	case o.PingInterval >= idle-5*time.Second:
		e.say("timings", Note, "Lower pingInterval: common proxies close connections that are idle for 60 s.", "%s", says)
	case o.PingTimeout < time.Second:
		e.say("timings", Note, "Raise pingTimeout for clients on slow networks: a pong that takes longer ends the session.", "%s", says)
	default:
		e.fine("timings", "%s", says)
	}
}

// upgradable checks whether a session opened over polling may be upgraded.
func (e *examination) upgradable() {
	if !slices.Contains(e.open.Upgrades, "websocket") {
		e.say("upgrade", Note, "Allow the transport websocket, and upgrades, at the server: sessions stay on polling.", "the server offers no upgrade to WebSocket")
	}
}

// talks checks whether messages from the server come at once over polling, and whether the namespace can be joined.
func (e *examination) talks(ctx context.Context) {
	r, _, err := e.do(ctx, "GET", handshake, "")
	open := opened(r)
	if err != nil || open == nil {
		return // said already
	}
	session := handshake + "&sid=" + wire.Escaped(open.SID)
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
	time.Sleep(50 * time.Millisecond) // the poll must be waiting before there is a message
	begin := time.Now()
	posted, _, err := e.do(ctx, "POST", session, e.joins(), [2]string{"Content-Type", "text/plain;charset=UTF-8"})
	p := <-poll
	took := time.Since(begin)
	if (err != nil || posted.Status != 200) && p.err == nil && p.r.Status == 200 {
		return // the check of sticky sessions says so
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
		e.sayWith(e.lines(buffering), "polling", Problem, "Turn off the buffering of responses at the proxy.", "messages from the server over polling arrive after %s", milliseconds(took))
	case refusesNamespace(p.r.Body):
		advice := "The server's application refuses clients of that namespace (its middleware): give the auth that it asks for at the client, and here with --auth."
		if strings.Contains(p.r.Body, "Invalid namespace") {
			advice = "Check the namespace's name at the client: the server's application has none of that name."
		}
		e.say("namespace", Problem, advice, "a waiting poll is answered in %s, and the namespace %s cannot be joined: %s", milliseconds(took), e.namespace(), first(p.r.Body, 120))
	default:
		e.fine("polling", "a waiting poll is answered as soon as there is something to say, in %s: the namespace %s can be joined", milliseconds(took), e.namespace())
	}
}

// refusesNamespace reports whether a payload holds a CONNECT_ERROR packet.
func refusesNamespace(payload string) bool {
	return slices.ContainsFunc(protocol.ParsePayload(payload), func(packet string) bool { return strings.HasPrefix(packet, "44") })
}

// olderProtocol checks whether Socket.IO 2 clients could connect.
func (e *examination) olderProtocol(ctx context.Context) {
	r, _, err := e.do(ctx, "GET", "?EIO=3&transport=polling", "")
	if err != nil {
		return
	}
	no, ok := refused(r.Body)
	switch {
	case r.Status == 200 && ofVersion3(r.Body):
		e.fine("protocols", "version 4, and version 3 of Socket.IO 2 clients, too")
	case opened(r) != nil:
		e.say("protocols", Note, "Refuse the requests of clients of Socket.IO 2, or serve their protocol: they do not understand the answer.",
			"version 4; a request of version 3 opens a session of version 4 all the same")
	case ok && *no.Code == 5:
		e.fine("protocols", "version 4; clients of Socket.IO 2, which speak version 3, are refused (allowEIO3 would let them in)")
	default:
		e.fine("protocols", "version 4; version 3 is answered with %s", inWords(r, nil))
	}
}
