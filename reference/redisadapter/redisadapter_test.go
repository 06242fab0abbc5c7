package redisadapter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/gomodule/redigo/redis"
	"github.com/vmihailenco/msgpack/v5"
	"go.uber.org/goleak"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference"
	"example.test/conformance/reference/packet"
	"example.test/conformance/reference/redisadapter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// peer is a namespace on one server of the cluster.
type peer struct {
	reference.Adapter
	name   string
	events chan string
	answer func(values []reference.Value, acknowledge func(reference.Value))
}

func (p *peer) Name() string { return p.name }

func (p *peer) HandleServerSideEvent(values []reference.Value, acknowledge func(reference.Value)) {
	p.events <- packet.Array(values...).String()
	if acknowledge != nil && p.answer != nil {
		p.answer(values, acknowledge)
	}
}

type broker struct {
	*testing.T
	url     string
	sharded bool
}

// inEachFormat runs a test with an embedded broker, and in the sharded format with a real one, since the embedded broker
// lacks the commands.
func inEachFormat(t *testing.T, test func(b *broker)) {
	t.Run("plain", func(t *testing.T) { test(newBroker(t)) })
	t.Run("sharded", func(t *testing.T) { test(&broker{t, fixtures.RedisServer(t), true}) })
}

func newBroker(t *testing.T) *broker { return &broker{t, "redis://" + miniredis.RunT(t).Addr(), false} }

// dial opens a connection that does not belong to the adapter.
func (b *broker) dial() redis.Conn {
	b.Helper()
	conn, err := redis.DialURL(b.url)
	if err != nil {
		b.Fatal(err)
	}
	return conn
}

// do runs a command on a connection that does not belong to the adapter.
func (b *broker) do(command string, args ...any) any {
	b.Helper()
	conn := b.dial()
	defer conn.Close()
	answer, err := conn.Do(command, args...)
	if err != nil {
		b.Fatal(err)
	}
	return answer
}

// listeners returns how many listen to a channel.
func (b *broker) listeners(channel string) int {
	b.Helper()
	count := "NUMSUB"
	if b.sharded {
		count = "SHARDNUMSUB"
	}
	counts, err := redis.IntMap(b.do("PUBSUB", count, channel), nil)
	if err != nil {
		b.Fatal(err)
	}
	return counts[channel]
}

// message is a message that Redis sends to subscribers.
type message struct{ channel, payload string }

// listen returns the messages on the channels until the test ends.
func (b *broker) listen(command string, channels ...any) <-chan message {
	b.Helper()
	conn := b.dial()
	if err := errors.Join(conn.Send(command, channels...), conn.Flush()); err != nil {
		b.Fatal(err)
	}
	for range channels {
		if _, err := conn.Receive(); err != nil {
			b.Fatal(err)
		}
	}
	messages, done := make(chan message, 1000), make(chan struct{})
	go func() {
		defer close(done)
		for {
			texts, err := redis.Strings(conn.Receive())
			if err != nil {
				return
			}
			messages <- message{texts[1], texts[2]}
		}
	}()
	b.Cleanup(func() { conn.Close(); <-done })
	return messages
}

func (b *broker) peer(name string, timeout time.Duration) *peer {
	factory := b.open(timeout)
	p := &peer{name: name, events: make(chan string, 1000)}
	adapter, err := factory.Adapter(p)
	if err != nil {
		b.Fatal(err)
	}
	p.Adapter = adapter
	b.Cleanup(func() { adapter.Close() })
	return p
}

func (b *broker) open(timeout time.Duration) *redisadapter.Factory {
	factory, err := redisadapter.Open(b.Context(), b.url, redisadapter.Options{RequestsTimeout: timeout, Sharded: b.sharded})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := factory.Close(); err != nil {
			b.Error(err)
		}
	})
	return factory
}

func values(t *testing.T, args ...any) []reference.Value {
	t.Helper()
	value, err := packet.Of(args)
	if err != nil {
		t.Fatal(err)
	}
	elements, _ := value.Elements()
	return elements
}

func (p *peer) expect(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-p.events:
		if got != want {
			t.Errorf("received %s, want %s", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("%s did not come", want)
	}
}

func TestDelivery(t *testing.T) { inEachFormat(t, testDelivery) }

func testDelivery(b *broker) {
	t := b.T
	one, two, three, custom := b.peer("/", 0), b.peer("/", 0), b.peer("/", 0), b.peer("/custom", 0)
	for i := range 100 {
		if err := one.ServerSideEmit(values(t, "hello", i, "é", map[string]any{"a": []any{true, nil}})); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		want := fmt.Sprintf(`["hello",%d,"é",{"a":[true,null]}]`, i)
		two.expect(t, want)
		three.expect(t, want)
	}
	if len(one.events) > 0 || len(custom.events) > 0 {
		t.Errorf("the sender got %d, another namespace %d", len(one.events), len(custom.events))
	}
}

func TestAcknowledgements(t *testing.T) { inEachFormat(t, testAcknowledgements) }

func testAcknowledgements(b *broker) {
	t, binary := b.T, `{"type":"Buffer","data":[1,2]}`
	if b.sharded { // which keeps attachments
		binary = "<01 02>"
	}
	one := b.peer("/", patience)
	if responses, err := one.ServerSideEmitWithAck(context.Background(), values(t, "q")); err != nil || responses == nil || len(responses) > 0 {
		t.Fatalf("alone: %v, error %v", responses, err)
	}
	two, three := b.peer("/", 0), b.peer("/", 0)
	two.answer = func(v []reference.Value, acknowledge func(reference.Value)) {
		acknowledge(packet.Raw([]byte(`{"n":1,"s":"é"}`)))
	}
	var silent sync.Mutex
	late := make(chan func(reference.Value), 1000)
	three.answer = func(v []reference.Value, acknowledge func(reference.Value)) {
		if v[0].String() == `"silent"` {
			late <- acknowledge
			return
		}
		silent.Lock()
		defer silent.Unlock()
		acknowledge(packet.Attachment([]byte{1, 2}))
	}
	responses, err := one.ServerSideEmitWithAck(context.Background(), values(t, "q", "x"))
	text := packet.Array(responses...).String()
	if err != nil || (text != `[{"n":1,"s":"é"},`+binary+`]` && text != `[`+binary+`,{"n":1,"s":"é"}]`) {
		t.Errorf("responses %s, error %v", text, err)
	}
	for wait := 50 * time.Millisecond; ; wait *= 2 { // a busy machine may need longer until the one answer comes
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		responses, err = one.ServerSideEmitWithAck(ctx, values(t, "silent"))
		cancel()
		if len(responses) > 0 || wait > patience {
			break
		}
	}
	if err == nil || err.Error() != "timeout reached: only 1 responses received out of 2" || packet.Array(responses...).String() != `[{"n":1,"s":"é"}]` {
		t.Errorf("responses %v, error %v", responses, err)
	}
	(<-late)(packet.Raw([]byte(`"late"`)))
	three.Close()
	if responses, err = one.ServerSideEmitWithAck(context.Background(), values(t, "q")); err != nil || len(responses) != 1 {
		t.Errorf("after one left: %v, error %v", responses, err)
	}
	one.Close()
	if err := one.ServerSideEmit(values(t, "q")); !errors.Is(err, redisadapter.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestManyInFlight(t *testing.T) { inEachFormat(t, testManyInFlight) }

func testManyInFlight(b *broker) {
	t := b.T
	peers := []*peer{b.peer("/", patience), b.peer("/", patience)}
	for _, p := range peers {
		p.answer = func(v []reference.Value, acknowledge func(reference.Value)) { go acknowledge(v[1]) }
	}
	var work sync.WaitGroup
	for i := range 400 {
		work.Go(func() {
			responses, err := peers[i%2].ServerSideEmitWithAck(context.Background(), values(t, "echo", i))
			if err != nil || len(responses) != 1 || responses[0].String() != fmt.Sprint(i) {
				t.Errorf("%d: %v, error %v", i, responses, err)
			}
		})
	}
	work.Wait()
}

// TestWire compares what goes through Redis with what the official adapter sends.
func TestWire(t *testing.T) {
	b := newBroker(t)
	p := b.peer("/custom", patience)
	messages := b.listen("SUBSCRIBE", "socket.io-request#/custom#", "socket.io-response#/custom#")
	p.ServerSideEmit(values(t, "hello", []byte{1, 2}, nil))
	uid := ""
	if got := (<-messages).payload; len(got) < 14 || got[14:] != `","type":6,"data":["hello",{"type":"Buffer","data":[1,2]},null]}` {
		t.Errorf("published %s", got)
	} else {
		uid = got[8:14]
	}
	answered := make(chan string)
	go func() {
		responses, err := p.ServerSideEmitWithAck(context.Background(), values(t, "q", "x"))
		answered <- fmt.Sprint(responses, err)
	}()
	request := (<-messages).payload
	id := strings.TrimSuffix(strings.TrimPrefix(request, `{"uid":"`+uid+`","requestId":"`), `","type":6,"data":["q","x"]}`)
	if len(id) != 6 {
		t.Fatalf("published %s", request)
	}
	response, _ := msgpack.Marshal(map[string]any{"requestId": id, "data": []any{[]byte{7}, 1}})
	b.do("PUBLISH", "socket.io-response#/custom#"+uid+"#", response)
	if got := <-answered; got != "[[<07>,1]] <nil>" {
		t.Errorf("answered %s", got)
	}
	p.answer = func(_ []reference.Value, acknowledge func(reference.Value)) { acknowledge(reference.Value{}) }
	packed, _ := msgpack.Marshal(map[string]any{"type": 6, "data": []any{"hello", []byte{1}, 1.5}})
	for _, c := range [][2]string{
		{`{"uid":"raw","type":6,"data":["hello",1]}`, `["hello",1]`},
		{`{"type":6,"foo":1,"data":["hello",2]}`, `["hello",2]`},
		{`{"uid":"` + uid + `","type":6,"data":["own"]}`, ``},
		{` {"type":6,"data":["space"]}`, ``}, {`{bad`, ``}, {``, ``}, {`{"type":"6","data":["x"]}`, ``}, {`{"type":6}`, ``},
		{`{"type":6,"data":"x"}`, ``}, {`{"type":6,"data":[]}`, ``}, {`{"type":99,"data":["x"]}`, ``},
		{string(packed), `["hello",<01>,1.5]`},
		{`{"type":6,"requestId":7,"data":["q"]}`, `["q"]`},
	} {
		b.do("PUBLISH", "socket.io-request#/custom#", c[0])
		if <-messages; c[1] != "" {
			p.expect(t, c[1])
		}
	}
	if got := (<-messages).payload; got != `{"type":6,"requestId":7,"data":null}` {
		t.Errorf("response %s", got)
	}
}

func TestLostConnection(t *testing.T) {
	embedded := miniredis.RunT(t)
	b := &broker{t, "redis://" + embedded.Addr(), false}
	one, two := b.peer("/", 0), b.peer("/", 0)
	embedded.Close()
	if err := embedded.Restart(); err != nil {
		t.Fatal(err)
	}
	b.comeBack(2, "socket.io-request#/#")
	one.ServerSideEmit(values(t, "hello"))
	two.expect(t, `["hello"]`)
}

func TestLostConnectionSharded(t *testing.T) {
	b := &broker{t, fixtures.RedisServer(t), true}
	one, two := b.peer("/", 0), b.peer("/", 0)
	if n, err := redis.Int(b.do("CLIENT", "KILL", "TYPE", "pubsub"), nil); err != nil || n != 2 {
		t.Fatalf("%d connections were cut, error %v", n, err)
	}
	b.comeBack(2, "socket.io#/#")
	one.ServerSideEmit(values(t, "hello"))
	two.expect(t, `["hello"]`)
}

// comeBack waits until that many listen to a channel.
func (b *broker) comeBack(want int, channel string) {
	b.Helper()
	for deadline := time.Now().Add(patience); ; {
		n := b.listeners(channel)
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%d came back", n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// joiner is a receiver that makes another adapter when an event comes, like a listener that creates a namespace.
type joiner struct {
	name    string
	factory *redisadapter.Factory
	joined  chan error
}

func (j *joiner) Name() string { return j.name }

func (j *joiner) HandleServerSideEvent([]reference.Value, func(reference.Value)) {
	_, err := j.factory.Adapter(&joiner{name: "/other"})
	j.joined <- err
}

// A receiver may wait for the broker even though the broker's confirmation comes over the same connection as the event.
func TestReceiversMayWaitForTheBroker(t *testing.T) {
	inEachFormat(t, func(b *broker) {
		sender := b.peer("/", patience)
		factory := b.open(0)
		j := &joiner{name: "/", factory: factory, joined: make(chan error, 1)}
		if _, err := factory.Adapter(j); err != nil {
			b.Fatal(err)
		}
		if err := sender.ServerSideEmit(values(b.T, "hello")); err != nil {
			b.Fatal(err)
		}
		if err := <-j.joined; err != nil {
			b.Error(err)
		}
	})
}

// If the time is up before the broker has answered, an answer is missing; the broker has not failed.
func TestTimeIsUpBeforeTheBrokerAnswers(t *testing.T) {
	b := newBroker(t)
	one, _ := b.peer("/", 0), b.peer("/", 0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	var missing *redisadapter.TimeoutError
	if responses, err := one.ServerSideEmitWithAck(ctx, values(t, "q")); !errors.As(err, &missing) || missing.Expected != 1 || len(responses) > 0 {
		t.Errorf("responses %v, error %v", responses, err)
	}
}
