package runner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// What discovery looks for besides the abilities of a server.
const (
	application     = "application"      // the conformance application
	echoApplication = "echo application" // that of the official test suites
)

// foreignOrigin is the origin of a page that the target does not serve; its host is a placeholder for a drawn one.
const foreignOrigin = "http://other.example"

// explorer finds out about one target. Each step has its own patience and one of three results: the target offers something,
// refuses it, or neither is seen. Only a refusal proves that something is not there.
type explorer struct {
	config   Config
	target   *wire.Target
	observer *suite.Control
	recorder *wire.Recorder

	mu    sync.Mutex
	found found
}

// explore finds out about one target.
func explore(ctx context.Context, config Config, target *wire.Target, o *suite.Control) found {
	e := &explorer{config: config, target: target, observer: o, recorder: wire.NewRecorder(target)}
	e.found.result = suite.TargetResult{URL: target.URL(), Lacks: map[string]string{}, Unclear: map[string]string{}, Half: map[string]bool{}}
	polling, err := e.polling(ctx)
	tried := polling
	var socket *probeSocket
	if !notConnected(err) { // if not even TCP connects, a WebSocket will not either
		var webSocket string
		if socket, webSocket = e.webSocket(ctx); webSocket != "" {
			tried += "; " + webSocket
		}
	}
	if e.found.open == nil && !e.found.engine {
		e.found.result.Error = tried
		e.found.result.Lacks, e.found.result.Unclear = nil, nil
		e.found.result.Trace = e.recorder.Trace()
		return e.found
	}
	e.upgrade()
	var group sync.WaitGroup
	group.Go(func() { e.crossOrigin(ctx) })
	group.Go(func() { e.application(ctx) })
	group.Go(func() { e.echoes(ctx, socket) })
	group.Wait()
	e.measure(ctx)
	if e.found.info != nil {
		e.found.result.Works = worksUndeclared(ctx, config, target, o, e.found.info, e.recorder)
		e.found.echo = true
		delete(e.found.result.Unclear, echoApplication)
	} else if e.found.echo {
		e.found.result.Found = append(e.found.result.Found, "echo application")
	}
	e.found.result.Trace = e.recorder.Trace()
	return e.found
}

// notConnected reports whether an error means that there was no connection.
func notConnected(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// upgrade concludes from the open packet whether sessions can move from polling to WebSocket.
func (e *explorer) upgrade() {
	r := &e.found.result
	switch {
	case r.Lacks[suite.PollingTransport] != "" || r.Lacks[suite.WebSocketTransport] != "":
		r.Lacks[suite.UpgradeAbility] = "the target offers only one transport"
	case e.found.polling > 0 && !slices.Contains(e.found.upgrades, "websocket"):
		r.Lacks[suite.UpgradeAbility] = "the open packet over polling offers no upgrade to websocket"
	}
}

// limitedTries is how often a step is tried if the answer says that requests are limited.
const limitedTries = 4

// patience returns a context for one step, longer if the target is far away. Its time begins when the run's pace allows the
// step to dial.
func (e *explorer) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	if paced, err := e.target.Await(ctx, ""); err == nil {
		ctx = paced
	}
	e.mu.Lock()
	d := max(e.config.Tolerance.Patience, 10*e.found.polling, 10*e.found.webSocket)
	e.mu.Unlock()
	return context.WithTimeoutCause(ctx, d, unanswered{d})
}

// unanswered is the error of a step that got no answer.
type unanswered struct{ d time.Duration }

func (s unanswered) Error() string {
	return fmt.Sprintf("nothing came within %d ms", s.d.Milliseconds())
}

// word draws a word for a purpose.
func (e *explorer) word(purpose string) string {
	return result.DrawnWord(e.config.Seed, fmt.Sprintf("discovery of %d, %s", e.target.Index, purpose))
}

// note records what a step has found.
func (e *explorer) note(f func(*found)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(&e.found)
}

// polling opens a session over polling. It says what it tried; the error is that of the connection.
func (e *explorer) polling(ctx context.Context) (tried string, err error) {
	var response *wire.Response
	var begun time.Time
	for range limitedTries {
		ctx, cancel := e.patience(ctx)
		begun = time.Now()
		response, err = e.target.Do(ctx, e.recorder, wire.Request{Method: "GET", Path: suite.PollingQuery})
		cancel()
		if err != nil || !response.Limited() {
			break
		}
	}
	what := "GET " + e.target.Path + suite.PollingQuery
	if err != nil {
		tried = fmt.Sprintf("%s: %v", what, err)
		e.found.result.Unclear[suite.PollingTransport] = tried
		return tried, err
	}
	tried = fmt.Sprintf("%s was answered with %d %s", what, response.Status, protocol.Clip(e.target.Redact(response.Body), 200))
	open, problem := protocol.ParseOpen(protocol.ParsePayload(response.Body)[0])
	switch {
	case problem == nil:
		e.found.open, e.found.polling = open, time.Since(begun)
		e.found.result.Found = append(e.found.result.Found, "polling")
		e.found.upgrades = open.Upgrades
	case suite.Refuses(response):
		e.found.result.Lacks[suite.PollingTransport] = tried
	default:
		e.found.result.Unclear[suite.PollingTransport] = tried
		e.found.result.Half[suite.PollingTransport] = !suite.Intermediate(response.Status)
	}
	e.found.engine = looksLikeEngine(response.Body)
	return tried, nil
}

// webSocket opens a session over WebSocket. If it cannot, it says what it tried.
func (e *explorer) webSocket(ctx context.Context) (*probeSocket, string) {
	var socket *wire.WebSocket
	var response *wire.Response
	var err error
	var opening time.Duration
	for range limitedTries {
		asked, cancel := e.patience(ctx)
		begun := time.Now()
		socket, response, err = e.target.Upgrade(asked, e.recorder, suite.WebSocketQuery, nil)
		opening = time.Since(begun)
		cancel()
		if response == nil || !response.Limited() {
			break
		}
	}
	ctx, cancel := e.patience(ctx)
	defer cancel()
	if socket == nil {
		if response != nil && response.Status == http.StatusSwitchingProtocols && e.broken(opening) {
			return nil, ""
		}
		if response == nil {
			tried := fmt.Sprintf("a WebSocket to it: %v", err)
			e.found.result.Unclear[suite.WebSocketTransport] = tried
			return nil, tried
		}
		tried := fmt.Sprintf("a WebSocket to it was answered with %d %s", response.Status, protocol.Clip(e.target.Redact(response.Body), 200))
		e.found.engine = e.found.engine || looksLikeEngine(response.Body)
		if suite.Refuses(response) {
			e.found.result.Lacks[suite.WebSocketTransport] = tried
		} else {
			e.found.result.Unclear[suite.WebSocketTransport] = tried
		}
		return nil, tried
	}
	p := probe(socket)
	packet, err := p.next(ctx)
	var open *protocol.OpenPacket
	if err == nil {
		open, err = protocol.ParseOpen(packet)
	}
	if err != nil {
		ended := p.ended()
		p.Close()
		if (packet != "" || ended && (p.why.Forbidden() || p.why.Code != 0)) && e.broken(opening) {
			return nil, ""
		}
		tried := fmt.Sprintf("a WebSocket to it was opened, but %v", err)
		e.found.result.Unclear[suite.WebSocketTransport], e.found.result.Half[suite.WebSocketTransport] = tried, true
		return nil, tried
	}
	e.found.result.Found = append(e.found.result.Found, "WebSocket")
	if e.found.open == nil {
		e.found.open = open
	}
	if e.found.webSocket = p.roundTrip(ctx); e.found.webSocket == 0 { // the session ended before a pong could come
		e.found.webSocket = opening / openingExchanges
	}
	return p, ""
}

// broken notes that an Engine.IO server offers WebSocket, but breaks the protocol, which the cases judge. It reports whether
// the server is known to be one.
func (e *explorer) broken(opening time.Duration) bool {
	if e.found.open == nil {
		return false
	}
	e.found.result.Found = append(e.found.result.Found, "WebSocket")
	e.found.webSocket = opening / openingExchanges
	return true
}

// openingExchanges is the least number of exchanges that opening a WebSocket takes: one for the connection, one for the
// handshake.
const openingExchanges = 2

// crossOrigin opens a session as a page of another origin, which also gives a second measurement of the time.
func (e *explorer) crossOrigin(ctx context.Context) {
	ctx, cancel := e.patience(ctx)
	defer cancel()
	query, method := suite.PollingQuery, "GET"
	offered := false
	e.note(func(f *found) {
		offered = f.result.Lacks[suite.PollingTransport] == "" && f.result.Unclear[suite.PollingTransport] == ""
	})
	page := result.Drawn(e.config.Seed, foreignOrigin)
	origin := [][2]string{{"Origin", page}}
	begun := time.Now()
	var seen []string
	for _, header := range [][][2]string{origin, append(origin, [2]string{"Access-Control-Request-Method", "POST"})} {
		r, err := e.target.Do(ctx, e.recorder, wire.Request{Method: method, Path: query, Header: header})
		if err != nil {
			e.note(func(f *found) {
				f.result.Unclear[suite.CORSAbility] = fmt.Sprintf("%s %s%s of a page of another origin: %v", method, e.target.Path, query, err)
			})
			return
		}
		if took := time.Since(begun); offered && method == "GET" {
			e.note(func(f *found) { f.polling = min(f.polling, took) })
		}
		if allowsOrigin(r.Header, page) {
			return
		}
		seen = append(seen, method)
		method = "OPTIONS"
	}
	e.note(func(f *found) {
		f.result.Lacks[suite.CORSAbility] = fmt.Sprintf("no answer to %s of a page of %s allows it to read anything", strings.Join(seen, " and "), page)
	})
}

// allowsOrigin reports whether a page of an origin may read an answer with that header.
func allowsOrigin(header http.Header, page string) bool {
	for _, origin := range header.Values("Access-Control-Allow-Origin") {
		if origin == "*" || origin == page {
			return true
		}
	}
	return false
}

// application asks for the conformance application.
func (e *explorer) application(ctx context.Context) {
	info, err := e.info(ctx)
	if err != nil && !errors.Is(err, suite.ErrNoControl) && ctx.Err() == nil {
		info, err = e.info(ctx) // the network may have failed
	}
	e.note(func(f *found) {
		switch {
		case info != nil:
			f.info, f.result.Info = info, info
			f.result.Found = append(f.result.Found, "conformance application")
		case errors.Is(err, suite.ErrNoControl):
			e.recorder.Step("%v", err)
		default:
			f.result.Unclear[application] = err.Error()
			e.recorder.Step("%v", err)
		}
	})
}

func (e *explorer) info(ctx context.Context) (*suite.Info, error) {
	ctx, cancel := e.patience(ctx)
	defer cancel()
	return e.observer.Info(ctx)
}

// echoes finds out whether the main namespace lets the suite in, and whether the echo application of the official test
// suites answers there. A server without it answers nothing, so a CONNECT after the event on the same connection shows when
// the event has been handled.
func (e *explorer) echoes(ctx context.Context, socket *probeSocket) {
	if socket == nil {
		if socket = e.overPolling(ctx); socket == nil {
			return
		}
	}
	defer socket.Close()
	ctx, cancel := e.patience(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, socket.Close)() // ends a write to a target that reads nothing
	unclear := func(err error) {
		e.note(func(f *found) {
			f.result.Unclear[echoApplication] = fmt.Sprintf("it could not be found out whether the echo application answers: %v", err)
		})
	}
	_ = socket.Send(wire.Message{Data: "40" + e.config.Auth})
	for {
		packet, err := socket.next(ctx)
		if err != nil {
			unclear(fmt.Errorf("the CONNECT to the main namespace was not answered: %w", err))
			return
		}
		if strings.HasPrefix(packet, "44") && !strings.HasPrefix(packet, "44/") {
			e.note(func(f *found) { f.result.Lacks[suite.JoiningAbility] = packet })
			return
		}
		if strings.HasPrefix(packet, "40") && !strings.HasPrefix(packet, "40/") {
			break
		}
	}
	text, nowhere := e.word("echo"), "/"+e.word("namespace")
	begun := time.Now()
	_ = socket.Send(wire.Message{Data: fmt.Sprintf(`42["message",%q]`, text)})
	_ = socket.Send(wire.Message{Data: "40" + nowhere + ","})
	acted := false
	for {
		packet, err := socket.next(ctx)
		switch {
		case err != nil && acted:
			return // it had enough time, and did not answer
		case err != nil:
			unclear(err)
			return
		case strings.HasPrefix(packet, "44"+nowhere+","), strings.HasPrefix(packet, "40"+nowhere+","):
			acted = true
			// The application may take longer to answer.
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, max(echoGrace, 2*time.Since(begun)))
			defer cancel()
		case strings.HasPrefix(packet, "42"):
			if p, err := protocol.ParsePacket(packet); err == nil && protocol.SameJSON(p.Data, fmt.Sprintf(`["message-back",%q]`, text)) {
				e.note(func(f *found) { f.echo = true })
				return
			}
		}
	}
}

// echoGrace is how long the echo application may take once its server has handled what came after the event.
const echoGrace = 500 * time.Millisecond

// overPolling opens a session for a target that offers no WebSocket; nil if it cannot.
func (e *explorer) overPolling(ctx context.Context) *probeSocket {
	ctx, cancel := e.patience(ctx)
	defer cancel()
	link, err := suite.DialPolling(ctx, e.target, e.recorder)
	if err != nil {
		e.note(func(f *found) { f.result.Unclear[echoApplication] = err.Error() })
		return nil
	}
	p := probe(link)
	if _, err := p.next(ctx); err != nil { // the open packet
		p.Close()
		return nil
	}
	return p
}
