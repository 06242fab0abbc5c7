// Package redisadapter links servers through Redis in the wire formats of the official Redis adapter
// (https://socket.io/docs/v4/redis-adapter/, versions 7 and 8) and of its sharded variant, so that they form one
// cluster with Node servers too. It carries ServerSideEmit and its acknowledgements; broadcasts to the sockets of
// other servers and requests about rooms are not answered.
package redisadapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"

	"example.test/conformance/reference"
)

// ErrClosed is returned by an adapter that has left the cluster.
var ErrClosed = errors.New("the adapter is closed")

// errStale says why a connection for commands is not reused.
var errStale = errors.New("it was last used before the connection to Redis was lost")

// confirmTimeout bounds the wait for Redis to confirm a change of subscriptions.
const confirmTimeout = 5 * time.Second

// Limits of the pause before a lost connection is reopened.
const (
	firstPause = time.Millisecond
	mostPause  = 500 * time.Millisecond
)

// Options configures the adapters of one server.
type Options struct {
	// Prefix begins the name of every channel; "socket.io" by default. It is called key in the official adapter.
	Prefix string

	// RequestsTimeout is how long ServerSideEmitWithAck waits for the answers of the other servers if its context has no
	// deadline; 5 seconds by default.
	RequestsTimeout time.Duration

	// Sharded selects the format of the sharded adapter, which needs the commands of Redis 7.
	Sharded bool
}

// Factory makes the adapters of one server, which share one subscribing connection.
type Factory struct {
	url     string
	options Options
	format  format
	pool    *redis.Pool // for commands
	inbox   *inbox
	closing context.Context
	end     context.CancelFunc
	done    chan struct{} // closed when the reader has ended and everything it read is handled

	mu           sync.Mutex
	subscription *subscription
	lost         time.Time // when the subscribing connection was last found lost
	channels     map[string]func(payload string)
	awaited      map[string]chan struct{} // by command and channel
}

// Open connects a server to the Redis server at a URL, redis://host:port/database. It fails if Redis does not answer or is
// too old for the sharded format. ctx limits only this call.
func Open(ctx context.Context, url string, options Options) (*Factory, error) {
	if options.Prefix == "" {
		options.Prefix = "socket.io"
	}
	if options.RequestsTimeout == 0 {
		options.RequestsTimeout = 5 * time.Second
	}
	f := &Factory{
		url: url, options: options, format: plain,
		inbox: newInbox(), done: make(chan struct{}),
		channels: map[string]func(string){}, awaited: map[string]chan struct{}{},
	}
	if options.Sharded {
		f.format = sharded
	}
	f.pool = commandPool(url, f.stale)
	if err := f.connect(ctx); err != nil {
		return nil, fmt.Errorf("redis at %s: %w", host(url), errors.Join(err, f.pool.Close()))
	}
	f.closing, f.end = context.WithCancel(context.Background()) // until Close
	go func() {
		defer close(f.done)
		f.inbox.run()
	}()
	go f.read(f.subscription)
	return f, nil
}

// connect opens the connections and checks that Redis answers.
func (f *Factory) connect(ctx context.Context) error {
	if _, err := do(ctx, f.pool, "PING"); err != nil {
		return err
	}
	if f.options.Sharded {
		if _, err := f.listening(ctx, ""); err != nil {
			return fmt.Errorf("the sharded adapter needs Redis 7: %w", err)
		}
	}
	var err error
	f.subscription, err = subscribe(ctx, f.url)
	return err
}

// stale returns an error for a connection that was last used before the connection to Redis was found lost.
func (f *Factory) stale(used time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if used.Before(f.lost) {
		return errStale
	}
	return nil
}

// Adapter is a reference.AdapterFactory. It returns when Redis has confirmed the subscriptions, so the others count a
// server as soon as it has the namespace. It fails if Redis does not answer within five seconds.
func (f *Factory) Adapter(receiver reference.Receiver) (reference.Adapter, error) {
	a := newAdapter(f, receiver)
	if err := f.subscribe(a.subscriptions()); err != nil {
		return nil, err
	}
	return a, nil
}

// Close ends the connections. Close the adapters first.
func (f *Factory) Close() error {
	f.mu.Lock()
	f.end()
	err := f.subscription.close()
	f.mu.Unlock()
	if errors.Is(err, net.ErrClosed) { // it was lost, and is already closed
		err = nil
	}
	<-f.done
	return errors.Join(err, f.pool.Close())
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
func (f *Factory) change(command string, channels []string) error {
	confirmed := make([]chan struct{}, len(channels))
	f.mu.Lock()
	if f.closing.Err() != nil {
		f.mu.Unlock()
		return ErrClosed
	}
	for i, channel := range channels {
		confirmed[i] = make(chan struct{})
		f.awaited[command+channel] = confirmed[i]
	}
	err := f.subscription.send(command, channels...)
	f.mu.Unlock()
	if err != nil && command == f.format.unsubscribe { // after a failed subscribe, the next connection subscribes again
		return err
	}
	limit := time.NewTimer(confirmTimeout) // give up on a broker that confirms nothing
	defer limit.Stop()
	for i := range confirmed {
		select {
		case <-confirmed[i]:
		case <-f.done:
			return ErrClosed
		case <-limit.C:
			return fmt.Errorf("%s %s: %w", command, channels[i], cmp.Or(err, context.DeadlineExceeded))
		}
	}
	return nil
}

// read handles what Redis sends, in order, until the factory is closed. It reopens a lost connection with its
// subscriptions.
func (f *Factory) read(s *subscription) {
	defer f.inbox.end()
	for pause := firstPause; s != nil; {
		p, err := s.receive()
		if err != nil {
			s.close()
			s = f.reopen(&pause)
			continue
		}
		pause = firstPause
		if p.message {
			f.mu.Lock()
			receive := f.channels[p.channel]
			f.mu.Unlock()
			if receive != nil {
				f.inbox.put(func() { receive(p.payload) })
			}
			continue
		}
		f.mu.Lock()
		if confirmed := f.awaited[p.kind+p.channel]; confirmed != nil {
			close(confirmed)
			delete(f.awaited, p.kind+p.channel)
		}
		f.mu.Unlock()
	}
}

// reopen opens a lost connection again with its subscriptions, after a pause that doubles each time. It returns nil if the
// factory is closed.
func (f *Factory) reopen(pause *time.Duration) *subscription {
	f.mu.Lock()
	f.lost = time.Now()
	f.mu.Unlock()
	for {
		select {
		case <-f.closing.Done():
			return nil
		case <-time.After(*pause):
		}
		*pause = min(2**pause, mostPause)
		s, err := subscribe(f.closing, f.url)
		if err != nil {
			continue
		}
		if f.renew(s) == nil {
			return s
		}
		s.close()
	}
}

// renew makes s the subscribing connection.
func (f *Factory) renew(s *subscription) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing.Err() != nil {
		return ErrClosed
	}
	f.subscription = s
	if len(f.channels) == 0 {
		return nil
	}
	return s.send(f.format.subscribe, slices.Collect(maps.Keys(f.channels))...)
}

// publish sends a message to all servers that listen to a channel.
func (f *Factory) publish(ctx context.Context, channel string, payload []byte) error {
	_, err := do(ctx, f.pool, f.format.publish, channel, payload)
	return err
}

// listening returns how many servers listen to a channel.
func (f *Factory) listening(ctx context.Context, channel string) (int, error) {
	counts, err := redis.IntMap(do(ctx, f.pool, "PUBSUB", f.format.count, channel))
	return counts[channel], err
}
