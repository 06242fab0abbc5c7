package suite

import (
	"net/url"
	"strings"

	"example.test/conformance/suite/protocol"
)

// Requires ends the case if the run leaves out an ability (the case is then inapplicable), or if the target does not offer
// it (the case is then unverified, and the reason names the flag that leaves it out).
func (t *T) Requires(ability string, given ...Option) { t.requires(t.options(given).target, ability) }

func (t *T) requires(target int, name string) {
	if why := t.env.leavesOut(name); why != "" {
		t.Inapplicable("%s", why)
	}
	c := t.env.Capabilities
	half := target < len(c.Targets) && c.Targets[target].Half[name] && t.it.Shows != ""
	if why := c.Lacks(target, name); why != "" && !half {
		t.Unverified("%s", why)
	}
	if target >= len(c.Targets) {
		return
	}
	if far := c.Targets[target].TooFar[name]; far != "" {
		if t.it.Longest(c.Timings) >= c.Timings.PingInterval {
			t.Unverified("%s", far)
		}
		t.mu.Lock()
		t.distant = far
		t.mu.Unlock()
	}
}

// requiresFor ends the case if a request asks for a transport that the target does not offer: its answer would not be the
// one that the case is about.
func (t *T) requiresFor(target int, path string) {
	_, text, found := strings.Cut(path, "?")
	if !found {
		return
	}
	query, err := url.ParseQuery(text)
	if err != nil {
		return
	}
	for _, transport := range query["transport"] {
		if transport != PollingTransport && transport != WebSocketTransport {
			continue
		}
		t.requires(target, transport)
		if sid := query.Get("sid"); transport == WebSocketTransport && sid != "" && t.polls(sid) {
			t.requires(target, UpgradeAbility)
		}
	}
}

// opened notes a session that the case opened over polling.
func (t *T) opened(sid string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.polling == nil {
		t.polling = map[string]bool{}
	}
	t.polling[sid] = true
}

// polls reports whether the case opened the session over polling.
func (t *T) polls(sid string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.polling[sid]
}

// withAuth ends the case if a packet asks to join the main namespace and the target refuses the suite there. It returns the
// packet, with the payload of --auth if it has none.
func (t *T) withAuth(target int, packet string) string {
	if packet == "40" || strings.HasPrefix(packet, `40{"`) {
		t.requires(target, JoiningAbility)
	}
	auth := t.env.Auth
	if auth == "" {
		return packet
	}
	packets := strings.Split(packet, protocol.Separator)
	for i, one := range packets {
		if one == "40" || strings.HasPrefix(one, "40/") && strings.Count(one, ",") == 1 && strings.HasSuffix(one, ",") {
			packets[i] += auth
		}
	}
	return strings.Join(packets, protocol.Separator)
}

// SendsNoAuth ends a case about CONNECTs without data if the run sends data with every CONNECT.
func (t *T) SendsNoAuth() {
	if t.env.Auth != "" {
		t.Inapplicable("the run sends data with every CONNECT (--auth), and the case is about one without")
	}
}
