package reference

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// ErrDisconnected is returned by a socket that has left its namespace.
var ErrDisconnected = errors.New("the socket is disconnected")

// Socket is a client in one namespace. Its handlers run one after another, in the order in which the client sent the
// events. They run on a separate goroutine, so a handler may wait for an acknowledgement from the client.
type Socket struct {
	id            string
	client        *Client
	namespace     *Namespace // nil until the namespace is found
	namespaceName string
	auth          Value
	queue         *queue
	done          chan struct{} // closed when the socket has left
	finished      sync.Once

	mu           sync.Mutex
	state        socketState
	held         []engineio.Message // messages that connection listeners emit, until they return
	handlers     handlers
	onDisconnect []func(string)
	afterwards   []func() // calls of the dismissed state
	pending      map[uint64]func([]Value)
}

type socketState int

const (
	joining  socketState = iota
	settling             // the connection listeners are running; held keeps the output
	connected
	dismissed // disconnected by a connection listener; the rest happens when all have returned
	refused
	gone
)

func newSocket(c *Client, namespace string, auth Value) *Socket {
	s := &Socket{
		id: c.server.rules.Connect.SocketID(c, namespace, newID()), client: c, namespaceName: namespace, auth: auth,
		queue: newQueue(&c.server.work), done: make(chan struct{}), pending: map[uint64]func([]Value){},
	}
	return s
}

// ID is the socket's identifier, which differs from the session's.
func (s *Socket) ID() string { return s.id }

// Namespace is the namespace that the socket is in.
func (s *Socket) Namespace() *Namespace { return s.namespace }

// Auth is the object that the client sent with its CONNECT packet, or {} if it sent none.
func (s *Socket) Auth() Value { return s.auth }

// Request is the HTTP request of the session's handshake.
func (s *Socket) Request() *http.Request { return s.client.session.Request() }

// Session is the Engine.IO session that carries the socket.
func (s *Socket) Session() *engineio.Session { return s.client.session }

// Connected reports whether the socket is in its namespace.
func (s *Socket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == settling || s.state == connected
}

// Done is closed when the socket has left its namespace.
func (s *Socket) Done() <-chan struct{} { return s.done }

// On adds a handler for an event from the client. A numeric event name is matched in its JSON form.
func (s *Socket) On(event string, handler Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers.on(event, handler)
}

// OnAny adds a handler that is called with every event from the client, before the handlers for the event's name.
func (s *Socket) OnAny(handler Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers.any = append(s.handlers.any, handler)
}

// OnDisconnect adds a listener that is called once when the socket leaves, with the reason under its socket.io name:
// "client namespace disconnect", "server namespace disconnect", "transport close", "ping timeout" and so on.
func (s *Socket) OnDisconnect(listener func(reason string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onDisconnect = append(s.onDisconnect, listener)
}

// Emit sends an event to the client. It does not wait. It fails if an argument has no JSON form, the name is reserved, or
// the socket has left.
func (s *Socket) Emit(event string, args ...any) error {
	p, err := s.namespace.event(event, args)
	if err != nil {
		return err
	}
	return s.sendPacket(p)
}

// EmitWithAck sends an event and waits for the client's acknowledgement. It fails like Emit. It also fails with ctx's error
// if ctx is done first, and with ErrDisconnected if the socket leaves first.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) ([]Value, error) {
	answers := make(chan []Value, 1)
	id, err := s.ask(event, args, func(answer []Value) {
		select {
		case answers <- answer:
		default:
		}
	})
	if err != nil {
		return nil, err
	}
	s.settle(false)
	select {
	case answer := <-answers:
		return answer, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.done:
		err = ErrDisconnected
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, id)
	return nil, err
}

// EmitWithCallback sends an event and calls answered with the client's acknowledgement, in turn with the socket's handlers.
// If the client does not answer, answered is never called.
func (s *Socket) EmitWithCallback(answered func(args []Value), event string, args ...any) error {
	_, err := s.ask(event, args, func(answer []Value) { s.queue.add(func() { answered(answer) }) })
	return err
}

func (s *Socket) ask(event string, args []any, answered func([]Value)) (uint64, error) {
	p, err := s.namespace.event(event, args)
	if err != nil {
		return 0, err
	}
	id := s.namespace.ackID.Add(1) - 1
	p.ID = &id
	s.mu.Lock()
	s.pending[id] = answered
	s.mu.Unlock()
	return id, s.sendPacket(p)
}

// dispatch passes an event to the handlers.
func (s *Socket) dispatch(p *packet.Packet) {
	event := &Event{Name: p.Name(), Args: p.Data[1:], rules: s.client.server.rules.Acks}
	if p.ID != nil {
		event.answer = func(args []Value) {
			s.sendPacket(&packet.Packet{Type: packet.Ack, Namespace: s.namespaceName, ID: p.ID, Data: args})
		}
	}
	s.mu.Lock()
	handlers, state := s.handlers.of(event.Name), s.state
	s.mu.Unlock()
	switch state {
	case refused:
		s.client.violate(p, NotConnected)
		return
	case gone:
		return // the client could not know it yet
	}
	for _, handler := range handlers {
		handler(event)
	}
}

// acknowledge passes the client's acknowledgement to the code that waits for it. An unknown id is ignored.
func (s *Socket) acknowledge(p *packet.Packet) {
	if p.ID == nil {
		return
	}
	s.mu.Lock()
	answered := s.pending[*p.ID]
	if s.client.server.rules.Acks.TakesOnce() {
		delete(s.pending, *p.ID)
	}
	s.mu.Unlock()
	if answered != nil {
		answered(p.Data)
	}
}

func (s *Socket) sendPacket(p *packet.Packet) error { return s.send(s.client.encode(p)) }

// send sends messages together and in order, after those of the connection listeners.
func (s *Socket) send(messages []engineio.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state != settling && s.state != connected:
		return ErrDisconnected
	case s.held != nil:
		s.held = append(s.held, messages...)
	default:
		s.client.session.Send(messages...)
	}
	return nil
}
