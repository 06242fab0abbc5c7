package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// User agents of the official client's polling requests in Node and in a browser: some filters depend on them.
const (
	agentOfNode    = "node-XMLHttpRequest"
	agentOfBrowser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

// tries runs the official client in Node and, if an origin was given, on a page of that origin.
func (e *examination) tries(ctx context.Context) {
	var group sync.WaitGroup
	for _, client := range e.d.Clients {
		if client.Because == "" {
			group.Go(func() { e.try(ctx, client) })
		}
	}
	group.Wait()
	for _, client := range e.d.Clients {
		if client.Because != "" && !client.Connects && e.cause != "" {
			client.Because = e.cause
		}
	}
}

func (e *examination) try(ctx context.Context, client *Client) {
	c := &trial{result: client, joins: e.joins(), ns: e.namespace()}
	if client.Origin == "" {
		c.inNode(e)
		if e.untrusted(ctx) != "" {
			client.With = "rejectUnauthorized: false"
		}
	} else if client.Because = e.onPage(ctx, c, client.Origin); client.Because != "" {
		return
	}
	c.run(ctx)
	if client.Stays && e.lost && (c.jar == nil || !e.held) { // it was lucky
		client.Connects, client.Stays, client.Because = false, false, "its requests do not all reach the server that opened its session"
	}
}

// namespace returns the namespace that the client joins.
func (e *examination) namespace() string {
	if e.options.Namespace == "" {
		return "/"
	}
	return e.options.Namespace
}

func (c *trial) inNode(e *examination) {
	c.target, c.socket = e.target, http.Header{}
	if e.target.Header.Get("User-Agent") == "" {
		c.header = [][2]string{{"User-Agent", agentOfNode}}
	}
}

// safelisted headers may be set by a page of another origin without a preflight.
var safelisted = []string{"Accept", "Accept-Language", "Content-Language"}

// notByPages are headers that browsers do not let a page set.
var notByPages = []string{"Cookie", "Host", "Origin", "Referer", "Connection", "Content-Length", "Date", "Expect", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Keep-Alive", "Dnt", "Accept-Charset", "Accept-Encoding"}

// onPage makes the trial a client on a page. It returns why the browser does not let it send anything.
func (e *examination) onPage(ctx context.Context, c *trial, origin string) string {
	own := originOf(e.target) == origin
	if why := blocked(e.target, origin); why != "" {
		return why
	}
	c.target = e.like(false)
	c.target.Name = "" // a page cannot set it
	c.socket = http.Header{"Origin": {origin}, "User-Agent": {agentOfBrowser}}
	c.header = [][2]string{{"User-Agent", agentOfBrowser}}
	var asked []string
	for name, values := range e.target.Header {
		if slices.Contains(notByPages, name) || name == "User-Agent" {
			continue
		}
		for _, value := range values {
			c.header = append(c.header, [2]string{name, value})
		}
		if !slices.Contains(safelisted, name) {
			asked = append(asked, strings.ToLower(name))
		}
	}
	if own {
		c.jar = &jar{all: map[string]string{}}
		return e.untrusted(ctx)
	}
	c.header = append(c.header, [2]string{"Origin", origin})
	c.reads = func(r *wire.Response) string { return hidden(r.Header, origin) }
	if why := e.untrusted(ctx); why != "" || len(asked) == 0 {
		return why
	}
	slices.Sort(asked)
	return e.preflight(ctx, origin, asked)
}

// blocked says why a browser does not let a page of that origin send anything to a target; empty if it does.
func blocked(t *wire.Target, origin string) string {
	if strings.HasPrefix(origin, "https:") && !t.Secure && !loopback(t.Host) {
		return "browsers do not let an https page send requests to http"
	}
	return ""
}

// hidden says why a browser does not show an answer to a page of that origin.
func hidden(h http.Header, origin string) string {
	allowed := h.Values("Access-Control-Allow-Origin")
	switch {
	case len(allowed) == 0:
		return "the server's answers allow no page of another origin: they have no Access-Control-Allow-Origin (CORS)"
	case len(allowed) > 1 || strings.Contains(allowed[0], ","):
		return "Access-Control-Allow-Origin is set twice, which browsers refuse (CORS)"
	case allowed[0] != "*" && allowed[0] != origin:
		return fmt.Sprintf("the server allows only pages of %s (CORS)", first(allowed[0], 80))
	}
	return ""
}

// preflight asks, as browsers do, whether a page may send those headers. If not, it returns why.
func (e *examination) preflight(ctx context.Context, origin string, headers []string) string {
	ctx, cancel := context.WithTimeout(ctx, clientPatience)
	defer cancel()
	r, err := e.like(false).Do(ctx, wire.NewRecorder(), wire.Request{Method: "OPTIONS", Path: handshake, Header: [][2]string{
		{"Origin", origin}, {"Access-Control-Request-Method", "GET"}, {"Access-Control-Request-Headers", strings.Join(headers, ",")},
		{"User-Agent", agentOfBrowser},
	}})
	if err != nil {
		return "the preflight request for its headers is not answered: " + first(err.Error(), 120)
	}
	if why := hidden(r.Header, origin); why != "" || r.Status/100 != 2 {
		if why == "" {
			why = fmt.Sprintf("it is answered with %d", r.Status)
		}
		return "the preflight request for its headers is not allowed: " + why
	}
	var allowed []string
	for _, name := range strings.Split(strings.Join(r.Header.Values("Access-Control-Allow-Headers"), ","), ",") {
		allowed = append(allowed, strings.ToLower(strings.TrimSpace(name)))
	}
	for _, name := range headers {
		if !slices.Contains(allowed, name) && (!slices.Contains(allowed, "*") || name == "authorization") {
			return fmt.Sprintf("the server does not let pages of other origins set the header %s (CORS)", name)
		}
	}
	return ""
}

// untrusted says why a browser does not trust the target's certificate, if the examination does not verify it.
func (e *examination) untrusted(ctx context.Context) string {
	if !e.target.Secure || e.target.TLS == nil || !e.target.TLS.InsecureSkipVerify {
		return ""
	}
	t := e.like(false)
	t.TLS = t.TLS.Clone()
	t.TLS.InsecureSkipVerify = false
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := t.Dial(ctx, wire.NewRecorder(), wire.KindTCP)
	if err != nil {
		return "browsers do not trust its certificate: " + first(err.Error(), 120)
	}
	conn.Close()
	return ""
}

// like returns a copy of the examined target, with or without its headers.
func (e *examination) like(headers bool) *wire.Target {
	t, err := wire.ParseTarget(e.target.URL())
	if err != nil { // it was parsed before
		panic(err)
	}
	t.TLS, t.Query, t.Agent, t.Name = e.target.TLS, e.target.Query, e.target.Agent, e.target.Name
	t.Budget, t.Pace, t.MaxPayload = e.target.Budget, e.target.Pace, e.target.MaxPayload
	if headers {
		t.Header = e.target.Header
	}
	return t
}

// ParseOrigin reads the origin of a page: a scheme and a host, such as https://example.org, or null.
func ParseOrigin(raw string) (string, error) {
	if raw == "null" {
		return raw, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q is not an origin: give scheme and host, such as https://example.org", first(wire.WithoutSecretQuery(wire.WithoutUser(raw)), 120))
	}
	return origin(u.Scheme, u.Hostname(), u.Port()), nil
}

// originOf returns the origin of the pages that a target serves.
func originOf(t *wire.Target) string {
	host, port, _ := net.SplitHostPort(t.Host)
	if t.Secure {
		return origin("https", host, port)
	}
	return origin("http", host, port)
}

func origin(scheme, host, port string) string {
	host = strings.ToLower(host)
	switch {
	case port != "" && (scheme != "http" || port != "80") && (scheme != "https" || port != "443"):
		return scheme + "://" + net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return scheme + "://[" + host + "]"
	}
	return scheme + "://" + host
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// jar keeps the cookies of a page of the target's own origin. A nil jar keeps none.
type jar struct {
	mu  sync.Mutex
	all map[string]string
}

func (j *jar) keeps(r *wire.Response) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range r.Header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			continue
		}
		if cookie.MaxAge < 0 || !cookie.Expires.IsZero() && cookie.Expires.Before(time.Now()) {
			delete(j.all, cookie.Name)
			continue
		}
		j.all[cookie.Name] = cookie.Value
	}
}

// sends returns the Cookie header of the next request.
func (j *jar) sends() string {
	if j == nil {
		return ""
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var pairs []string
	for name, value := range j.all {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "; ")
}
