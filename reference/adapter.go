package reference

import "context"

// Adapter links one namespace to the namespaces of the same name on the other servers of a cluster. A packet is an
// event's name and its arguments.
type Adapter interface {
	// ServerSideEmit sends a packet to the other servers and does not wait for them.
	ServerSideEmit(packet []Value) error

	// ServerSideEmitWithAck sends a packet to the other servers and waits for one answer from each. If there is no other
	// server, it returns an empty list at once. If some do not answer in time, it fails and returns the answers that came.
	// If ctx has no deadline, the adapter's own timeout applies.
	ServerSideEmitWithAck(ctx context.Context, packet []Value) ([]Value, error)

	// Close leaves the cluster.
	Close() error
}

// Receiver is a namespace as its adapter sees it.
type Receiver interface {
	// Name is the namespace's name.
	Name() string

	// HandleServerSideEvent delivers a packet from another server. acknowledge is nil if the sender did not ask for an
	// answer; otherwise it is called at most once, from any goroutine. The call does not wait for the listeners.
	HandleServerSideEvent(packet []Value, acknowledge func(Value))
}

// AdapterFactory makes the adapter of one namespace.
type AdapterFactory func(Receiver) (Adapter, error)

// NewInMemoryAdapter returns the adapter of a server without a cluster: there is nobody to send to.
func NewInMemoryAdapter(Receiver) (Adapter, error) { return inMemoryAdapter{}, nil }

type inMemoryAdapter struct{}

func (inMemoryAdapter) ServerSideEmit([]Value) error { return nil }

func (inMemoryAdapter) ServerSideEmitWithAck(context.Context, []Value) ([]Value, error) {
	return []Value{}, nil
}

func (inMemoryAdapter) Close() error { return nil }

// brokenAdapter replaces an adapter that could not be created.
type brokenAdapter struct{ err error }

func (a brokenAdapter) ServerSideEmit([]Value) error { return a.err }

func (a brokenAdapter) ServerSideEmitWithAck(context.Context, []Value) ([]Value, error) {
	return nil, a.err
}

func (a brokenAdapter) Close() error { return nil }
