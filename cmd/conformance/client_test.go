package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/browser/chromium"
)

// hurts lists rules whose violation makes the official client fail or lose data, including those that bind only for that
// reason: the scenario, a fault of that rule, and what the client's application then sees. Without the fault all is well.
var hurts = []struct {
	rule, fault string
	scenario    string // of fixtures/node/witness.js, or inAPage
	says        string
}{
	{"engine.io/12", "handshake/extra-parameters-refused", "parameters", "it cannot connect"},
	{"socket.io/139", "connect/timeout-goes-on", "elsewhere", "it lost its connection"},
	{"socket.io/139", "connect/timeout-goes-on-in-other-namespaces", "elsewhere", "it lost its connection"},
	{"socket.io/187", "disconnect/server-closes-untold", "away", "came back by itself"},
	{"socket.io/135", "connect/empty-refusal-ignored", "refused", "told that it is connected"},
	{"announcement/51", "headers/cors-on-handshakes-only", inAPage, "it cannot connect, or lost its connection"},
}

const inAPage = "a page of another origin"

// otherwiseShown are rules with that basis whose cases run the official client itself.
var otherwiseShown = []string{"announcement/91"}

// TestOfficialClientIsHurt shows, for each rule whose basis is the official client, how breaking it hurts the client.
func TestOfficialClientIsHurt(t *testing.T) {
	t.Parallel()
	fixtures.Require(t, fixtures.Node)
	for _, one := range hurts {
		t.Run(one.rule+" "+strings.ReplaceAll(one.fault, "/", " "), func(t *testing.T) {
			t.Parallel()
			broken, found := fault.Find(one.fault)
			if !found || broken.Breaks != one.rule {
				t.Fatalf("%s does not break %s", one.fault, one.rule)
			}
			if said := witnessed(t, one.scenario, application.Options{}); !strings.HasPrefix(said, "well: ") {
				t.Errorf("without a fault, got %q", said)
			}
			var options application.Options
			broken.Apply(&options)
			if said := witnessed(t, one.scenario, options); !strings.HasPrefix(said, "hurt: ") || !strings.Contains(said, one.says) {
				t.Errorf("with the fault, got %q, want %q", said, one.says)
			}
		})
	}
}

// Each rule with that basis is shown, and those listed as shown otherwise have that basis.
func TestRulesOfTheClientAreShown(t *testing.T) {
	of := map[string]bool{}
	for _, rule := range suite.AllRules() {
		of[rule.ID] = rule.Basis == suite.ByClient
		shown := slices.Contains(otherwiseShown, rule.ID)
		for _, one := range hurts {
			shown = shown || one.rule == rule.ID
		}
		if of[rule.ID] && !shown {
			t.Errorf("%s binds because of the official client, but no row shows how it is hurt", rule.ID)
		}
	}
	for _, id := range otherwiseShown {
		if !of[id] {
			t.Errorf("%s does not have that basis", id)
		}
	}
}

// witnessed returns what the client says about a server with those options.
func witnessed(t *testing.T, scenario string, options application.Options) string {
	t.Helper()
	options.PingTimeout = 2 * time.Second // the machine may be busy
	cluster, err := application.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cluster.Close(context.Background()) }()
	if scenario == inAPage {
		return witnessedInAPage(t, cluster.URLs()[0])
	}
	return strings.TrimSpace(fixtures.NodeScript(t, "witness.js", cluster.URLs()[0], scenario))
}

// witnessPage connects only over polling, and says whether an echo came.
const witnessPage = `<!doctype html><script src="/client.js"></script><script>
let done = false;
const say = (text) => { if (!done) { done = true; conformance(text); } };
const socket = io(%q, { transports: ["polling"], reconnection: false });
socket.on("connect", () => socket.emit("message", "from a page"));
socket.on("message-back", () => say("well: an echo came"));
socket.on("connect_error", (error) => say("hurt: it cannot connect, or lost its connection: " + error.message));
socket.on("disconnect", (reason) => say("hurt: it cannot connect, or lost its connection: " + reason));
</script>`

// witnessedInAPage returns what the client says in Chromium, on a page whose origin is not the server's.
func witnessedInAPage(t *testing.T, url string) string {
	t.Helper()
	fixtures.Require(t, fixtures.Chromium)
	client, err := os.ReadFile(fixtures.ClientBundle(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/client.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(client)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, witnessPage, url)
	}))
	defer pages.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	path, err := chromium.Find("")
	if err != nil {
		t.Fatal(err)
	}
	browser, err := chromium.Start(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()
	said := make(chan string, 10)
	page, err := browser.Page(ctx, func(text string) { said <- text })
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Open(ctx, pages.URL+"/"); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-said:
		return text
	case <-ctx.Done():
		return "nothing came"
	}
}
