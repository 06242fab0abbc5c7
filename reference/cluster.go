package reference

import (
	"context"
	"fmt"
	"slices"

	"example.test/conformance/reference/packet"
)

// ClusterRules decide what servers send each other.
type ClusterRules interface {
	// Reserved returns an error if an event of that name must not be sent.
	Reserved(event string) error
	// Adapter returns the adapter factory to use, given the one from the options.
	Adapter(factory AdapterFactory) AdapterFactory
}

// DefaultCluster has the rules of the announcement of Socket.IO 4.1.0, section "Add support for inter-server
// communication", and of the official server.
type DefaultCluster struct{}

// Reserved is an error for connect, connection and new_namespace: the server itself raises events of these names.
func (DefaultCluster) Reserved(event string) error {
	if slices.Contains([]string{"connect", "connection", "new_namespace"}, event) {
		return fmt.Errorf("%q is a reserved event name", event)
	}
	return nil
}

// Adapter returns the factory from the options.
func (DefaultCluster) Adapter(factory AdapterFactory) AdapterFactory { return factory }

// ServerSideEmit sends an event to the handlers of this namespace on the other servers of the cluster, and never to its
// own. It fails if the name is reserved (connect, connection, new_namespace), if an argument has no JSON form, or if the
// adapter cannot send.
func (ns *Namespace) ServerSideEmit(event string, args ...any) error {
	values, err := ns.serverSide(event, args)
	if err != nil {
		return err
	}
	return ns.adapter.ServerSideEmit(values)
}

// ServerSideEmitWithAck is like ServerSideEmit but waits for one acknowledgement from each other server. It returns the
// first value of each, in the order in which they came. The list is empty if there is no other server. If an answer is
// missing when ctx is done or the adapter's timeout expires, it fails and returns the answers that came.
func (ns *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Value, error) {
	values, err := ns.serverSide(event, args)
	if err != nil {
		return nil, err
	}
	return ns.adapter.ServerSideEmitWithAck(ctx, values)
}

func (ns *Namespace) serverSide(event string, args []any) ([]Value, error) {
	<-ns.attached
	if err := ns.server.rules.Cluster.Reserved(event); err != nil {
		return nil, err
	}
	return valuesOf(append([]any{event}, args...))
}

// HandleServerSideEvent passes an event from another server to the handlers. Adapters call it.
func (ns *Namespace) HandleServerSideEvent(values []Value, acknowledge func(Value)) {
	if len(values) == 0 {
		return
	}
	event := &Event{Name: (&packet.Packet{Data: values}).Name(), Args: values[1:], rules: ns.server.rules.Acks}
	if acknowledge != nil {
		event.answer = func(args []Value) {
			if len(args) == 0 {
				args = []Value{{}}
			}
			acknowledge(args[0])
		}
	}
	ns.events.add(func() {
		ns.mu.RLock()
		handlers := ns.handlers.of(event.Name)
		ns.mu.RUnlock()
		for _, handler := range handlers {
			handler(event)
		}
	})
}
