package reference

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Middleware decides on a socket that asks to join a namespace. An error refuses it: its text becomes the message of
// the CONNECT_ERROR packet, and the Data of a *Refusal its data. It may take its time.
type Middleware func(*Socket) error

// Refusal is an error of a Middleware that carries data for the client.
type Refusal struct {
	Message string
	Data    any
}

// Error gives the message.
func (r *Refusal) Error() string { return r.Message }

// Namespace is a channel of its own over the sessions of a server: with its own sockets, middlewares and events.
type Namespace struct {
	server   *Server
	name     string
	attached chan struct{} // closed when adapter is set
	adapter  Adapter
	ready    chan struct{} // closed when the listeners for new namespaces have returned
	events   *queue        // of the other servers
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
		close(ns.ready) // nobody is told of the main namespace
	}
}

// Name is the namespace's name, with its leading slash.
func (ns *Namespace) Name() string { return ns.name }

// Use adds a middleware. It applies to the sockets whose turn with the middlewares comes later.
func (ns *Namespace) Use(middleware Middleware) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.middlewares = append(ns.middlewares, middleware)
}

// OnConnection adds a listener for sockets that join. It runs before the socket's first event. What it emits reaches
// the client after the answer to its CONNECT packet, and that answer leaves when all listeners have returned, or when
// one of them waits for an acknowledgement.
func (ns *Namespace) OnConnection(listener func(*Socket)) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.onConnection = append(ns.onConnection, listener)
}

// On adds a handler for an event that other servers of the cluster send by ServerSideEmit. Handlers of a namespace run
// one after another, in the order in which the events of one sender were sent.
func (ns *Namespace) On(event string, handler Handler) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.handlers.on(event, handler)
}

// Sockets gives the sockets of this server that are in the namespace.
func (ns *Namespace) Sockets() []*Socket {
	ns.mu.RLock()
	defer ns.mu.RUnlock()
	sockets := make([]*Socket, 0, len(ns.sockets))
	for socket := range ns.sockets {
		sockets = append(sockets, socket)
	}
	return sockets
}

// EmitLocal sends an event to all sockets of this server that are in the namespace, and to none of other servers.
func (ns *Namespace) EmitLocal(event string, args ...any) error {
	p, err := ns.event(event, args)
	if err != nil {
		return err
	}
	var messages []engineio.Message
	for _, socket := range ns.Sockets() {
		if messages == nil || ns.server.options.Departures.writes() {
			messages = socket.client.encode(p)
		}
		socket.send(messages)
	}
	return nil
}

// event makes the packet of an event that the server emits.
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

// ServerSideEmit sends an event to the handlers of this namespace on the other servers of the cluster, and never to
// its own. It fails where the name is reserved (connect, connection, new_namespace), where an argument has no JSON
// form, or where the adapter cannot send.
func (ns *Namespace) ServerSideEmit(event string, args ...any) error {
	values, err := ns.serverSide(event, args)
	if err != nil {
		return err
	}
	return ns.adapter.ServerSideEmit(values)
}

// ServerSideEmitWithAck is ServerSideEmit that waits for the acknowledgements: one of each other server, the first of
// the values that it was acknowledged with, in the order in which they came. The list is empty where there is no other
// server. Where an answer is missing when ctx or the adapter's timeout ends, it fails and gives those that came.
func (ns *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Value, error) {
	values, err := ns.serverSide(event, args)
	if err != nil {
		return nil, err
	}
	return ns.adapter.ServerSideEmitWithAck(ctx, values)
}

func (ns *Namespace) serverSide(event string, args []any) ([]Value, error) {
	<-ns.attached
	reserved := slices.Contains([]string{"connect", "connection", "new_namespace"}, event)
	if departure := ns.server.options.Departures.ReservedServerSide; departure != nil {
		reserved = departure(event)
	}
	if reserved {
		return nil, fmt.Errorf("%q is a reserved event name", event)
	}
	return valuesOf(append([]any{event}, args...))
}

// HandleServerSideEvent hands an event of another server to the handlers. It is called by adapters.
func (ns *Namespace) HandleServerSideEvent(values []Value, acknowledge func(Value)) {
	if len(values) == 0 {
		return
	}
	event := &Event{Name: (&packet.Packet{Data: values}).Name(), Args: values[1:], repeat: ns.server.options.Departures.RepeatAcknowledgements}
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

// ParentNamespace stands for all namespaces that match a pattern or that a function accepts. What is attached to it
// is copied to each of them when it is created.
type ParentNamespace struct {
	pattern *regexp.Regexp
	accept  func(string, Value) bool

	mu           sync.Mutex
	middlewares  []Middleware
	onConnection []func(*Socket)
}

// Use adds a middleware to the namespaces that are created later.
func (p *ParentNamespace) Use(middleware Middleware) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.middlewares = append(p.middlewares, middleware)
}

// OnConnection adds a listener to the namespaces that are created later.
func (p *ParentNamespace) OnConnection(listener func(*Socket)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onConnection = append(p.onConnection, listener)
}

func (p *ParentNamespace) accepts(name string, auth Value) bool {
	if p.pattern != nil {
		return p.pattern.MatchString(name)
	}
	return p.accept(name, auth)
}

func (p *ParentNamespace) adopt(ns *Namespace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ns.middlewares = append(ns.middlewares, p.middlewares...)
	ns.onConnection = append(ns.onConnection, p.onConnection...)
}
