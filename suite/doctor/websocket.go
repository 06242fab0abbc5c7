package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

const proxyAdvice = "Let the proxy forward the headers Upgrade and Connection, with HTTP/1.1 (nginx: proxy_set_header)."

// socket opens a WebSocket, with a deadline for what follows.
func (e *examination) socket(ctx context.Context, path string, within time.Duration) (*wire.WebSocket, *wire.Response, func(), error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	header := http.Header{}
	if e.cookies != "" {
		header.Set("Cookie", e.cookies)
	}
	w, r, err := e.target.Upgrade(ctx, wire.NewRecorder(), path, header)
	if w == nil {
		cancel()
		return nil, r, func() {}, err
	}
	stop := context.AfterFunc(ctx, w.Break)
	return w, r, func() { stop(); cancel(); w.Close() }, nil
}

// receive waits for a message other than a ping, and answers pings.
func receive(w *wire.WebSocket) (string, error) {
	for {
		m, end := w.Receive()
		if end != nil {
			return "", fmt.Errorf("%v", end)
		}
		if m.Data != "2" {
			return m.Data, nil
		}
		if err := w.Send(wire.Message{Data: "3"}); err != nil {
			return "", err
		}
	}
}

// opensWebSocket checks whether a WebSocket gets through.
func (e *examination) opensWebSocket(ctx context.Context) {
	begin := time.Now()
	w, r, done, err := e.socket(ctx, handshakeOfSockets, patience)
	defer done()
	if w == nil {
		e.noSocket(r, err)
		return
	}
	packet, err := receive(w)
	if err == nil {
		var open *protocol.OpenPacket
		if open, err = protocol.ParseOpen(packet); err == nil && e.open == nil {
			e.open = open
			e.times()
		}
	}
	if err != nil {
		e.say("WebSocket", Problem, "Look for a proxy that opens the WebSocket itself and does not forward what it carries.", "a WebSocket opens, but no open packet comes: %v", err)
		return
	}
	_ = w.Send(wire.Message{Data: e.joins()})
	answer, err := receive(w)
	switch {
	case err != nil:
		e.say("WebSocket", Problem, "Look for a proxy or a firewall that cuts WebSockets off.", "a WebSocket opens, but ends before a packet is answered: %v", err)
	default:
		e.webSocket = true
		e.fine("WebSocket", "it gets through, and packets are answered, in %s: %s", milliseconds(time.Since(begin)), first(answer, 60))
	}
}

// noSocket says why there is no WebSocket.
func (e *examination) noSocket(r *wire.Response, err error) {
	if r == nil && strings.Contains(err.Error(), "refused") {
		e.say("WebSocket", Problem, "Check whether the server still runs: it no longer listens.", "the WebSocket handshake is not answered: %v", err)
		return
	}
	if r == nil {
		e.say("WebSocket", Problem, "Look for a proxy or a firewall that cuts WebSockets off.", "the WebSocket handshake is not answered: %v", err)
		return
	}
	no, engine := refused(r.Body)
	switch {
	case engine && *no.Code == 3:
		e.sayWith(e.lines(upgrading), "WebSocket", Problem, proxyAdvice, "the request reaches the server without its Upgrade header: %s", inWords(r, nil))
	case engine && *no.Code == 0 || strings.Contains(r.Body, "Transport unknown"):
		e.say("WebSocket", Note, "Allow the transport websocket at the server, or set transports: [\"polling\"] at the client.", "the transport websocket is turned off at the server: %s", inWords(r, nil))
	case r.Status == 401 || r.Status == 403 || engine || r.Status == 400 && !page(r): // it has recognised the WebSocket
		e.say("WebSocket", Problem, "Look at the server's allowRequest and at the proxy's rules, and give with -H what they ask for.", "the WebSocket handshake is refused: %s%s", inWords(r, nil), behind(r))
	default:
		e.sayWith(e.lines(upgrading), "WebSocket", Problem, proxyAdvice, "the WebSocket handshake is answered with %s%s", inWords(r, nil), behind(r))
	}
}

// upgrades checks whether a session moves from polling to WebSocket.
func (e *examination) upgrades(ctx context.Context) {
	begin := time.Now()
	r, _, err := e.do(ctx, "GET", handshake, "")
	open := opened(r)
	if err != nil || open == nil {
		return // said already
	}
	w, r, done, err := e.socket(ctx, handshakeOfSockets+"&sid="+wire.Escaped(open.SID), patience)
	defer done()
	if w == nil {
		advice := "Look at the log of the server or the proxy for this request: WebSockets without a session get through."
		if r != nil && strings.Contains(r.Body, "Session ID unknown") {
			advice = "Turn on sticky sessions at the load balancer: the WebSocket reached a server other than the session's."
		}
		e.say("upgrade", Problem, advice, "the WebSocket of a session is not opened: %v", inWords(r, err))
		return
	}
	var answer string
	err = w.Send(wire.Message{Data: "2probe"})
	if err == nil {
		answer, err = receive(w)
	}
	if err != nil || answer != "3probe" {
		e.say("upgrade", Problem, "Look at the server: the probe of an upgrade must be answered with 3probe.", "the probe is answered with %q %v", first(answer, 60), text(err))
		return
	}
	if err = w.Send(wire.Message{Data: "5"}); err == nil {
		if err = w.Send(wire.Message{Data: e.joins()}); err == nil {
			answer, err = receive(w)
		}
	}
	if err != nil {
		e.say("upgrade", Problem, "Look at the server's log: the session did not survive its upgrade.", "after the upgrade no packet is answered: %v", err)
		return
	}
	e.fine("upgrade", "a session moves from polling to WebSocket and continues there, in %s: %s", milliseconds(time.Since(begin)), first(answer, 60))
}

// inWords returns a response in words, or the error if there is none.
func inWords(r *wire.Response, err error) string {
	if r != nil {
		return strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, shown(r)))
	}
	return text(err)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
