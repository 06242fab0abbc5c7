package redisadapter_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference"
)

// TestShardedWire compares what goes through Redis with what the official sharded adapter sends.
func TestShardedWire(t *testing.T) {
	b := &broker{t, fixtures.RedisServer(t), true}
	p := b.peer("/custom", patience)
	ctx, messages := context.Background(), b.listen("SSUBSCRIBE", "socket.io#/custom#", "socket.io#/custom#raw#")
	next := func() message {
		t.Helper()
		select {
		case m := <-messages:
			return m
		case <-time.After(patience):
			t.Fatal("nothing came")
			return message{}
		}
	}

	p.ServerSideEmit(values(t, "hello", 1, "é", nil))
	first := regexp.MustCompile(`^{"type":9,"data":{"packet":\["hello",1,"é",null]},"uid":"([0-9a-f]{16})","nsp":"/custom"}$`).FindStringSubmatch(next().payload)
	if first == nil {
		t.Fatal("the event is not as the official adapter sends it")
	}
	uid := first[1]
	p.ServerSideEmit(values(t, "hello", []byte{1, 2, 3}, map[string]any{"deep": []any{[]byte{4}, 1.5}}))
	want := "\x84\xa4type\x09\xa4data\x81\xa6packet\x93\xa5hello\xc4\x03\x01\x02\x03\x81\xa4deep\x92\xc4\x01\x04\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00" +
		"\xa3uid\xb0" + uid + "\xa3nsp\xa7/custom"
	if got := next().payload; got != want {
		t.Errorf("published %q, want %q", got, want)
	}

	answered := make(chan string)
	ask := func() {
		responses, err := p.ServerSideEmitWithAck(ctx, values(t, "q", "x"))
		answered <- fmt.Sprint(responses, err)
	}
	for _, packed := range []bool{false, true} {
		go ask()
		request := regexp.MustCompile(`^{"type":9,"data":{"requestId":"([0-9a-f]{16})","packet":\["q","x"]},"uid":"` + uid + `","nsp":"/custom"}$`).FindStringSubmatch(next().payload)
		if request == nil {
			t.Fatal("the question is not as the official adapter sends it")
		}
		response, want := []byte(`{"type":10,"data":{"requestId":"`+request[1]+`"},"uid":"raw","nsp":"/custom"}`), "[null] <nil>"
		if packed {
			data := map[string]any{"requestId": request[1], "packet": []any{[]byte{7}, 1}}
			response, _ = msgpack.Marshal(map[string]any{"type": 10, "data": data, "uid": "raw", "nsp": "/custom"})
			want = "[[<07>,1]] <nil>"
		}
		b.do("SPUBLISH", "socket.io#/custom#"+uid+"#", `{"type":10,"data":{"requestId":"of another"},"uid":"raw","nsp":"/custom"}`)
		b.do("SPUBLISH", "socket.io#/custom#"+uid+"#", response)
		if got := <-answered; got != want {
			t.Errorf("answered %s, want %s", got, want)
		}
	}

	p.answer = func(_ []reference.Value, acknowledge func(reference.Value)) { acknowledge(reference.Value{}) }
	packed, _ := msgpack.Marshal(map[string]any{"type": 9, "uid": "raw", "nsp": "/custom", "data": map[string]any{"packet": []any{"hello", []byte{1}, 1.5}}})
	for _, c := range [][2]string{
		{`{"type":9,"data":{"packet":["own"]},"uid":"` + uid + `","nsp":"/custom"}`, ``},
		{`{"type":9,"data":{"packet":["other"]},"uid":"raw","nsp":"/"}`, ``},
		{`{"type":3,"data":{"packet":{"type":2,"data":["broadcast"]},"opts":{}},"uid":"raw","nsp":"/custom"}`, ``},
		{`{bad`, ``}, {``, ``}, {`[]`, ``}, {`{"type":9,"data":null,"uid":"raw","nsp":"/custom"}`, ``}, {`{"type":9,"uid":"raw","nsp":"/custom"}`, ``},
		{`{"type":9,"data":{},"uid":"raw","nsp":"/custom"}`, ``}, {`{"type":9,"data":{"packet":"x"},"uid":"raw","nsp":"/custom"}`, ``},
		{`{"type":9,"data":{"packet":["hello",1]},"uid":"raw","nsp":"/custom"}`, `["hello",1]`},
		{string(packed), `["hello",<01>,1.5]`},
		{`{"type":9,"data":{"requestId":"r","packet":["q"]},"uid":"raw","nsp":"/custom"}`, `["q"]`},
	} {
		b.do("SPUBLISH", "socket.io#/custom#", c[0])
		if next(); c[1] != "" {
			p.expect(t, c[1])
		}
	}
	got := next()
	if got.channel != "socket.io#/custom#raw#" || got.payload != `{"type":10,"data":{"requestId":"r","packet":null},"uid":"`+uid+`","nsp":"/custom"}` {
		t.Errorf("the response on %s is %s", got.channel, got.payload)
	}
}
