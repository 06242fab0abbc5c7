package redisadapter_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"example.test/conformance/reference/redisadapter"
)

func TestWatcherSeesEmitsAndIsNoServer(t *testing.T) {
	b := newBroker(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w := b.watched()
	const requests = "socket.io-request#/custom#x#"
	if n := b.listeners(requests); n != 0 {
		t.Errorf("the watcher counts as %d servers", n)
	}
	for _, message := range [][2]string{
		{requests, `{"uid":"u1","type":6,"data":["hello","a",{"b":null}]}`},
		{requests, `{"uid":"u1","requestId":"r1","type":6,"data":["ping"]}`},
		{"socket.io-response#/custom#x#", `{"type":6,"requestId":"r1","data":"pong"}`},
		{"socket.io-response#/custom#x#", `{"type":6,"requestId":"other","data":"pong"}`},
		{requests, `{"uid":"u1","type":1,"data":["no emit"]}`},
		{requests, `no JSON`},
		{requests, `{"uid":"u1","type":6,"data":[1]}`},
		{"another", `{"uid":"u1","type":6,"data":["hello"]}`},
	} {
		b.do("PUBLISH", message[0], message[1])
	}
	emits, err := w.Emits(ctx)
	if err != nil || len(emits) != 2 {
		t.Fatalf("%d emits have crossed: %+v, %v", len(emits), emits, err)
	}
	if e := emits[0]; e.Namespace != "/custom#x" || e.Event != "hello" || string(e.Args) != `["a",{"b":null}]` || e.Ack {
		t.Errorf("the first is %+v with %s", e, e.Args)
	}
	if e := emits[1]; e.Event != "ping" || string(e.Args) != `[]` || !e.Ack || len(e.Answers) != 1 || string(e.Answers[0]) != `"pong"` {
		t.Errorf("the second is %+v", e)
	}
}

func TestWatcherSaysWhatItMayHaveMissed(t *testing.T) {
	embedded := miniredis.RunT(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w := (&broker{t, "redis://" + embedded.Addr(), false}).watched()
	embedded.Close()
	if err := embedded.Restart(); err != nil {
		t.Fatal(err)
	}
	for ctx.Err() == nil {
		if _, err := w.Emits(ctx); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("a lost connection is not reported")
}

// watched returns a Watcher at a broker where a server listens.
func (b *broker) watched() *redisadapter.Watcher {
	b.Helper()
	b.listen("SUBSCRIBE", "socket.io-request#/#")
	w, err := redisadapter.Watch(b.Context(), b.url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return w
}

func TestNobodyWatchesABrokerWithoutServers(t *testing.T) {
	broker := miniredis.RunT(t)
	if _, err := redisadapter.Watch(t.Context(), "redis://"+broker.Addr()); !errors.Is(err, redisadapter.ErrNoServer) {
		t.Errorf("the error is %v", err)
	}
	if _, err := redisadapter.Watch(t.Context(), "http://"+broker.Addr()); err == nil {
		t.Error("a URL that is not a Redis URL is accepted")
	}
}
