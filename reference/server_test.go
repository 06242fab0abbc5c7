package reference_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.test/conformance/reference"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo adds to a namespace the handlers that the tests use.
func echo(ns *reference.Namespace) {
	ns.OnConnection(func(socket *reference.Socket) {
		socket.On("message", func(e *reference.Event) { socket.Emit("message-back", reference.Any(e.Args)...) })
		socket.On("message-with-ack", func(e *reference.Event) { e.Acknowledge(reference.Any(e.Args)...) })
		socket.On("auth", func(*reference.Event) { socket.Emit("auth", socket.Auth()) })
		socket.On("leave", func(e *reference.Event) {
			var close bool
			e.Args[0].Decode(&close)
			socket.Disconnect(close)
		})
		socket.On("ask", func(e *reference.Event) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			args, err := socket.EmitWithAck(ctx, "question", reference.Any(e.Args)...)
			if err != nil {
				args = nil
			}
			socket.Emit("answer", reference.Any(args)...)
		})
	})
}

func echoServer(t *testing.T) (*reference.Server, string) {
	server, url := serve(t, reference.Options{})
	echo(server.Of("/"))
	echo(server.Of("/custom"))
	return server, url
}

func TestEventsAndAcknowledgements(t *testing.T) {
	_, url := echoServer(t)
	c := join(t, url, "/")
	for _, exchange := range [][2]string{
		{`42["message",1,-1.5,"2",true,null,{"3":[true]},[]]`, `42["message-back",1,-1.5,"2",true,null,{"3":[true]},[]]`},
		{`42["message",{"z":1e400,"a":0.10,"__proto__":{"x":1}},9007199254740993]`, `42["message-back",{"z":1e400,"a":0.10,"__proto__":{"x":1}},9007199254740993]`},
		{`420["message-with-ack"]`, `430[]`},
		{`429007199254740991["message-with-ack","é€😀"]`, `439007199254740991["é€😀"]`},
	} {
		c.send(exchange[0])
		c.expect(exchange[1])
	}
	c.send(`42["auth"]`)
	c.expect(`42["auth",{}]`)
	c.send(`42["nobody listens"]`)
	c.send(`4399[]`)
	c.send(`42["ask",1]`)
	c.expect(`420["question",1]`)
	c.send(`430["yes"]`)
	c.expect(`42["answer","yes"]`)
}

func TestCustomNamespace(t *testing.T) {
	_, url := echoServer(t)
	c := join(t, url, "/custom")
	c.send(`42/custom,7["message-with-ack",1]`)
	c.expect(`43/custom,7[1]`)
	c.send(`40{"token":"1"}`)
	if answer := c.receive(); !strings.HasPrefix(answer, `40{"sid":"`) {
		t.Fatal(answer)
	}
	c.send(`42["auth"]`)
	c.expect(`42["auth",{"token":"1"}]`)
	c.send(`41`)
	c.send(`42/custom,["message",1]`)
	c.expect(`42/custom,["message-back",1]`)
	c.send(`42["message",1]`)
	c.expectClosed()
}

func TestAttachments(t *testing.T) {
	_, url := echoServer(t)
	c := join(t, url, "/")
	c.send(`452-1["message-with-ack",{"_placeholder":true,"num":1},{"a":[{"_placeholder":true,"num":0}]}]`)
	c.sendBinary([]byte("first"))
	c.sendBinary([]byte("second"))
	c.expect(`462-1[{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1}]}]`, "binary second", "binary first")
	c.send(`42["ask"]`)
	c.expect(`420["question"]`)
	c.send(`461-0[{"_placeholder":true,"num":0}]`)
	c.sendBinary(nil)
	c.expect(`451-["answer",{"_placeholder":true,"num":0}]`, "binary ")
}

func TestRefusals(t *testing.T) {
	server, url := echoServer(t)
	server.Of("/guarded").Use(func(*reference.Socket) error {
		return &reference.Refusal{Message: "no", Data: map[string]any{"code": 7}}
	})
	server.Of("/plain").Use(func(*reference.Socket) error { return errors.New("not you") })
	c := dial(t, url)
	c.send(`40/random,`)
	c.expect(`44/random,{"message":"Invalid namespace"}`)
	c.send(`40/custom?token=x,`)
	c.expect(`44/custom?token=x,{"message":"Invalid namespace"}`)
	c.send(`40/guarded,`)
	c.expect(`44/guarded,{"data":{"code":7},"message":"no"}`)
	c.send(`40/guarded`)
	c.expect(`44/guarded,{"data":{"code":7},"message":"no"}`)
	c.send(`40/plain,`)
	c.expect(`44/plain,{"message":"not you"}`)
	c.send(`40/,`)
	if answer := c.receive(); !strings.HasPrefix(answer, `40{"sid":"`) {
		t.Fatal(answer)
	}
}

func TestWhatClosesTheConnection(t *testing.T) {
	_, url := echoServer(t)
	for _, message := range []string{
		`40`, `42/custom,["message"]`, `41/custom,`, `43/custom,1[]`, `44{"message":"x"}`, `47`, `42`, `42[]`, `42{}`,
		`42["connect"]`, `450-["message"]`, `451-["x",1]/4x`, `431{}`, `41{"a":1}`, `40[1]`,
	} {
		t.Run(message, func(t *testing.T) {
			c := join(t, url, "/")
			for text := range strings.SplitSeq(message, "/4x") {
				c.send(text)
			}
			if strings.HasSuffix(message, "/4x") {
				c.send("4x")
			}
			c.expectClosed()
		})
	}
	c := dial(t, url)
	c.send(`42["message"]`)
	c.expectClosed()
}

func TestConnectTimeout(t *testing.T) {
	_, url := serve(t, reference.Options{ConnectTimeout: 50 * time.Millisecond})
	joined := join(t, url, "/")
	refused := dial(t, url)
	refused.send(`40/random,`)
	refused.expect(`44/random,{"message":"Invalid namespace"}`)
	refused.expectClosed()
	dial(t, url).expectClosed()
	joined.send(`41`)
	joined.send(`40`)
	if answer := joined.receive(); !strings.HasPrefix(answer, `40{"sid":"`) {
		t.Fatal(answer)
	}
}

func TestDisconnect(t *testing.T) {
	server, url := echoServer(t)
	reasons := make(chan string, 10)
	for _, name := range []string{"/", "/custom"} {
		server.Of(name).OnConnection(func(socket *reference.Socket) {
			socket.OnDisconnect(func(reason string) { reasons <- name + " " + reason })
		})
	}
	expect := func(want ...string) {
		t.Helper()
		got := map[string]bool{}
		for range want {
			got[<-reasons] = true
		}
		for _, reason := range want {
			if !got[reason] {
				t.Errorf("reasons %v, want %v", got, want)
			}
		}
	}
	c := join(t, url, "/custom")
	c.send(`42/custom,["leave",false]`)
	c.expect(`41/custom,`)
	expect("/custom server namespace disconnect")
	c.send(`40/custom,`)
	c.receive()
	c.send(`41/custom`)
	expect("/custom client namespace disconnect")
	c.send(`40/custom,`)
	c.receive()
	c.send(`40`)
	c.receive()
	c.send(`42["leave",true]`)
	c.expect(`41`, `41/custom,`)
	c.expectClosed()
	expect("/ server namespace disconnect", "/custom server namespace disconnect")
	c = join(t, url, "/")
	c.conn.Close()
	expect("/ transport close")
	c = join(t, url, "/")
	c.send("4x")
	c.expectClosed()
	expect("/ forced close")
}

func TestConnectionListenersComeBeforeTheAnswer(t *testing.T) {
	server, url := serve(t, reference.Options{})
	var seen atomic.Bool
	server.OnConnection(func(socket *reference.Socket) {
		socket.Emit("first")
		time.Sleep(20 * time.Millisecond)
		seen.Store(true)
	})
	c := join(t, url, "/")
	if !seen.Load() {
		t.Error("the answer came before the listener had returned")
	}
	c.expect(`42["first"]`)
}

func TestListenersThatDisconnectOrAsk(t *testing.T) {
	server, url := serve(t, reference.Options{})
	reasons := make(chan string, 1)
	server.OnConnection(func(socket *reference.Socket) {
		args, err := socket.EmitWithAck(context.Background(), "question")
		if err != nil || len(args) != 1 || args[0].String() != "1" {
			t.Errorf("answer %v, error %v", args, err)
		}
		socket.OnDisconnect(func(reason string) { reasons <- reason })
		socket.Disconnect(true)
		if err := socket.Emit("late"); err != reference.ErrDisconnected {
			t.Errorf("emit after disconnect: %v", err)
		}
	})
	c := join(t, url, "/")
	c.expect(`420["question"]`)
	c.send(`430[1]`)
	c.expect(`41`)
	c.expectClosed()
	if reason := <-reasons; reason != "server namespace disconnect" {
		t.Error(reason)
	}
}

func TestEventsKeepTheirOrder(t *testing.T) {
	_, url := echoServer(t)
	c := join(t, url, "/")
	for i := range 300 {
		c.send(fmt.Sprintf(`42["message",%d]`, i))
	}
	for i := range 300 {
		c.expect(fmt.Sprintf(`42["message-back",%d]`, i))
	}
}

func TestDynamicNamespaces(t *testing.T) {
	server, url := serve(t, reference.Options{})
	var mu sync.Mutex
	var log []string
	add := func(line string) { mu.Lock(); defer mu.Unlock(); log = append(log, line) }
	server.OnNewNamespace(func(ns *reference.Namespace) {
		add("new " + ns.Name())
		time.Sleep(10 * time.Millisecond)
		ns.Use(func(*reference.Socket) error { add("listener's middleware"); return nil })
		ns.OnConnection(func(*reference.Socket) { add("connection") })
	})
	server.OfPattern(regexp.MustCompile(`^/dynamic-\w+$`)).Use(func(*reference.Socket) error { add("parent's middleware"); return nil })
	server.OfFunc(func(name string, auth reference.Value) bool { return name == "/slow" && auth.String() == `{"a":1}` })
	if server.Of("static").Name() != "/static" || server.Of("/static") != server.Of("static") {
		t.Error("static namespace")
	}
	join(t, url, "/dynamic-1")
	c := dial(t, url)
	c.send(`40/slow,`)
	c.expect(`44/slow,{"message":"Invalid namespace"}`)
	c.send(`40/slow,{"a":1}`)
	c.receive()
	want := "new /static, new /dynamic-1, parent's middleware, listener's middleware, connection, new /slow, listener's middleware, connection"
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(log, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestManyClientsMakeOneNamespace(t *testing.T) {
	server, url := serve(t, reference.Options{})
	var made, passed atomic.Int32
	server.OnNewNamespace(func(ns *reference.Namespace) {
		made.Add(1)
		time.Sleep(20 * time.Millisecond)
		ns.Use(func(*reference.Socket) error { passed.Add(1); return nil })
	})
	server.OfPattern(regexp.MustCompile(`^/dynamic-\w+$`))
	var clients sync.WaitGroup
	for range 50 {
		c := dial(t, url)
		clients.Go(func() {
			c.send(`40/dynamic-1,`)
			c.next()
		})
	}
	clients.Wait()
	if made.Load() != 1 || passed.Load() != 50 {
		t.Errorf("%d namespaces, %d sockets passed the middleware", made.Load(), passed.Load())
	}
}

func TestClientThatGoesWhileAMiddlewareRuns(t *testing.T) {
	server, url := serve(t, reference.Options{})
	entered, release := make(chan struct{}), make(chan struct{})
	server.Use(func(*reference.Socket) error { close(entered); <-release; return nil })
	server.OnConnection(func(*reference.Socket) { t.Error("a client that has gone was connected") })
	c := dial(t, url)
	c.send(`40`)
	<-entered
	c.conn.Close()
	time.Sleep(20 * time.Millisecond)
	close(release)
}

func TestServerSideNames(t *testing.T) {
	server, _ := serve(t, reference.Options{})
	for _, name := range []string{"connect", "connection", "new_namespace"} {
		err := server.Of("/").ServerSideEmit(name)
		if _, err2 := server.Of("/").ServerSideEmitWithAck(context.Background(), name); err == nil || err2 == nil || err.Error() != `"`+name+`" is a reserved event name` {
			t.Errorf("%s: %v, %v", name, err, err2)
		}
	}
	if err := server.Of("/").ServerSideEmit("disconnect"); err != nil {
		t.Error(err)
	}
	if responses, err := server.Of("/").ServerSideEmitWithAck(context.Background(), "x"); responses == nil || len(responses) > 0 || err != nil {
		t.Error(responses, err)
	}
}
