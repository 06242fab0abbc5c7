package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// paths at which servers are often found, besides those that the target's own path suggests.
var paths = []string{"/socket.io/", "/socket.io", "/engine.io/", "/", "/ws/", "/api/socket.io/"}

// causePatience is how long to wait for an answer that only helps to find a cause.
const causePatience = 3 * time.Second

const becauseVersion3 = "the server runs Socket.IO 2, whose protocol it does not speak"

var version3 = regexp.MustCompile(`^\d+:0\{`)

// ofVersion3 reports whether a handshake's answer is a payload of protocol version 3, with lengths before its packets.
func ofVersion3(body string) bool { return version3.MatchString(body) }

// cached checks whether something in between answers handshakes from a cache.
func (e *examination) cached(ctx context.Context) bool {
	seen := []string{e.open.SID}
	var r *wire.Response
	for range 2 { // a cache that others fill, too, may give a different one at first
		var err error
		r, _, err = e.do(ctx, "GET", handshake, "")
		open := opened(r)
		if err != nil || open == nil {
			return false
		}
		seen = append(seen, open.SID)
	}
	if slices.Sort(seen); len(slices.Compact(seen)) == 3 {
		return false
	}
	e.cause = "something in between answers its handshake from a cache"
	e.sayWith(e.lines(caching), "cache", Problem, "Turn caching off for that path, at the proxy or the CDN: each handshake must reach the server.",
		"several handshakes got the same session ID: something in between answers from a cache%s", behind(r))
	return true
}

// unanswered says why a handshake is not answered.
func (e *examination) unanswered(ctx context.Context, err error) {
	path := e.target.Path + handshake
	e.cause = fmt.Sprintf("%s is not answered: %s", e.target.Path, first(err.Error(), 80))
	if ctx.Err() == nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)) && e.filtersHost(ctx, "closed") {
		return
	}
	hangs := strings.Contains(err.Error(), "nothing came within")
	if hangs {
		e.cause = fmt.Sprintf("%s is not answered within the %d s that it waits", e.target.Path, int(clientPatience.Seconds()))
		if at := e.engineAt(ctx); at != "" {
			e.say("handshake", Problem, pathAdvice(at), "%s is not answered within %d s, but an Engine.IO server answers at %s", path, int(clientPatience.Seconds()), at)
			return
		}
	}
	e.say("handshake", Problem, "Check whether the server hangs, or whether what listens there speaks HTTP at all.", "%s is not answered: %s", path, first(err.Error(), 160))
}

// elsewhere says what answers instead of an Engine.IO server, and where one is.
func (e *examination) elsewhere(ctx context.Context, r *wire.Response) {
	e.cause = fmt.Sprintf("no Engine.IO server answers at %s, which is answered with %s", e.target.Path, inWords(r, nil))
	if to := r.Header.Get("Location"); to != "" && r.Status/100 == 3 {
		e.cause = "it is redirected to " + first(to, 120)
		e.say("handshake", Problem, "Give clients the address that it redirects to: they do not follow redirects with all that they send.", "the request is redirected to %s", first(to, 200))
		return
	}
	if e.speaksTLS(ctx) {
		e.cause = "the port speaks TLS"
		e.say("handshake", Problem, "Use https:// or wss:// instead.", "the port speaks TLS: plain HTTP is answered with %d", r.Status)
		return
	}
	if e.filtersHost(ctx, "answered with "+inWords(r, nil)) {
		return
	}
	if at := e.engineAt(ctx); at != "" {
		e.cause = fmt.Sprintf("no Engine.IO server answers at %s: one does at %s", e.target.Path, at)
		e.say("handshake", Problem, pathAdvice(at), "%s is answered with %d, but an Engine.IO server answers at %s", e.target.Path, r.Status, at)
		return
	}
	if e.opensOtherWebSocket(ctx, r) {
		return
	}
	advice := "Check the path and what the proxy forwards: no Engine.IO server answers."
	switch r.Status {
	case 502, 503, 504:
		advice = "Start the server behind the proxy: the proxy answers in its place."
	case 401, 407:
		advice = "Give with -H what the proxy or the server asks for."
	case 403, 421:
		advice = "Check the rules of the server or the proxy, also the names that they accept in the Host header: what refuses the request is not an Engine.IO server."
	case 426:
		advice = "The server accepts only WebSockets at that address: it may not be a Socket.IO server."
	}
	e.say("handshake", Problem, advice, "no Engine.IO server: %s is answered with %s%s", e.target.Path, inWords(r, nil), behind(r))
}

func pathAdvice(path string) string {
	if strings.HasSuffix(path, "/") {
		return fmt.Sprintf("Set path: %q at the client, or the server's path option.", path)
	}
	return fmt.Sprintf("Set path: %q and addTrailingSlash: false at the client, or let the server answer with a slash at the end, too.", path)
}

// engineAt returns another path at which an Engine.IO server answers; empty if there is none.
func (e *examination) engineAt(ctx context.Context) string {
	own := e.target.Path
	all := append([]string{strings.TrimSuffix(own, "/"), own + "socket.io/"}, paths...)
	found := make([]bool, len(all))
	var group sync.WaitGroup
	for i, path := range all {
		if path == own || path == "" {
			continue
		}
		group.Go(func() {
			at, _, err := e.doWithin(ctx, causePatience, "GET", path+handshake, "")
			found[i] = err == nil && engine(at)
		})
	}
	group.Wait()
	if i := slices.Index(found, true); i >= 0 {
		return all[i]
	}
	return ""
}

// engine reports whether an answer is an Engine.IO server's.
func engine(r *wire.Response) bool {
	_, is := refused(r.Body)
	return is || opened(r) != nil
}

// filtersHost checks whether the server, or a proxy in front of it, answers only to other names in the Host header.
func (e *examination) filtersHost(ctx context.Context, answer string) bool {
	for _, name := range e.otherNames(ctx) {
		if !e.opensAs(ctx, name) {
			continue
		}
		if e.opensAs(ctx, e.target.Name) || !e.opensAs(ctx, name) { // the name made no difference
			return false
		}
		e.cause = fmt.Sprintf("requests for the host %s are refused, while those for %s are not", e.target.Authority(), name)
		e.say("handshake", Problem, fmt.Sprintf("Use a URL with the server's name, or let the server or the proxy accept %s, too (nginx: server_name).", e.target.Authority()),
			"a filter on the Host header: a handshake with Host: %s is %s, and with Host: %s it opens a session", e.target.Authority(), first(answer, 120), name)
		return true
	}
	return false
}

// opensAs reports whether a handshake with that Host header opens a session.
func (e *examination) opensAs(ctx context.Context, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, causePatience)
	defer cancel()
	t := e.like(true)
	t.Name = name
	r, err := t.Do(ctx, wire.NewRecorder(), wire.Request{Method: "GET", Path: handshake})
	return err == nil && opened(r) != nil
}

// otherNames returns other names that the Host header may have for the same server.
func (e *examination) otherNames(ctx context.Context) (names []string) {
	host, port, _ := net.SplitHostPort(e.target.Host)
	candidates := []string{host}
	if loopback(e.target.Host) {
		candidates = append(candidates, "localhost", net.JoinHostPort("localhost", port), "127.0.0.1", net.JoinHostPort("127.0.0.1", port))
	}
	if e.target.Secure {
		candidates = append(candidates, e.certified(ctx)...)
	}
	for _, name := range candidates {
		if name != e.target.Authority() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// mostNames is how many names of a certificate are tried.
const mostNames = 5

// certified returns the names that the target's certificate is for.
func (e *examination) certified(ctx context.Context) (names []string) {
	ctx, cancel := context.WithTimeout(ctx, causePatience)
	defer cancel()
	for _, name := range certificateNames(ctx, e.target) {
		if !strings.ContainsAny(name, "*\r\n ") && len(names) < mostNames {
			names = append(names, name)
		}
	}
	return names
}

// opensOtherWebSocket checks whether a WebSocket opens even though polling finds no Engine.IO server.
func (e *examination) opensOtherWebSocket(ctx context.Context, r *wire.Response) bool {
	w, _, done, err := e.socket(ctx, handshakeOfSockets, causePatience)
	defer done()
	if err != nil {
		return false
	}
	if packet, err := receive(w); err == nil {
		if _, err := protocol.ParseOpen(packet); err == nil {
			e.d.Reached, e.cause = true, fmt.Sprintf("polling, with which it begins, is answered with %s", inWords(r, nil))
			e.say("handshake", Problem, "Let plain GET and POST requests through to the server, too, or set transports: [\"websocket\"] at the client.",
				"an Engine.IO server answers over WebSocket, but polling is answered with %s%s", inWords(r, nil), behind(r))
			return true
		}
	}
	e.cause = "what answers there is a WebSocket server that does not speak Socket.IO"
	e.say("handshake", Problem, "Use a plain WebSocket client (new WebSocket(url)), or run a Socket.IO server there: the two cannot talk to each other.",
		"a WebSocket opens at %s, but what answers does not speak Engine.IO: polling is answered with %s", e.target.Path, inWords(r, nil))
	return true
}
