package fault_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// exchange has one conversation with a cluster that covers every area of Socket.IO. The control namespace must answer an
// observer throughout. exchange fails if the servers cannot be closed.
func exchange(t *testing.T, options application.Options) {
	t.Helper()
	cluster, err := application.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := cluster.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	dial := func() *websocket.Conn {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(cluster.URLs()[0], "http")+"/socket.io/?EIO=4&transport=websocket", nil)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	observer, client := dial(), dial()
	defer observer.Close()
	defer client.Close()
	say := func(conn *websocket.Conn, texts ...string) {
		for _, text := range texts {
			conn.WriteMessage(websocket.TextMessage, []byte(text))
		}
	}
	say(client, `40`, `40/dynamic-x,{"a":1}`, `42["message",1]`, `421["message-with-ack",{"b":[]}]`, `42["ask",2]`,
		`451-["message",{"_placeholder":true,"num":0}]`)
	client.WriteMessage(websocket.BinaryMessage, []byte{1, 200})
	say(client, `430["x"]`, `40/none,`, `41/dynamic-x,`)
	say(observer, `40/conformance,`)

	// The control namespace answers, whatever is broken.
	answers := []string{
		`40/conformance,{"sid":`, `43/conformance,1[{"error":`, `43/conformance,2[{`, `43/conformance,3[{"seq":`,
	}
	if strings.HasSuffix(t.Name(), "cluster/callback-never-called") || strings.HasSuffix(t.Name(), "cluster/timeout-missing") {
		answers[1] = "" // nothing to wait for
	}
	observer.SetReadDeadline(time.Now().Add(10 * time.Second))
	for i, want := range answers {
		switch i {
		case 1:
			say(observer, `42/conformance,1["server_side_emit",{"namespace":"/","event":"ping","args":[1],"ack":true}]`)
		case 2:
			say(observer, `42/conformance,2["info"]`)
		case 3:
			say(observer, `42/conformance,3["flush"]`)
		}
		for want != "" {
			_, message, err := observer.ReadMessage()
			if err != nil {
				t.Fatalf("got %v, want %s", err, want)
			}
			if strings.HasPrefix(string(message), want) {
				break
			}
			if string(message) == "2" {
				say(observer, "3")
			}
		}
	}
}

// TestEachFaultLeavesTheServerObservable starts a cluster with each fault of Socket.IO, talks to it and closes it.
func TestEachFaultLeavesTheServerObservable(t *testing.T) {
	for _, f := range fault.All() {
		area, _, _ := strings.Cut(f.Name, "/")
		if !slices.Contains([]string{"connect", "events", "acks", "binary", "disconnect", "namespaces", "cluster"}, area) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			options := application.Options{Instances: 2, ServerSideEmitTimeout: 100 * time.Millisecond, PingTimeout: 20 * time.Second, ConnectTimeout: 20 * time.Second}
			f.Apply(&options)
			exchange(t, options)
		})
	}
}
