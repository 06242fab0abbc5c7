package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
	"example.test/conformance/reference/variant"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// patient is for tests that are not about the limit, on busy machines.
var patient = Options{Limit: 30 * time.Second}

func serve(t *testing.T, options application.Options) []string {
	t.Helper()
	// Busy machines answer pings late, but no part is about that.
	options.PingInterval, options.PingTimeout = 25*time.Second, 20*time.Second
	cluster, err := application.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = cluster.Close(ctx)
	})
	return cluster.URLs()
}

func parsed(t *testing.T, urls []string) (all []*wire.Target) {
	t.Helper()
	for i, url := range urls {
		target, err := wire.ParseTarget(url)
		if err != nil {
			t.Fatal(err)
		}
		target.Index = i
		all = append(all, target)
	}
	return all
}

// states returns the names of the parts in a state, each once.
func states(r *Report, state result.PartState) (names []string) {
	for _, p := range r.Parts {
		if p.State == state && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

func TestWholeApplicationsHaveAllParts(t *testing.T) {
	for name, options := range map[string]application.Options{
		"contract 2":        {Instances: 2},
		"contract 1":        {Instances: 2, Contract: 1},
		"parsed parameters": {Instances: 2, Parsed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Check(t.Context(), parsed(t, serve(t, options)), patient)
			if want := 2 * (len(greetings) + len(parts)); !r.Reached || len(states(r, result.PartThere)) != len(greetings)+len(parts) || len(r.Parts) != want {
				t.Errorf("got %d parts of %d: %+v", len(r.Parts), want, r)
			}
		})
	}
}

// An application is also complete if its server offers only one transport.
func TestOneTransportIsEnough(t *testing.T) {
	for _, transport := range []string{"polling", "websocket"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			r := Check(t.Context(), parsed(t, serve(t, alone(t, transport))), patient)
			// The handshake hooks are examined over polling.
			if missing := states(r, result.PartMissing); !r.Reached || transport == "polling" && len(missing) > 0 {
				t.Errorf("got missing %+v", r.Missing())
			}
			if there := states(r, result.PartThere); !slices.Contains(there, "ask") || !slices.Contains(there, "variadic") {
				t.Errorf("got parts %q", there)
			}
		})
	}
}

// alone returns the options of a server that offers one transport.
func alone(t *testing.T, transport string) (options application.Options) {
	t.Helper()
	for _, v := range variant.All() {
		if v.Name == "transports/"+transport+"-alone" {
			v.Apply(&options)
			return options
		}
	}
	t.Fatalf("no variant offers only %s", transport)
	return options
}

// A target that refuses WebSockets and then answers no POST is also examined within the limit.
func TestTheLimitIsKeptOverPolling(t *testing.T) {
	t.Parallel()
	options := alone(t, "polling")
	options.ConnectTimeout = 25 * time.Second
	urls := serve(t, options)
	held := make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			<-held
			return
		}
		target, _ := url.Parse(urls[0])
		forward := httputil.NewSingleHostReverseProxy(target)
		forward.ErrorLog = log.New(io.Discard, "", 0)
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	defer close(held)
	r := Check(t.Context(), parsed(t, []string{proxy.URL}), Options{Limit: time.Second})
	if got := r.Missing(); !r.Reached || len(got) != 1 || got[0].Name != "control namespace" || got[0].State != result.PartUnknown {
		t.Errorf("%+v", r)
	}
}

func TestOneInstanceSkipsItsCluster(t *testing.T) {
	r := Check(t.Context(), parsed(t, serve(t, application.Options{})), patient)
	if got := states(r, result.PartSkipped); !slices.Equal(got, []string{"server_side_emit", "server_side_emit_ack"}) || len(r.Missing()) > 0 {
		t.Errorf("%+v", r)
	}
}

// An application that lacks features but does not declare them has nothing missing.
func TestUndeclaredFeaturesAreNotMissing(t *testing.T) {
	r := Check(t.Context(), parsed(t, serve(t, application.Options{Instances: 2, Without: suite.Features})), patient)
	if missing := r.Missing(); len(missing) > 0 {
		t.Errorf("got missing %+v", missing)
	}
	if got := states(r, result.PartUndeclared); len(got) != len(parts)-3 { // all that have a feature
		t.Errorf("got undeclared %q", got)
	}
}

// dropping drops the records of a type.
func dropping(kind string) application.Options {
	return application.Options{App: application.Rules{Records: override.Record(application.DefaultRecords{}, func(_ string, e application.Entry) []application.Entry {
		if e.Type == kind {
			return nil
		}
		return []application.Entry{e}
	})}}
}

// spoiling changes each record of a type.
func spoiling(kind string, change func(map[string]any)) application.Options {
	return application.Options{App: application.Rules{Records: override.Record(application.DefaultRecords{}, func(_ string, e application.Entry) []application.Entry {
		if e.Type == kind {
			change(e.Fields)
		}
		return []application.Entry{e}
	})}}
}

// breaking ends the connection of a client that is to leave.
func breaking(c *reference.Client, p *packet.Packet) []*packet.Packet {
	if p.Type == packet.Event && p.Name() == "leave" {
		c.Abort()
		return nil
	}
	return []*packet.Packet{p}
}

// withoutHooks calls no hook.
type withoutHooks struct{ engineio.DefaultHeaders }

func (withoutHooks) Hooks(*http.Request, engineio.Occasion) []engineio.Hook { return nil }

// silent raises no connection error.
type silent struct{ engineio.DefaultErrors }

func (silent) Raised(engineio.Occasion, engineio.ConnectionError) []engineio.ConnectionError {
	return nil
}

// unguarded lets sockets join without running their middlewares.
type unguarded struct{ reference.DefaultConnect }

func (unguarded) Middlewares(*reference.Socket, []reference.Middleware) []reference.Middleware {
	return nil
}

// deaf decodes no message.
type deaf struct{ reference.DefaultPackets }

func (deaf) Received(*reference.Client, engineio.Message) []engineio.Message { return nil }

func TestMissingPartsAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		options application.Options
		missing []string
	}{
		"no connection_error records": {dropping("connection_error"), []string{"connection_error"}},
		"no initial_headers records":  {dropping("initial_headers"), []string{"initial_headers"}},
		"no headers records":          {dropping("headers"), []string{"headers"}},
		"no new_namespace records":    {dropping("new_namespace"), []string{"new_namespace"}},
		"no connection records":       {dropping("connection"), []string{"connection records", "disconnect_reasons"}},
		"no disconnect records":       {dropping("disconnect"), []string{"connection records", "disconnect_reasons"}},
		"a leave that breaks the connection": {
			application.Options{Socket: reference.Rules{Packets: override.PacketsIn(reference.DefaultPackets{}, breaking)}},
			[]string{"connection records", "disconnect_reasons"},
		},
		"no server_side_event records": {
			func() application.Options { o := dropping("server_side_event"); o.Instances = 2; return o }(), []string{"server_side_emit"},
		},
		"no reasons":        {spoiling("disconnect", func(f map[string]any) { delete(f, "reason") }), []string{"disconnect_reasons"}},
		"wrong marks":       {spoiling("headers", func(f map[string]any) { f["mark"] = "x" }), []string{"headers"}},
		"a url of no query": {spoiling("connection_error", func(f map[string]any) { f["url"] = "/socket.io/" }), []string{"connection_error"}},
		"hooks that are not called": {
			application.Options{Engine: engineio.Rules{Headers: withoutHooks{}}}, []string{"initial_headers", "headers"},
		},
		"errors that are not raised": {
			application.Options{Engine: engineio.Rules{Errors: silent{}}}, []string{"connection_error"},
		},
		"requests that are all allowed": {
			application.Options{Engine: engineio.Rules{Requests: override.Verify(engineio.DefaultRequests{}, letIn)}},
			[]string{"allow_request", "allow_request_default_message"},
		},
		"no middleware": {
			application.Options{Socket: reference.Rules{Connect: unguarded{}}},
			[]string{"refusing middleware", "new_namespace"},
		},
		"instances without a cluster": {
			application.Options{Instances: 2, App: application.Rules{Control: override.Outcomes(application.DefaultControl{}, func(o application.Outcome) []application.Outcome {
				return []application.Outcome{{Err: o.Err, Responses: []reference.Value{}}}
			})}}, []string{"server_side_emit_ack"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Check(t.Context(), parsed(t, serve(t, test.options)), Options{Limit: 12 * time.Second})
			if got := states(r, result.PartMissing); !slices.Equal(got, test.missing) {
				t.Errorf("got missing %q, want %q: %+v", got, test.missing, r.Missing())
			}
			for _, p := range r.Missing() {
				if p.Says == "" || p.Advice == "" || strings.Contains(p.Advice, "\n") {
					t.Errorf("%s does not have one line of advice: %+v", p.Name, p)
				}
			}
		})
	}
}

// letIn accepts what the application refused.
func letIn(_ *http.Request, _ url.Values, r *engineio.Refusal) *engineio.Refusal {
	if r != nil && r.Code == engineio.Forbidden {
		return nil
	}
	return r
}

// A target that never answers is still examined within three seconds.
func TestTheLimitIsKept(t *testing.T) {
	t.Parallel()
	silent := application.Options{ConnectTimeout: 25 * time.Second, Socket: reference.Rules{Packets: deaf{}}}
	targets := parsed(t, serve(t, silent))
	start := time.Now()
	r := Check(t.Context(), targets, Options{})
	if took := time.Since(start); took > Limit+time.Second { // a busy machine adds to it
		t.Errorf("it took %v", took)
	}
	if got := r.Missing(); len(got) != 1 || got[0].Name != "control namespace" || got[0].State != result.PartUnknown {
		t.Errorf("%+v", got)
	}
}

func TestUnreachable(t *testing.T) {
	r := Check(t.Context(), parsed(t, []string{"http://127.0.0.1:1"}), Options{})
	if r.Reached || len(r.Parts) != 1 || r.Parts[0].Name != "server" {
		t.Errorf("%+v", r)
	}
}

// contractSchema compiles one part of the contract's schema.
func contractSchema(t *testing.T, part string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../fixtures/contract.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("contract.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("contract.json#/$defs/" + part)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func fits(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return schema.Validate(value)
}

// The applications' commands, answers and records match the schema.
func TestAnswersAreOfTheSchema(t *testing.T) {
	t.Parallel()
	for name, urls := range map[string]func(*testing.T) []string{
		"reference":                    func(t *testing.T) []string { return serve(t, application.Options{Instances: 2}) },
		"reference, contract 1":        func(t *testing.T) []string { return serve(t, application.Options{Instances: 2, Contract: 1}) },
		"reference, parsed parameters": func(t *testing.T) []string { return serve(t, application.Options{Instances: 2, Parsed: true}) },
		"Node":                         func(t *testing.T) []string { return node(t) },
		"Node, contract 1":             func(t *testing.T) []string { return node(t, "--contract", "1") },
	} {
		t.Run(name, func(t *testing.T) {
			r, all := check(t.Context(), parsed(t, urls(t)), patient)
			if missing := r.Missing(); len(missing) > 0 || !r.Reached {
				t.Fatalf("got missing %+v", missing)
			}
			entry := contractSchema(t, "entry")
			seen := map[string]bool{}
			for _, one := range all {
				for _, x := range one.answers {
					seen[x.command] = true
					if err := fits(t, contractSchema(t, "commands/"+x.command+"/answer"), x.answer); err != nil {
						t.Errorf("the answer to %s: %v: %s", x.command, err, x.answer)
					}
					if x.argument != "null" {
						if err := fits(t, contractSchema(t, "commands/"+x.command+"/argument"), x.argument); err != nil {
							t.Errorf("the argument of %s: %v: %s", x.command, err, x.argument)
						}
					}
				}
				for _, e := range one.control.entries() {
					seen[e.Type] = true
					if err := fits(t, entry, e.Raw); err != nil {
						t.Errorf("a record: %v: %s", err, e.Raw)
					}
				}
			}
			for _, want := range []string{
				"info", "flush", "create_namespace", "server_side_emit", "connection_error", "initial_headers", "headers",
				"new_namespace", "connection", "disconnect", "server_side_event",
			} {
				if !seen[want] {
					t.Errorf("never saw %s", want)
				}
			}
		})
	}
}

func node(t *testing.T, args ...string) []string {
	return fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2, Args: append(args, "--ping-timeout", "20000")})
}

// The schema refuses what the contract does not allow.
func TestSchemaRefuses(t *testing.T) {
	for _, test := range []struct{ part, text string }{
		{"info", `{"contract":3,"instance":"a","implementation":{"name":"x","version":"","language":""},"features":[],"startup":[]}`},
		{"info", `{"contract":2,"instance":"","implementation":{"name":"x","version":"","language":""},"features":[],"startup":[]}`},
		{"info", `{"contract":2,"instance":"a","implementation":{"name":"x","version":"","language":""},"features":[],"startup":[],"connectTimeout":0}`},
		{"entry", `{"seq":0,"instance":"a","type":"new_namespace","name":"/x"}`},
		{"entry", `{"seq":1,"instance":"a","type":"new_namespace"}`},
		{"entry", `{"seq":1,"instance":"a","type":"headers","mark":"m","method":"GET"}`},
		{"entry", `{"seq":1,"instance":"a","type":"headers","mark":"m","method":"GET","url":"/x","query":{}}`},
		{"entry", `{"seq":1,"instance":"a","type":"headers","mark":"m","method":"GET","query":{"EIO":4}}`},
		{"entry", `{"seq":1,"instance":"a","type":"elsewhere"}`},
		{"commands/flush/answer", `{}`},
		{"commands/server_side_emit/answer", `{"error":null}`},
	} {
		if fits(t, contractSchema(t, test.part), test.text) == nil {
			t.Errorf("%s: %s was accepted", test.part, test.text)
		}
	}
	if err := fits(t, contractSchema(t, "entry"), `{"seq":1,"instance":"a","type":"headers","mark":"m","method":"GET","query":{"EIO":"4","t":["a","b"]}}`); err != nil {
		t.Error(err)
	}
}

// The schema lists the features that the suite knows.
func TestSchemaKnowsTheFeatures(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/contract.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Info struct {
				Properties struct {
					Features struct{ Items struct{ Examples []string } }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if got := schema.Defs.Info.Properties.Features.Items.Examples; !slices.Equal(got, suite.Features) {
		t.Errorf("the schema lists %q, but the suite knows %q", got, suite.Features)
	}
}
