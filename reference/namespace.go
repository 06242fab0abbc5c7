package reference

import (
	"fmt"
	"sync"
	"sync/atomic"

	"example.test/conformance/reference/packet"
)

// Middleware decides whether a socket may join a namespace. An error refuses it: the error's text becomes the message of
// the CONNECT_ERROR packet, and the Data of a *Refusal becomes its data. A middleware may block.
type Middleware func(*Socket) error

// Refusal is an error of a Middleware that carries data for the client.
type Refusal struct {
	Message string
	Data    any
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// NamespaceRules decide which namespaces there are, and which listeners hear of a new one.
type NamespaceRules interface {
	// Resolve returns the name of the namespace that a client gets when it asks for the given one.
	Resolve(name string) string
	// Announce calls raise, which calls the listeners for new namespaces, if the cause is a reason to.
	Announce(cause Cause, ns *Namespace, raise func())
	// Receivers returns the sockets of a namespace that get an event meant for all of them.
	Receivers(ns *Namespace, all []*Socket) []*Socket
}

// DefaultNamespaces has the rules of the protocol document, section "Connection to a namespace", and of the announcement of
// Socket.IO 4.1.0, section "Emit an event when a namespace is created".
type DefaultNamespaces struct{}

// Resolve is the name that the client asks for.
func (DefaultNamespaces) Resolve(name string) string { return name }

// Receivers returns all sockets.
func (DefaultNamespaces) Receivers(_ *Namespace, all []*Socket) []*Socket { return all }

// Announce calls raise once for each namespace, at once, when it is created.
func (DefaultNamespaces) Announce(cause Cause, _ *Namespace, raise func()) {
	if cause == NamespaceCreated {
		raise()
	}
}

// Cause is an occasion on which a namespace might be announced.
type Cause string

// The causes.
const (
	NamespaceCreated  Cause = "created"
	NamespaceExists   Cause = "asked for again by the application"
	NamespaceEntered  Cause = "asked for by a client"
	NamespaceRefused  Cause = "refused to a client"
	PatternRegistered Cause = "a pattern was registered"
)

// Namespace is a separate channel over a server's sessions, with its own sockets, middlewares and events.
type Namespace struct {
	server   *Server
	name     string
	attached chan struct{} // closed when adapter is set
	adapter  Adapter
	ready    chan struct{} // closed when the listeners for new namespaces have returned
	events   *queue        // from the other servers
	ackID    atomic.Uint64 // one sequence for all sockets of the namespace, from 0

	mu           sync.RWMutex
	middlewares  []Middleware
	onConnection []func(*Socket)
	handlers     handlers
	sockets      map[*Socket]struct{}
}

func newNamespace(s *Server, name string) *Namespace {
	return &Namespace{
		server: s, name: name,
		attached: make(chan struct{}), ready: make(chan struct{}),
		events: newQueue(&s.work), sockets: map[*Socket]struct{}{},
	}
}

// open links the namespace to the cluster.
func (ns *Namespace) open() {
	adapter, err := ns.server.options.Adapter(ns)
	if err != nil {
		adapter = brokenAdapter{fmt.Errorf("adapter of %s: %w", ns.name, err)}
	}
	ns.adapter = adapter
	close(ns.attached)
	if ns.name == "/" {
		close(ns.ready) // the main namespace is not announced
	}
}

// Name is the namespace's name, with its leading slash.
func (ns *Namespace) Name() string { return ns.name }

// Use adds a middleware. It applies to sockets that reach the middlewares later.
func (ns *Namespace) Use(middleware Middleware) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.middlewares = append(ns.middlewares, middleware)
}

// OnConnection adds a listener for sockets that join. It runs before the socket's first event. Events that it emits reach
// the client after the answer to the CONNECT packet. That answer is sent when all listeners have returned, or when one of
// them waits for an acknowledgement.
func (ns *Namespace) OnConnection(listener func(*Socket)) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.onConnection = append(ns.onConnection, listener)
}

// On adds a handler for an event that other servers of the cluster send with ServerSideEmit. The handlers of a namespace
// run one after another, and the events of each sender keep their order.
func (ns *Namespace) On(event string, handler Handler) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.handlers.on(event, handler)
}

// Sockets returns the sockets of this server that are in the namespace.
func (ns *Namespace) Sockets() []*Socket {
	ns.mu.RLock()
	defer ns.mu.RUnlock()
	sockets := make([]*Socket, 0, len(ns.sockets))
	for socket := range ns.sockets {
		sockets = append(sockets, socket)
	}
	return sockets
}

// EmitLocal sends an event to all sockets of this server that are in the namespace, but not to those of other servers.
func (ns *Namespace) EmitLocal(event string, args ...any) error {
	p, err := ns.event(event, args)
	if err != nil {
		return err
	}
	for _, socket := range ns.server.rules.Namespaces.Receivers(ns, ns.Sockets()) {
		socket.sendPacket(p)
	}
	return nil
}

// event returns the packet of an event that the server emits.
func (ns *Namespace) event(name string, args []any) (*packet.Packet, error) {
	if packet.ReservedEvent(name) {
		return nil, fmt.Errorf("%q is a reserved event name", name)
	}
	values, err := valuesOf(append([]any{name}, args...))
	if err != nil {
		return nil, err
	}
	return &packet.Packet{Type: packet.Event, Namespace: ns.name, Data: values}, nil
}
