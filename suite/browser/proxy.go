package browser

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"

	_ "embed"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// page is what the browser loads. It holds the client under test and reports everything that it sees.
//
//go:embed page.html
var page string

// proxy serves the page on loopback, and forwards everything else unchanged to the target, on recorded connections. So the
// page has the target's own origin, without CORS, and the run's headers and certificate authorities apply.
type proxy struct {
	target   *wire.Target
	recorder *wire.Recorder
	client   *suite.ClientBundle
	server   *http.Server
	origin   string // of the page
}

func openProxy(target *wire.Target, recorder *wire.Recorder, client *suite.ClientBundle) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &proxy{target: target, recorder: recorder, client: client, origin: "http://" + listener.Addr().String()}
	silent := log.New(io.Discard, "", 0)
	engine := &httputil.ReverseProxy{
		Rewrite: g.rewrite, Transport: g, ErrorLog: silent, FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		path, _ := url.PathUnescape(target.Path)
		_, _ = io.WriteString(w, strings.ReplaceAll(page, "ENGINE_PATH", strconv.Quote(path)))
	})
	mux.HandleFunc("GET /client.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(client.Script)
	})
	g.server = &http.Server{ErrorLog: silent, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), strings.TrimSuffix(target.Path, "/")) {
			engine.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})}
	go func() { _ = g.server.Serve(listener) }()
	return g, nil
}

func (g *proxy) close() { _ = g.server.Close() }

// rewrite gives a request of the page the target's own origin.
func (g *proxy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", g.target.Host, g.target.Authority() // the connection does TLS
	for name, values := range g.target.Header {
		r.Out.Header[name] = values
	}
	scheme := "http://"
	if g.target.Secure {
		scheme = "https://"
	}
	for _, name := range []string{"Origin", "Referer"} {
		if value := r.In.Header.Get(name); value != "" {
			r.Out.Header.Set(name, strings.Replace(value, g.origin, scheme+g.target.Host, 1))
		}
	}
	if r.In.Method == http.MethodPost {
		body, err := io.ReadAll(io.LimitReader(r.In.Body, wire.MaxBody))
		r.Out.Body, r.Out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		if err == nil && holdsClose(string(body)) {
			g.ended(wire.ByClient, wire.WithPacket)
		}
	}
}

// RoundTrip sends one request on a recorded connection of its own.
func (g *proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	upgrade := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	once := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if upgrade {
				return g.target.DialWebSocket(ctx, g.recorder)
			}
			return g.target.Dial(ctx, g.recorder, "http")
		},
	}
	response, err := once.RoundTrip(r)
	if err != nil || upgrade {
		return response, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxBody))
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if r.Method == http.MethodGet && r.URL.Query().Get("transport") == "polling" {
		switch {
		case holdsClose(string(body)):
			g.ended(wire.ByServer, wire.WithPacket)
		case response.StatusCode == http.StatusBadRequest:
			g.ended(wire.ByServer, wire.WithRefusal)
		}
	}
	return response, nil
}

// ended records who ended the session, and how.
func (g *proxy) ended(by wire.Party, with wire.How) {
	g.recorder.Add(wire.Event{Target: g.target.Index, Session: &wire.SessionEnd{By: by, With: with}})
}

// holdsClose reports whether a payload holds the packet that closes the session.
func holdsClose(payload string) bool {
	for _, packet := range protocol.ParsePayload(payload) {
		if packet == "1" {
			return true
		}
	}
	return false
}
