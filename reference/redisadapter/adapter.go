package redisadapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"example.test/conformance/reference"
)

// TimeoutError is the failure of ServerSideEmitWithAck where not every other server has answered in time.
type TimeoutError struct{ Received, Expected int }

// Error gives the text of the official adapter.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("timeout reached: only %d responses received out of %d", e.Received, e.Expected)
}

type adapter struct {
	factory  *Factory
	receiver reference.Receiver
	uid      string
	closed   chan struct{}
	closing  sync.Once

	requestChannel, responseChannel, ownResponseChannel string

	mu      sync.Mutex
	pending map[string]*request // by the JSON form of the request's id
}

// request is one that waits for answers. They are counted, not matched to servers.
type request struct {
	expected  int
	responses []reference.Value
	complete  chan struct{}
}

func newAdapter(f *Factory, receiver reference.Receiver) *adapter {
	a := &adapter{factory: f, receiver: receiver, uid: newID(), closed: make(chan struct{}), pending: map[string]*request{}}
	a.requestChannel = f.options.Prefix + "-request#" + receiver.Name() + "#"
	a.responseChannel = f.options.Prefix + "-response#" + receiver.Name() + "#"
	a.ownResponseChannel = a.responseChannel + a.uid + "#"
	return a
}

func (a *adapter) subscriptions() map[string]func(string) {
	return map[string]func(string){a.requestChannel: a.onRequest, a.responseChannel: a.onResponse, a.ownResponseChannel: a.onResponse}
}

// Close makes the other servers stop counting this one, and ends what waits for answers.
func (a *adapter) Close() error {
	var err error
	a.closing.Do(func() {
		close(a.closed)
		err = a.factory.unsubscribe([]string{a.requestChannel, a.responseChannel, a.ownResponseChannel})
	})
	return err
}

func (a *adapter) ServerSideEmit(packet []reference.Value) error {
	if a.isClosed() {
		return ErrClosed
	}
	text, err := encodeRequest(a.uid, nil, packet)
	if err != nil {
		return err
	}
	return a.factory.client.Publish(context.Background(), a.requestChannel, text).Err()
}

func (a *adapter) ServerSideEmitWithAck(ctx context.Context, packet []reference.Value) ([]reference.Value, error) {
	if a.isClosed() {
		return nil, ErrClosed
	}
	subscribers, err := a.factory.client.PubSubNumSub(ctx, a.requestChannel).Result()
	if err != nil {
		return nil, err
	}
	expected := int(subscribers[a.requestChannel]) - 1
	if expected <= 0 {
		return []reference.Value{}, nil
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.factory.options.RequestsTimeout)
		defer cancel()
	}

	id, _ := json.Marshal(newID())
	text, err := encodeRequest(a.uid, id, packet)
	if err != nil {
		return nil, err
	}
	r := &request{expected: expected, complete: make(chan struct{})}
	a.mu.Lock()
	a.pending[string(id)] = r
	a.mu.Unlock()
	defer a.forget(string(id))
	if err := a.factory.client.Publish(ctx, a.requestChannel, text).Err(); err != nil {
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

// onRequest takes a message of the request channel. What is malformed, of another type or one's own is ignored.
func (a *adapter) onRequest(payload string) {
	uid, id, packet, ok := decodeRequest(payload)
	if !ok || uid == a.uid {
		return
	}
	var acknowledge func(reference.Value)
	if id != nil {
		acknowledge = func(value reference.Value) {
			a.factory.client.Publish(context.Background(), a.responseChannel, encodeResponse(id, value))
		}
	}
	a.receiver.HandleServerSideEvent(packet, acknowledge)
}

// onResponse takes a message of the response channels, on which the answers for other servers come too.
func (a *adapter) onResponse(payload string) {
	id, value, ok := decodeResponse(payload)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.pending[id]
	if r == nil || len(r.responses) == r.expected {
		return
	}
	r.responses = append(r.responses, value)
	if len(r.responses) == r.expected {
		close(r.complete)
	}
}
