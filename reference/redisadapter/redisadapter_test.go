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
	"github.com/redis/go-redis/v9"
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

// inEachFormat runs a test over an embedded broker, and sharded over a real one, as the embedded one lacks the commands.
func inEachFormat(t *testing.T, test func(b *broker)) {
	t.Run("plain", func(t *testing.T) { test(newBroker(t)) })
	t.Run("sharded", func(t *testing.T) { test(&broker{t, fixtures.RedisServer(t), true}) })
}

func newBroker(t *testing.T) *broker { return &broker{t, "redis://" + miniredis.RunT(t).Addr(), false} }

func (b *broker) client() *redis.Client {
	options, err := redis.ParseURL(b.url)
	if err != nil {
		b.Fatal(err)
	}
	options.Protocol, options.DisableIdentity = 2, true
	client := redis.NewClient(options)
	b.Cleanup(func() { client.Close() })
	return client
}

func (b *broker) peer(name string, timeout time.Duration) *peer {
	factory := redisadapter.New(b.client(), redisadapter.Options{RequestsTimeout: timeout, Sharded: b.sharded})
	p := &peer{name: name, events: make(chan string, 1000)}
	adapter, err := factory.Adapter(p)
	if err != nil {
		b.Fatal(err)
	}
	p.Adapter = adapter
	b.Cleanup(func() { adapter.Close(); factory.Close() })
	return p
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
	one := b.peer("/", 50*time.Millisecond)
	if responses, err := one.ServerSideEmitWithAck(context.Background(), values(t, "q")); err != nil || responses == nil || len(responses) > 0 {
		t.Fatalf("alone: %v, error %v", responses, err)
	}
	two, three := b.peer("/", 0), b.peer("/", 0)
	two.answer = func(v []reference.Value, acknowledge func(reference.Value)) {
		acknowledge(packet.Raw([]byte(`{"n":1,"s":"é"}`)))
	}
	var silent sync.Mutex
	late := make(chan func(reference.Value), 1)
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
	responses, err = one.ServerSideEmitWithAck(context.Background(), values(t, "silent"))
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
	raw := b.client()
	watch := raw.Subscribe(context.Background(), "socket.io-request#/custom#", "socket.io-response#/custom#")
	defer watch.Close()
	messages := watch.Channel()
	for {
		if n := raw.PubSubNumSub(context.Background(), "socket.io-request#/custom#").Val(); n["socket.io-request#/custom#"] == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	p.ServerSideEmit(values(t, "hello", []byte{1, 2}, nil))
	uid := ""
	if got := (<-messages).Payload; len(got) < 14 || got[14:] != `","type":6,"data":["hello",{"type":"Buffer","data":[1,2]},null]}` {
		t.Errorf("published %s", got)
	} else {
		uid = got[8:14]
	}
	answered := make(chan string)
	go func() {
		responses, err := p.ServerSideEmitWithAck(context.Background(), values(t, "q", "x"))
		answered <- fmt.Sprint(responses, err)
	}()
	request := (<-messages).Payload
	id := strings.TrimSuffix(strings.TrimPrefix(request, `{"uid":"`+uid+`","requestId":"`), `","type":6,"data":["q","x"]}`)
	if len(id) != 6 {
		t.Fatalf("published %s", request)
	}
	response, _ := msgpack.Marshal(map[string]any{"requestId": id, "data": []any{[]byte{7}, 1}})
	raw.Publish(context.Background(), "socket.io-response#/custom#"+uid+"#", response)
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
		raw.Publish(context.Background(), "socket.io-request#/custom#", c[0])
		if <-messages; c[1] != "" {
			p.expect(t, c[1])
		}
	}
	if got := (<-messages).Payload; got != `{"type":6,"requestId":7,"data":null}` {
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
	b.comeBack(2, func(client *redis.Client) (map[string]int64, error) {
		return client.PubSubNumSub(context.Background(), "socket.io-request#/#").Result()
	})
	one.ServerSideEmit(values(t, "hello"))
	two.expect(t, `["hello"]`)
}

func TestLostConnectionSharded(t *testing.T) {
	b := &broker{t, fixtures.RedisServer(t), true}
	one, two := b.peer("/", 0), b.peer("/", 0)
	if n, err := b.client().ClientKillByFilter(context.Background(), "TYPE", "pubsub").Result(); err != nil || n != 2 {
		t.Fatalf("%d connections were cut, error %v", n, err)
	}
	b.comeBack(2, func(client *redis.Client) (map[string]int64, error) {
		return client.PubSubShardNumSub(context.Background(), "socket.io#/#").Result()
	})
	one.ServerSideEmit(values(t, "hello"))
	two.expect(t, `["hello"]`)
}

// comeBack waits until so many are subscribed.
func (b *broker) comeBack(want int64, count func(*redis.Client) (map[string]int64, error)) {
	b.Helper()
	client := b.client()
	for deadline := time.Now().Add(patience); ; {
		counts, err := count(client)
		for _, n := range counts {
			if n == want {
				return
			}
		}
		if time.Now().After(deadline) {
			b.Fatalf("%v came back, error %v", counts, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// joiner is a receiver that makes another adapter when an event comes, as a listener does that creates a namespace.
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

// A receiver may wait for the broker, whose confirmation comes the same way as the event did.
func TestReceiversMayWaitForTheBroker(t *testing.T) {
	inEachFormat(t, func(b *broker) {
		sender := b.peer("/", patience)
		factory := redisadapter.New(b.client(), redisadapter.Options{Sharded: b.sharded})
		b.Cleanup(func() { factory.Close() })
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
