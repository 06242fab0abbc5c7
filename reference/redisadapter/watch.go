package redisadapter

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/gomodule/redigo/redis"
)

// Emit is a server-side emit that crossed the broker of a cluster.
type Emit struct {
	Namespace string
	Event     string
	Args      json.RawMessage   // an array, without the acknowledgement
	Ack       bool              // whether an acknowledgement was asked for
	Answers   []json.RawMessage // those that have crossed so far, in order
}

// Watcher sees the server-side emits of a cluster without being a member of it. It subscribes with patterns, which the
// adapters do not count as servers, and does not answer. It is safe for use by several goroutines.
type Watcher struct {
	pool         *redis.Pool // for commands
	subscription *subscription
	barrier      string        // a channel of its own
	ready        chan struct{} // closed when the broker has confirmed the subscriptions
	done         chan struct{}

	mu     sync.Mutex
	emits  []*Emit
	asked  map[string]*Emit // by the channel of the answers and the ID of the request
	bytes  int
	lost   error
	passed map[string]chan struct{} // barriers that pass waits for
}

// ErrSharded says that the servers of the cluster use the format of the sharded adapter, whose messages only servers can
// receive.
var ErrSharded = errors.New("the cluster uses the sharded adapter, whose messages only its servers can receive")

// ErrNoServer says that no server with the Redis adapter listens at a broker.
var ErrNoServer = errors.New("no server with the Redis adapter listens there")

// mostWatched is how many bytes of emits and answers a Watcher keeps at most.
const mostWatched = 64 << 20

// Watch starts watching at a broker, redis://host:port/database. It returns when the subscription is confirmed.
func Watch(ctx context.Context, url string) (*Watcher, error) {
	w := &Watcher{
		pool:    commandPool(url, nil),
		barrier: "watcher-" + rand.Text(), ready: make(chan struct{}), done: make(chan struct{}),
		asked: map[string]*Emit{}, passed: map[string]chan struct{}{},
	}
	err := w.listened(ctx)
	if err == nil {
		w.subscription, err = subscribe(ctx, url)
	}
	if err != nil {
		return nil, errors.Join(err, w.pool.Close())
	}
	// The barrier is a pattern, too: some brokers keep the order only among the messages of patterns.
	if err = w.subscription.send("psubscribe", "*-request#/*", "*-response#/*", w.barrier); err != nil {
		return nil, errors.Join(err, w.subscription.close(), w.pool.Close())
	}
	go w.read()
	select {
	case <-w.ready:
		return w, nil
	case <-w.done:
		return nil, errors.Join(w.lost, w.Close())
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), w.Close())
	}
}

// listened returns an error if no server can be watched at the broker.
func (w *Watcher) listened(ctx context.Context) error {
	servers, err := redis.Values(do(ctx, w.pool, "PUBSUB", "CHANNELS", "*-request#/#"))
	if err != nil || len(servers) > 0 {
		return err
	}
	shards, err := redis.Values(do(ctx, w.pool, "PUBSUB", "SHARDCHANNELS", "*#/#"))
	if err == nil && len(shards) > 0 {
		return ErrSharded
	}
	return ErrNoServer
}

// Close stops watching.
func (w *Watcher) Close() error {
	err := errors.Join(w.subscription.close(), w.pool.Close())
	<-w.done
	return err
}

// Emits returns all emits that have crossed from the start of the watch until now. The error says why some may be missing.
func (w *Watcher) Emits(ctx context.Context) ([]Emit, error) {
	if err := w.pass(ctx); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost != nil {
		return nil, w.lost
	}
	all := make([]Emit, len(w.emits))
	for i, e := range w.emits {
		all[i] = *e
	}
	return all, nil
}

// pass waits for everything that was published before. The broker keeps the order.
func (w *Watcher) pass(ctx context.Context) error {
	token, passed := rand.Text(), make(chan struct{})
	w.mu.Lock()
	lost := w.lost
	w.passed[token] = passed
	w.mu.Unlock()
	if lost != nil {
		return lost
	}
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.passed, token)
	}()
	if _, err := do(ctx, w.pool, "PUBLISH", w.barrier, token); err != nil {
		return err
	}
	select {
	case <-passed:
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.lost
	case <-w.done:
		return net.ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *Watcher) read() {
	defer close(w.done)
	for {
		p, err := w.subscription.receive()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			w.lose(fmt.Errorf("the connection to the broker was lost: %w", err))
			return
		}
		if p.message {
			w.take(p.channel, p.payload)
		} else if p.channel == w.barrier { // the broker confirms it last
			close(w.ready)
		}
	}
}

// lose ends all waiting for the broker: from now on, emits may be missing.
func (w *Watcher) lose(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost = err
	for token, passed := range w.passed {
		close(passed)
		delete(w.passed, token)
	}
}

func (w *Watcher) take(channel, payload string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if channel == w.barrier {
		if passed := w.passed[payload]; passed != nil {
			close(passed)
			delete(w.passed, payload)
		}
		return
	}
	if w.bytes += len(payload); w.bytes > mostWatched {
		w.lost = fmt.Errorf("more than %d bytes have crossed", mostWatched)
		return
	}
	if prefix, rest, is := strings.Cut(channel, "-request#"); is {
		namespace := strings.TrimSuffix(rest, "#")
		m, ok := plain.decodeRequest(namespace, payload)
		if !ok {
			return
		}
		values, err := m.data.Elements()
		if err != nil || len(values) == 0 {
			return
		}
		e := &Emit{Namespace: namespace, Ack: m.id != nil, Args: json.RawMessage("[")}
		if values[0].Decode(&e.Event) != nil {
			return
		}
		for i, v := range values[1:] {
			if i > 0 {
				e.Args = append(e.Args, ',')
			}
			e.Args = append(e.Args, v.Text(buffer)...)
		}
		e.Args = append(e.Args, ']')
		w.emits = append(w.emits, e)
		if e.Ack {
			w.asked[prefix+"#"+string(m.id)] = e
		}
		return
	}
	prefix, _, _ := strings.Cut(channel, "-response#")
	if m, ok := plain.decodeResponse(payload); ok {
		if e := w.asked[prefix+"#"+string(m.id)]; e != nil {
			e.Answers = append(e.Answers, m.data.Text(buffer))
		}
	}
}
