package suite

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// anEvent returns the packet that carries a record.
func anEvent(t *testing.T, raw string) *protocol.Packet {
	t.Helper()
	p, err := protocol.ParsePacket(`42/conformance,["entry",` + raw + `]`)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Large records take memory only while a case may ask for them. What the end of the run needs of them stays.
func TestLargeRecordsAreShortened(t *testing.T) {
	target := &wire.Target{Budget: &wire.Budget{}}
	o := NewControls([]*wire.Target{target}, "")[0]
	const word = "planet0123456789ab"
	large := func(seq int) string {
		return fmt.Sprintf(`{"seq":%d,"instance":"a","type":"server_side_event","namespace":"/","event":"hello","args":["%s1",%q]}`, seq, word, strings.Repeat("x", 100<<10))
	}
	at, release := o.hold()
	for seq := range 250 {
		later, over := o.hold()
		if !o.take(anEvent(t, large(seq)), time.Now()) {
			t.Fatalf("there was no room for record %d", seq)
		}
		got := o.Since(later.n)[0]
		over()
		if len(got.Args) < 100<<10 {
			t.Fatalf("record %d was shortened while a case could ask for it", seq)
		}
		release()
		at, release = o.hold()
	}
	if at.epoch != o.epoch || len(o.All()) != 250 {
		t.Errorf("records were dropped: %d are left", len(o.All()))
	}
	e := &execution{it: &Case{ID: "cluster/a"}, drawn: []string{word}}
	e.looksAt(&observation{target: 0}, []Entry{anEntry(t, large(300))})
	if looks := NewLooks([]*Look{e.look()}); len(looks.Contradicted(0, o.All()[7], func(time.Time) bool { return true })) != 1 {
		t.Error("a shortened record does not contradict the case that had seen it")
	}
	release()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget(len(o.entries))
	if err := target.Budget.Take(wire.MaxContent); err != nil || o.held != 0 {
		t.Errorf("%d bytes are still held: %v", o.held, err)
	}
}

// Too many records that cases may still ask for are dropped, and the cases know it.
func TestTooManyRecordsAreDropped(t *testing.T) {
	target := &wire.Target{Budget: &wire.Budget{}}
	o := NewControls([]*wire.Target{target}, "")[0]
	at, release := o.hold()
	defer release()
	room := true
	for seq := 0; room; seq++ {
		room = o.take(anEvent(t, fmt.Sprintf(`{"seq":%d,"args":[%q]}`, seq, strings.Repeat("x", 1<<20))), time.Now())
		if seq > maxRecorded>>20 {
			t.Fatal("there was always room")
		}
	}
	if _, epoch := o.Position(); epoch == at.epoch {
		t.Error("the case does not know it")
	}
	if err := target.Budget.Take(wire.MaxContent); err != nil {
		t.Errorf("the budget was not given back: %v", err)
	}
}

// A ping is answered at once, however much is left to take apart.
func TestPingIsAnsweredBeforeLargeRecords(t *testing.T) {
	answered := make(chan int, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		send := func(text string) { _ = c.WriteMessage(websocket.TextMessage, []byte(text)) }
		send(`0{"sid":"a","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`)
		_, _, _ = c.ReadMessage()
		send(`40/conformance,{"sid":"b"}`)
		for seq := range 20 {
			send(fmt.Sprintf(`42/conformance,["entry",{"seq":%d,"args":[%q]}]`, seq, strings.Repeat("x", 100_000)))
		}
		send("2")
		for {
			_, p, err := c.ReadMessage()
			if err != nil {
				return
			}
			if string(p) == "3" {
				answered <- 1
			}
		}
	}))
	defer server.Close()
	target, err := wire.ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	target.Budget = &wire.Budget{}
	target.Announces(1_000_000)
	o := NewControls([]*wire.Target{target}, "")[0]
	o.mu.Lock() // nothing can be taken apart
	release := make(chan struct{})
	go func() {
		<-release
		o.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	socket, err := Dial(ctx, target, wire.NewRecorder(target))
	if err != nil {
		t.Fatal(err)
	}
	over, joined := make(chan struct{}), make(chan string, 1)
	go o.read(socket, over, joined)
	select {
	case <-answered:
	case <-ctx.Done():
		t.Error("the ping was not answered")
	}
	close(release)
	socket.Break()
	<-over
	if n, _ := o.Position(); n != 20 {
		t.Errorf("%d records came, want 20", n)
	}
}

// A secret that the end of a response cuts is hidden in the sentence about the response.
func TestCutSecretIsHidden(t *testing.T) {
	target, err := wire.ParseTarget("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	target.SetHeader("Authorization", "Bearer s3cr3t/t0k3n")
	text := target.Redact(shown(target, &wire.Response{Status: 200, Body: `0{"x":"QmVhcmVyIHMzY3Iz`}) + ": it is no open packet")
	if strings.Contains(text, "QmVh") {
		t.Errorf("got %s", text)
	}
}
