package reference

import "context"

// Adapter links one namespace to the namespaces of the same name on the other servers of a cluster. A packet is an
// event's name and its arguments.
type Adapter interface {
	// ServerSideEmit sends a packet to the other servers and does not wait for them.
	ServerSideEmit(packet []Value) error

	// ServerSideEmitWithAck sends a packet to the other servers and waits for one answer of each. It gives an empty
	// list at once where there is no other server. Where not all answer in time it fails, and gives those answers
	// that came. Without a deadline in ctx the adapter's own timeout holds.
	ServerSideEmitWithAck(ctx context.Context, packet []Value) ([]Value, error)

	// Close leaves the cluster.
	Close() error
}

// Receiver is a namespace as its adapter sees it.
type Receiver interface {
	// Name is the namespace's name.
	Name() string

	// HandleServerSideEvent hands over a packet of another server. acknowledge, which is nil where no answer is
	// asked for, is called once at most, from any goroutine. The call does not wait for the listeners.
	HandleServerSideEvent(packet []Value, acknowledge func(Value))
}

// AdapterFactory makes the adapter of one namespace.
type AdapterFactory func(Receiver) (Adapter, error)

// NewInMemoryAdapter makes the adapter of a server that is alone: there is nobody to send to.
func NewInMemoryAdapter(Receiver) (Adapter, error) { return inMemoryAdapter{}, nil }

type inMemoryAdapter struct{}

func (inMemoryAdapter) ServerSideEmit([]Value) error { return nil }

func (inMemoryAdapter) ServerSideEmitWithAck(context.Context, []Value) ([]Value, error) {
	return []Value{}, nil
}

func (inMemoryAdapter) Close() error { return nil }

// brokenAdapter stands in for one that could not be made.
type brokenAdapter struct{ err error }

func (a brokenAdapter) ServerSideEmit([]Value) error { return a.err }

func (a brokenAdapter) ServerSideEmitWithAck(context.Context, []Value) ([]Value, error) {
	return nil, a.err
}

func (a brokenAdapter) Close() error { return nil }
