// Package redisadapter links servers through Redis in the wire formats of the official Redis adapter
// (https://socket.io/docs/v4/redis-adapter/, versions 7 and 8) and of its sharded variant, so that they form one
// cluster with Node servers too. It carries ServerSideEmit and its acknowledgements; broadcasts to the sockets of
// other servers and requests about rooms are not answered.
package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"example.test/conformance/reference"
)

// ErrClosed is what an adapter answers that has left the cluster.
var ErrClosed = errors.New("the adapter is closed")

// confirmTimeout bounds the wait for Redis to confirm a change of subscriptions.
const confirmTimeout = 5 * time.Second

// Options says how the adapters of one server work.
type Options struct {
	// Prefix begins the name of every channel; "socket.io" by default. It is called key in the official adapter.
	Prefix string

	// RequestsTimeout is how long ServerSideEmitWithAck waits for the answers of the other servers where its context
	// has no deadline; 5 seconds by default.
	RequestsTimeout time.Duration

	// Sharded takes the format of the sharded adapter, which needs the commands of Redis 7.
	Sharded bool
}

// Factory makes the adapters of one server, which share one subscribing connection.
type Factory struct {
	client  *redis.Client
	options Options
	format  format
	pubsub  *redis.PubSub
	inbox   *inbox
	done    chan struct{} // closed when the reader has ended, and all that it read is handed out

	mu       sync.Mutex
	closed   bool
	channels map[string]func(payload string)
	awaited  map[string]chan struct{} // by kind and channel
}

// New makes a factory. The client stays the caller's, who closes it after the factory.
func New(client *redis.Client, options Options) *Factory {
	if options.Prefix == "" {
		options.Prefix = "socket.io"
	}
	if options.RequestsTimeout == 0 {
		options.RequestsTimeout = 5 * time.Second
	}
	f := &Factory{
		client: client, options: options, format: plain,
		pubsub: client.Subscribe(context.Background()), inbox: newInbox(), done: make(chan struct{}),
		channels: map[string]func(string){}, awaited: map[string]chan struct{}{},
	}
	if options.Sharded {
		f.format = sharded
	}
	go func() {
		defer close(f.done)
		f.inbox.run()
	}()
	go f.read()
	return f
}

// Adapter is a reference.AdapterFactory. It returns when Redis has confirmed the subscriptions, so a server counts for
// the others as soon as it has the namespace. It fails where Redis does not answer within five seconds.
func (f *Factory) Adapter(receiver reference.Receiver) (reference.Adapter, error) {
	a := newAdapter(f, receiver)
	if err := f.subscribe(a.subscriptions()); err != nil {
		return nil, err
	}
	return a, nil
}

// Close ends the subscribing connection. Adapters should be closed before.
func (f *Factory) Close() error {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	err := f.pubsub.Close()
	<-f.done
	return err
}

func (f *Factory) subscribe(receivers map[string]func(string)) error {
	f.mu.Lock()
	for channel, receive := range receivers {
		f.channels[channel] = receive
	}
	f.mu.Unlock()
	return f.change(f.format.subscribe, slices.Collect(maps.Keys(receivers)))
}

func (f *Factory) unsubscribe(channels []string) error {
	err := f.change(f.format.unsubscribe, channels)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, channel := range channels {
		delete(f.channels, channel)
	}
	return err
}

// change sends a command about subscriptions and waits until all its channels are confirmed.
func (f *Factory) change(c command, channels []string) error {
	confirmed := make([]chan struct{}, len(channels))
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return ErrClosed
	}
	for i, channel := range channels {
		confirmed[i] = make(chan struct{})
		f.awaited[c.kind+channel] = confirmed[i]
	}
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), confirmTimeout)
	defer cancel()
	if err := c.run(f.pubsub, ctx, channels...); err != nil {
		return err
	}
	for i := range confirmed {
		select {
		case <-confirmed[i]:
		case <-f.done:
			return ErrClosed
		case <-ctx.Done():
			return fmt.Errorf("%s %s: %w", c.kind, channels[i], ctx.Err())
		}
	}
	return nil
}

// read takes what Redis sends, in order. A lost connection is opened again, with its subscriptions, by go-redis.
func (f *Factory) read() {
	defer f.inbox.end()
	for pause := time.Millisecond; ; {
		message, err := f.pubsub.Receive(context.Background())
		if err != nil {
			f.mu.Lock()
			closed := f.closed
			f.mu.Unlock()
			if closed || errors.Is(err, redis.ErrClosed) {
				return
			}
			time.Sleep(pause)
			pause = min(2*pause, 500*time.Millisecond)
			continue
		}
		pause = time.Millisecond
		switch message := message.(type) {
		case *redis.Message:
			f.mu.Lock()
			receive := f.channels[message.Channel]
			f.mu.Unlock()
			if receive != nil {
				f.inbox.put(func() { receive(message.Payload) })
			}
		case *redis.Subscription:
			f.mu.Lock()
			if confirmed := f.awaited[message.Kind+message.Channel]; confirmed != nil {
				close(confirmed)
				delete(f.awaited, message.Kind+message.Channel)
			}
			f.mu.Unlock()
		}
	}
}
