package doctor

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"example.test/conformance/suite/wire"
)

// ProxyLines are lines for a proxy's configuration that implement an advice.
type ProxyLines struct {
	Proxy string   `json:"proxy"`
	Lines []string `json:"lines"` // at most two
}

// subject is a subject of advice for proxies.
type subject int

const (
	upgrading subject = iota
	stickiness
	idling
	bodies
	buffering
	caching
)

// Placeholders in the lines: a time in seconds, a size in bytes, and the Engine.IO path.
const (
	inSeconds = "SECONDS"
	inBytes   = "BYTES"
	atPath    = "PATH"
)

// proxyLines are the lines for each proxy. The reader fills in BACKEND and NAME.
var proxyLines = map[subject][]ProxyLines{
	upgrading: {
		{"nginx", []string{`proxy_http_version 1.1; proxy_set_header Host $http_host;`, `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`}},
		{"HAProxy", []string{`# in mode http it forwards Upgrade by itself: remove rules such as`, `http-request del-header Upgrade`}},
		{"Caddy", []string{`# reverse_proxy forwards Upgrade by itself: remove lines such as`, `header_up -Upgrade`}},
		{"Apache", []string{`# with mod_proxy, mod_proxy_http and mod_proxy_wstunnel of 2.4.47 or later`, `ProxyPass "PATH" "http://BACKEND/PATH" upgrade=websocket`}},
		{"Traefik", []string{`# it forwards Upgrade by itself: remove middlewares such as`, `traefik.http.middlewares.NAME.headers.customrequestheaders.Upgrade=`}},
	},
	stickiness: {
		{"nginx", []string{`# in the upstream block, before its servers`, `ip_hash;`}},
		{"HAProxy", []string{`balance source`, `hash-type consistent`}},
		{"Caddy", []string{`# in the block of reverse_proxy`, `lb_policy ip_hash`}},
		{"Apache", []string{`Header add Set-Cookie "ROUTE=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED`, `ProxySet "balancer://NAME" stickysession=ROUTE`}},
		{"Traefik", []string{`traefik.http.services.NAME.loadbalancer.sticky.cookie=true`, `# and withCredentials: true at the client`}},
	},
	idling: {
		{"nginx", []string{`proxy_read_timeout SECONDSs;`, `proxy_send_timeout SECONDSs;`}},
		{"HAProxy", []string{`timeout server SECONDSs`, `timeout tunnel SECONDSs`}},
		{"Caddy", []string{`# in transport http of reverse_proxy`, `response_header_timeout SECONDSs`}},
		{"Apache", []string{`Timeout SECONDS`, `ProxyTimeout SECONDS`}},
		{"Traefik", []string{`--entryPoints.NAME.transport.respondingTimeouts.readTimeout=SECONDSs`, `--serversTransport.forwardingTimeouts.responseHeaderTimeout=SECONDSs`}},
	},
	bodies: {
		{"nginx", []string{`# in the server or location`, `client_max_body_size BYTES;`}},
		{"HAProxy", []string{`# it has no limit of its own: raise the number in rules such as`, `http-request deny deny_status 413 if { req.body_size gt BYTES }`}},
		{"Caddy", []string{`# in the block of request_body`, `max_size BYTES`}},
		{"Apache", []string{`# LimitRequestBody does not apply to proxied requests: raise the number in rules such as`, `SecRequestBodyLimit BYTES`}},
		{"Traefik", []string{`# it has no limit of its own: raise the number in middlewares such as`, `traefik.http.middlewares.NAME.buffering.maxRequestBodyBytes=BYTES`}},
	},
	buffering: {
		{"nginx", []string{`# in the location`, `proxy_buffering off;`}},
		{"HAProxy", []string{`# it holds no response back by itself: remove`, `filter compression`}},
		{"Caddy", []string{`# in the block of reverse_proxy`, `flush_interval -1`}},
		{"Apache", []string{`# as a parameter of ProxyPass`, `flushpackets=on`}},
		{"Traefik", []string{`# it holds no response back by itself: remove the middleware`, `traefik.http.middlewares.NAME.buffering`}},
	},
	caching: {
		{"nginx", []string{`# in the location of PATH`, `proxy_cache off;`}},
		{"HAProxy", []string{`# except the path from the rule`, `http-request cache-use NAME unless { path_beg PATH }`}},
		{"Caddy", []string{`# it caches only with plug-ins: exclude the path from them`, `@cached not path PATH*`}},
		{"Apache", []string{`# in the server`, `CacheDisable "PATH"`}},
		{"Traefik", []string{`# it caches only with plug-ins: give the router of PATH none`, `traefik.http.routers.NAME.middlewares=`}},
	},
}

// lines returns the lines on one subject, for the proxy that was recognised or for all.
func (e *examination) lines(about subject) []ProxyLines {
	size, wait := int64(1_000_000), 90*time.Second
	if e.open != nil {
		size = cmp.Or(e.open.MaxPayload, size)
		wait = max(wait, e.open.PingInterval+e.open.PingTimeout)
	}
	fill := strings.NewReplacer("/"+atPath, e.target.Path, inSeconds, fmt.Sprint(int(wait.Seconds())), inBytes, fmt.Sprint(size), atPath, e.target.Path)
	var all []ProxyLines
	for _, one := range proxyLines[about] {
		if e.proxy != "" && one.Proxy != e.proxy {
			continue
		}
		filled := ProxyLines{Proxy: one.Proxy}
		for _, line := range one.Lines {
			filled.Lines = append(filled.Lines, fill.Replace(line))
		}
		all = append(all, filled)
	}
	return all
}

// recognised returns the proxy that answers, according to its headers; empty if they do not say.
func recognised(r *wire.Response) string {
	if r == nil {
		return ""
	}
	said := strings.ToLower(r.Header.Get("Server") + " " + r.Header.Get("Via"))
	for word, proxy := range map[string]string{"nginx": "nginx", "openresty": "nginx", "caddy": "Caddy", "apache": "Apache"} {
		if strings.Contains(said, word) {
			return proxy
		}
	}
	return ""
}
