package application_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"example.test/conformance/reference/application"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

func start(t *testing.T, options application.Options) *application.Cluster {
	t.Helper()
	cluster, err := application.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := cluster.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return cluster
}

// client is a session that answers pings and keeps the other messages.
type client struct {
	*testing.T
	conn     *websocket.Conn
	writing  sync.Mutex
	messages chan string
}

func dial(t *testing.T, url, query string) *client {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/socket.io/?EIO=4&transport=websocket"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{T: t, conn: conn, messages: make(chan string, 10000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(c.messages)
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				return
			}
			if string(data) == "2" {
				c.send("3")
			} else if data[0] != '0' {
				c.messages <- string(data)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return c
}

func (c *client) send(text string) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.conn.WriteMessage(websocket.TextMessage, []byte(text))
}

func (c *client) receive() string {
	c.Helper()
	select {
	case message, ok := <-c.messages:
		if !ok {
			c.Fatal("the connection closed")
		}
		return message
	case <-time.After(patience):
		c.Fatal("nothing came")
	}
	return ""
}

func (c *client) expect(prefixes ...string) {
	c.Helper()
	for _, want := range prefixes {
		if got := c.receive(); !strings.HasPrefix(got, want) {
			c.Fatalf("received %s, want %s…", got, want)
		}
	}
}

// observer is a client of the control namespace.
type observer struct {
	*client
	entries []map[string]any
	ids     int
}

func observe(t *testing.T, url string) *observer {
	t.Helper()
	o := &observer{client: dial(t, url, "")}
	o.send("40/conformance,")
	o.expect(`40/conformance,{"sid":"`)
	return o
}

// command sends a command and returns its acknowledgement. It keeps entries that come first.
func (o *observer) command(name, argument string) map[string]any {
	o.Helper()
	o.ids++
	if argument != "" {
		argument = "," + argument
	}
	o.send(fmt.Sprintf(`42/conformance,%d[%q%s]`, o.ids, name, argument))
	for {
		message := o.receive()
		if entry, ok := strings.CutPrefix(message, `42/conformance,["entry",`); ok {
			var fields map[string]any
			if err := json.Unmarshal([]byte(strings.TrimSuffix(entry, "]")), &fields); err != nil {
				o.Fatal(err, entry)
			}
			o.entries = append(o.entries, fields)
			continue
		}
		answer, ok := strings.CutPrefix(message, fmt.Sprintf("43/conformance,%d", o.ids))
		var args []map[string]any
		if !ok || json.Unmarshal([]byte(answer), &args) != nil || len(args) != 1 {
			o.Fatalf("answer %s", message)
		}
		return args[0]
	}
}

// flush returns the entries of those types that came since the last flush.
func (o *observer) flush(types ...string) []string {
	o.Helper()
	seq := o.command("flush", "")["seq"].(float64)
	var found []string
	for _, entry := range o.entries {
		if slices.Contains(types, entry["type"].(string)) {
			delete(entry, "instance")
			text, _ := json.Marshal(entry)
			found = append(found, string(text))
		}
	}
	if n := len(o.entries); n > 0 && o.entries[n-1]["seq"] != seq {
		o.Errorf("the last entry is %v, flush says %v", o.entries[n-1], seq)
	}
	for i := 1; i < len(o.entries); i++ {
		if o.entries[i]["seq"].(float64) != o.entries[i-1]["seq"].(float64)+1 {
			o.Errorf("a gap: %v, %v", o.entries[i-1], o.entries[i])
		}
	}
	o.entries = nil
	return found
}

func TestInfo(t *testing.T) {
	cluster := start(t, application.Options{})
	info := observe(t, cluster.URLs()[0]).command("info", "")
	text, _ := json.Marshal(info)
	for _, want := range []string{
		`"contract":2`, `"instance":"a"`, `"name":"conformance-reference"`, `"language":"Go"`, `"edition":"4.8"`, `"connectTimeout":1000`, `"serverSideEmitTimeout":1000`,
		`{"instance":"a","name":"/custom","seq":1,"type":"new_namespace"}`, `{"instance":"a","name":"/conformance","seq":2,"type":"new_namespace"}`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("info %s lacks %s", text, want)
		}
	}
}

func TestSectionOne(t *testing.T) {
	cluster := start(t, application.Options{})
	for _, name := range []string{"/", "/custom", "/dynamic-one"} {
		c, prefix := dial(t, cluster.URLs()[0], ""), name+","
		if name == "/" {
			prefix = ""
		}
		c.send(`40` + prefix + `{"refuse":"go"}`)
		c.expect(`44` + prefix + `{"data":{"refused":"go"},"message":"go"}`)
		c.send(`40` + prefix + `{"refuse":1}`)
		c.expect(`40`+prefix+`{"sid":"`, `42`+prefix+`["auth",{"refuse":1}]`)
		c.send(`42` + prefix + `["message",1]`)
		c.expect(`42` + prefix + `["message-back",1]`)
		c.send(`42` + prefix + `5["message-with-ack",2]`)
		c.expect(`43` + prefix + `5[2]`)
		c.send(`42` + prefix + `["ask",3]`)
		c.expect(`42` + prefix + `0["question",3]`)
		c.send(`43` + prefix + `0[4,5]`)
		c.expect(`42` + prefix + `["answer",4,5]`)
		c.send(`42` + prefix + `["leave",false]`)
		c.expect(`41` + prefix)
	}
	c := dial(t, cluster.URLs()[0], "")
	c.send(`40/dynamic-one/x,`)
	c.expect(`44/dynamic-one/x,{"message":"Invalid namespace"}`)
}

func TestRecords(t *testing.T) {
	cluster := start(t, application.Options{})
	o := observe(t, cluster.URLs()[0])
	c := dial(t, cluster.URLs()[0], "")
	c.send(`40/dynamic-two,`)
	c.expect(`40/dynamic-two,{"sid":"`, `42/dynamic-two,["auth"`)
	if got := strings.Join(o.flush("new_namespace", "connection"), "\n"); !strings.HasPrefix(got, `{"name":"/dynamic-two","seq":3,"type":"new_namespace"}`) ||
		!strings.Contains(got, `{"namespace":"/dynamic-two","seq":4,"sid":"`) {
		t.Errorf("records %s", got)
	}
	c.send(`42/dynamic-two,["leave",false]`)
	c.expect(`41/dynamic-two,`)
	if got := o.flush("disconnect"); len(got) != 1 || !strings.Contains(got[0], `"reason":"server namespace disconnect"`) {
		t.Errorf("records %s", got)
	}
	if got := o.command("create_namespace", `{"name":"x"}`); got["name"] != "/x" {
		t.Error(got)
	}
	o.command("create_namespace", `{"name":"/x"}`)
	if got := o.flush("new_namespace"); len(got) != 1 || !strings.Contains(got[0], `"name":"/x"`) {
		t.Errorf("records %s", got)
	}
	if got := o.command("create_namespace", `1`); got["thrown"] == nil {
		t.Error(got)
	}
}

func TestHooks(t *testing.T) {
	cluster := start(t, application.Options{})
	url := cluster.URLs()[0]
	o := observe(t, url)
	for _, request := range []struct {
		query  string
		status int
	}{
		{"EIO=4&transport=polling&mark=m1", 200}, {"EIO=4&transport=polling", 200},
		{"EIO=4&transport=polling&mark=m2&deny=", 403}, {"EIO=3&transport=polling&mark=m3", 400},
	} {
		response, err := http.Get(url + "/socket.io/?" + request.query)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != request.status {
			t.Errorf("%s: status %d", request.query, response.StatusCode)
		}
		if request.status == 200 && response.Header.Get("Test") != "789" {
			t.Errorf("%s: headers %v", request.query, response.Header)
		}
	}
	got := o.flush("initial_headers", "headers", "connection_error")
	want := []string{
		`{"mark":"m1","method":"GET","seq":3,"type":"initial_headers","url":"/socket.io/?EIO=4\u0026transport=polling\u0026mark=m1"}`,
		`{"mark":"m1","method":"GET","seq":4,"type":"headers","url":"/socket.io/?EIO=4\u0026transport=polling\u0026mark=m1"}`,
		`{"code":4,"context":{"message":""},"mark":"m2","message":"Forbidden","method":"GET","seq":5,"type":"connection_error","url":"/socket.io/?EIO=4\u0026transport=polling\u0026mark=m2\u0026deny="}`,
		`{"code":5,"context":{"protocol":3},"mark":"m3","message":"Unsupported protocol version","method":"GET","seq":6,"type":"connection_error","url":"/socket.io/?EIO=3\u0026transport=polling\u0026mark=m3"}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("records\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func emit(o *observer, namespace, event, args string, ack bool) string {
	o.Helper()
	answer, _ := json.Marshal(o.command("server_side_emit", fmt.Sprintf(`{"namespace":%q,"event":%q,"args":%s,"ack":%v}`, namespace, event, args, ack)))
	return string(answer)
}

func TestCluster(t *testing.T) {
	t.Parallel()
	cluster := start(t, application.Options{Instances: 3, PingTimeout: patience, ServerSideEmitTimeout: 200 * time.Millisecond})
	var observers []*observer
	for _, url := range cluster.URLs() {
		observers = append(observers, observe(t, url))
	}
	a := observers[0]
	for _, c := range []struct{ namespace, event, args, want string }{
		{"/", "ping", `[]`, `{"error":null,"responses":["pong","pong"]}`},
		{"/custom", "echo", `[1,null,{"a":[1.50]}]`, `{"error":null,"responses":[[1,null,{"a":[1.5]}],[1,null,{"a":[1.5]}]]}`},
		{"/", "twice", `[]`, `{"error":null,"responses":["first","first"]}`},
		{"/", "only", `[["c"]]`, `{"error":"timeout reached: only 1 responses received out of 2","responses":["c"]}`},
		{"/", "silent", `[]`, `{"error":"timeout reached: only 0 responses received out of 2","responses":[]}`},
		{"/", "late", `[300]`, `{"error":"timeout reached: only 0 responses received out of 2","responses":[]}`},
		{"/", "connection", `[]`, `{"thrown":"\"connection\" is a reserved event name"}`},
		{"/elsewhere", "ping", `[]`, `{"error":null,"responses":[]}`},
	} {
		if got := emit(a, c.namespace, c.event, c.args, true); got != c.want {
			t.Errorf("%s: %s, want %s", c.event, got, c.want)
		}
	}
	if got := emit(a, "/", "whoami", `[]`, true); got != `{"error":null,"responses":["b","c"]}` && got != `{"error":null,"responses":["c","b"]}` {
		t.Errorf("whoami: %s", got)
	}
	if got := emit(a, "/", "hello", `[1,"2"]`, false); got != `{}` {
		t.Errorf("hello: %s", got)
	}
	emit(a, "/", "ping", `[]`, true) // a barrier: its answers come after the events before it were handled
	for i, o := range observers {
		count := 0
		for _, entry := range o.flush("server_side_event") {
			if strings.Contains(entry, `"ack":false,"args":[1,"2"],"event":"hello","namespace":"/"`) {
				count++
			}
		}
		if want := min(i, 1); count != want {
			t.Errorf("instance %d got %d", i, count)
		}
	}

	if err := cluster.Stop(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	if got := emit(a, "/", "whoami", `[]`, true); got != `{"error":null,"responses":["c"]}` {
		t.Errorf("after b stopped: %s", got)
	}
	if err := cluster.Restart(1); err != nil {
		t.Fatal(err)
	}
	if i, err := cluster.StartInstance(); i != 3 || err != nil {
		t.Fatal(i, err)
	}
	if info := observe(t, cluster.URLs()[1]).command("info", ""); info["instance"] != "b" {
		t.Errorf("restarted %v", info)
	}
	if got := emit(a, "/", "only", `[["b","c","d"]]`, true); !strings.HasPrefix(got, `{"error":null`) {
		t.Errorf("after b came back and d came: %s", got)
	}
}

func TestManyObserversAndRecords(t *testing.T) {
	cluster := start(t, application.Options{PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second})
	var observers []*observer
	for range 20 {
		observers = append(observers, observe(t, cluster.URLs()[0]))
	}
	stuck, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(cluster.URLs()[0], "http")+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	stuck.WriteMessage(websocket.TextMessage, []byte("40/conformance,")) // and never reads
	c := dial(t, cluster.URLs()[0], "")
	for range 100 {
		c.send(`40/custom,`)
		c.expect(`40/custom`, `42/custom`)
		c.send(`41/custom`)
	}
	c.send(`40/custom,`)
	c.expect(`40/custom`, `42/custom`)
	for _, o := range observers {
		if n := len(o.flush("connection")); n != 101 {
			t.Errorf("%d records", n)
		}
	}
}

// BenchmarkStart measures the start of two instances with the embedded broker.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		cluster, err := application.Start(context.Background(), application.Options{Instances: 2})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		cluster.Close(context.Background())
		b.StartTimer()
	}
}
