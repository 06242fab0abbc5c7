package fault

import (
	"context"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

// link is a faulty adapter that wraps the right one.
type link struct {
	reference.Adapter
	receiver reference.Receiver
	timeout  time.Duration
	siblings *sync.Map // the receivers of the same server by namespace

	send    func(*link, []value, sending) error
	ask     func(*link, context.Context, []value, asking) ([]value, error)
	receive func(*link, []value, func(value))
}

func (l *link) ServerSideEmit(p []value) error {
	if l.send == nil {
		return l.Adapter.ServerSideEmit(p)
	}
	return l.send(l, p, l.Adapter.ServerSideEmit)
}

func (l *link) ServerSideEmitWithAck(ctx context.Context, p []value) ([]value, error) {
	if l.ask == nil {
		return l.Adapter.ServerSideEmitWithAck(ctx, p)
	}
	return l.ask(l, ctx, p, l.Adapter.ServerSideEmitWithAck)
}

// sibling returns the receiver of another namespace of the same server, or nil if there is none.
func (l *link) sibling(name string) reference.Receiver {
	sibling, _ := l.siblings.Load(name)
	receiver, _ := sibling.(reference.Receiver)
	return receiver
}

type (
	sending func([]value) error
	asking  func(context.Context, []value) ([]value, error)
)

// listener is what the right adapter sees of the namespace.
type listener struct {
	reference.Receiver
	link *link
}

func (l *listener) HandleServerSideEvent(p []value, acknowledge func(value)) {
	l.link.receive(l.link, p, acknowledge)
}

func linked(f func(reference.AdapterFactory) reference.AdapterFactory) apply {
	return socketIO(func(rules *reference.Rules) { rules.Cluster = override.Adapter(rules.Cluster, f) })
}

func newLink(prototype link) apply {
	return func(o *application.Options) {
		prototype.timeout = o.ServerSideEmitTimeout
		if prototype.timeout == 0 {
			prototype.timeout = time.Second
		}
		linked(func(right reference.AdapterFactory) reference.AdapterFactory {
			siblings := &sync.Map{}
			return func(receiver reference.Receiver) (reference.Adapter, error) {
				l := prototype
				l.receiver, l.siblings = receiver, siblings
				siblings.Store(receiver.Name(), receiver)
				if l.receive != nil {
					receiver = &listener{receiver, &l}
				}
				adapter, err := right(receiver)
				l.Adapter = adapter
				return &l, err
			}
		})(o)
	}
}

// sends makes f send events instead of the right adapter.
func sends(f func(*link, []value, sending) error) apply { return newLink(link{send: f}) }

// asks makes f ask for acknowledgements instead of the right adapter.
func asks(f func(*link, context.Context, []value, asking) ([]value, error)) apply {
	return newLink(link{ask: f})
}

// receives makes f handle events instead of the namespace.
func receives(f func(*link, []value, func(value))) apply { return newLink(link{receive: f}) }
