package redisadapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"example.test/conformance/reference"
	"example.test/conformance/reference/packet"
)

// TimeoutError is the error of ServerSideEmitWithAck if some other server has not answered in time.
type TimeoutError struct{ Received, Expected int }

// Error returns the same text as the official adapter.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("timeout reached: only %d responses received out of %d", e.Received, e.Expected)
}

type adapter struct {
	factory  *Factory
	receiver reference.Receiver
	uid      string
	channels channels
	closed   chan struct{}
	closing  sync.Once

	mu      sync.Mutex
	pending map[string]*request // by the JSON form of the request's id
}

// request is a request that waits for answers. They are counted, not matched to servers.
type request struct {
	expected  int
	responses []reference.Value
	complete  chan struct{}
}

func newAdapter(f *Factory, receiver reference.Receiver) *adapter {
	a := &adapter{factory: f, receiver: receiver, uid: f.format.newID(), closed: make(chan struct{}), pending: map[string]*request{}}
	a.channels = f.format.channels(f.options.Prefix, receiver.Name(), a.uid)
	return a
}

func (a *adapter) subscriptions() map[string]func(string) {
	receivers := map[string]func(string){a.channels.requests: a.onRequest}
	for _, channel := range a.channels.responses {
		receivers[channel] = a.onResponse
	}
	return receivers
}

// Close makes the other servers stop counting this one, and ends the requests that wait for answers.
func (a *adapter) Close() error {
	var err error
	a.closing.Do(func() {
		close(a.closed)
		err = a.factory.unsubscribe(append([]string{a.channels.requests}, a.channels.responses...))
	})
	return err
}

func (a *adapter) ServerSideEmit(values []reference.Value) error {
	if a.isClosed() {
		return ErrClosed
	}
	return a.request(context.Background(), nil, values) // nobody waits for answers
}

func (a *adapter) ServerSideEmitWithAck(ctx context.Context, values []reference.Value) ([]reference.Value, error) {
	if a.isClosed() {
		return nil, ErrClosed
	}
	toBroker := context.WithoutCancel(ctx) // the deadline is for the other servers; it does not limit a busy broker
	servers, err := a.factory.listening(toBroker, a.channels.requests)
	if err != nil {
		return nil, err
	}
	expected := servers - 1
	if expected <= 0 {
		return []reference.Value{}, nil
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.factory.options.RequestsTimeout)
		defer cancel()
	}

	id, _ := json.Marshal(a.factory.format.newID())
	r := &request{expected: expected, complete: make(chan struct{})}
	a.mu.Lock()
	a.pending[string(id)] = r
	a.mu.Unlock()
	defer a.forget(string(id))
	if err := a.request(toBroker, id, values); err != nil {
		return nil, err
	}
	select {
	case <-r.complete:
	case <-a.closed:
		err = ErrClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	responses := append([]reference.Value{}, r.responses...)
	switch {
	case len(responses) == expected:
		return responses, nil
	case errors.Is(err, context.DeadlineExceeded):
		return responses, &TimeoutError{len(responses), expected}
	}
	return responses, err
}

// request publishes a packet to the other servers. id is nil if no answer is asked for.
func (a *adapter) request(ctx context.Context, id []byte, values []reference.Value) error {
	payload, err := a.factory.format.encodeRequest(a.message(id, packet.Array(values...)))
	if err != nil {
		return err
	}
	return a.factory.publish(ctx, a.channels.requests, payload)
}

func (a *adapter) message(id []byte, data reference.Value) message {
	return message{uid: a.uid, namespace: a.receiver.Name(), id: id, data: data, filled: true}
}

func (a *adapter) forget(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.pending, id)
}

func (a *adapter) isClosed() bool {
	select {
	case <-a.closed:
		return true
	default:
		return false
	}
}

// onRequest handles a message on the request channel. It ignores messages that are malformed, of another type or from this
// server.
func (a *adapter) onRequest(payload string) {
	f := a.factory.format
	m, ok := f.decodeRequest(a.receiver.Name(), payload)
	if !ok || m.uid == a.uid {
		return
	}
	values, err := m.data.Elements()
	if err != nil || len(values) == 0 {
		return
	}
	var acknowledge func(reference.Value)
	if m.id != nil {
		acknowledge = func(value reference.Value) {
			if response, err := f.encodeResponse(a.message(m.id, value)); err == nil {
				a.factory.publish(context.Background(), a.channels.reply(m.uid), response) // a listener may answer late
			}
		}
	}
	a.receiver.HandleServerSideEvent(values, acknowledge)
}

// onResponse handles a message on the response channels, which also carry the answers for other servers.
func (a *adapter) onResponse(payload string) {
	a.mu.Lock()
	awaited := len(a.pending) > 0
	a.mu.Unlock()
	if !awaited {
		return
	}
	m, ok := a.factory.format.decodeResponse(payload)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.pending[string(m.id)]
	if r == nil || len(r.responses) == r.expected {
		return
	}
	r.responses = append(r.responses, m.data)
	if len(r.responses) == r.expected {
		close(r.complete)
	}
}
