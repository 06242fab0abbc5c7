// Package reference is a Socket.IO server: Engine.IO v4 over polling and WebSocket, Socket.IO v5 with namespaces,
// events, acknowledgements in both directions, attachments, middlewares, and messages between the servers of a cluster.
//
// It is meant to be read next to the protocol documents (https://socket.io/docs/v4/socket-io-protocol/). Where they are
// silent, it does what socket.io 4.8 does. A Server is an http.Handler:
//
//	server := reference.NewServer(reference.Options{})
//	server.OnConnection(func(socket *reference.Socket) {
//		socket.On("message", func(event *reference.Event) { socket.Emit("message-back", event.Args...) })
//	})
//	http.ListenAndServe("127.0.0.1:3000", server)
package reference

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Value is one argument of an event or an acknowledgement.
type Value = packet.Value

// Options configures a Server. The zero value has the defaults of socket.io 4.8.
type Options struct {
	// Engine sets paths, timers, limits and the hooks on HTTP requests. Its Path is "/socket.io/" by default.
	Engine engineio.Options

	// ConnectTimeout is how long a session may stay without joining a namespace; 45 seconds by default.
	ConnectTimeout time.Duration

	// Adapter makes the adapter of each namespace; NewInMemoryAdapter by default.
	Adapter AdapterFactory

	// Rules are the server's decisions; those of the protocol by default.
	Rules Rules
}

// Server is a Socket.IO server. Its methods may be called at any time and from any goroutine.
type Server struct {
	options Options
	rules   Rules
	engine  *engineio.Server
	main    *Namespace
	work    running // the goroutines that run handlers

	mu             sync.Mutex
	namespaces     map[string]*Namespace
	parents        []*ParentNamespace
	onNewNamespace []func(*Namespace)
	closed         bool
}

// NewServer returns a server with the main namespace, "/", and no listeners.
func NewServer(options Options) *Server {
	if options.ConnectTimeout == 0 {
		options.ConnectTimeout = 45 * time.Second
	}
	if options.Engine.Path == "" {
		options.Engine.Path = "/socket.io/"
	}
	if options.Adapter == nil {
		options.Adapter = NewInMemoryAdapter
	}
	rules := options.Rules.WithDefaults()
	options.Adapter = rules.Cluster.Adapter(options.Adapter)
	s := &Server{options: options, rules: rules, namespaces: map[string]*Namespace{}}
	s.main = newNamespace(s, "/")
	s.namespaces["/"] = s.main
	s.main.open()
	theirs := options.Engine.OnConnection
	options.Engine.OnConnection = func(session *engineio.Session) {
		serveClient(s, session)
		if theirs != nil {
			theirs(session)
		}
	}
	s.engine = engineio.NewServer(options.Engine)
	return s
}

// ServeHTTP answers the requests of Engine.IO. For every other path it answers 404.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Of returns the namespace of that name, and creates it if there is none. In that case the listeners of OnNewNamespace have
// run when Of returns. Of adds a missing leading slash.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	ns, made := s.claim(name, func() *ParentNamespace {
		for _, parent := range s.parents {
			if parent.pattern != nil && parent.pattern.MatchString(name) {
				return parent
			}
		}
		return nil
	})
	if made {
		ns.open()
		s.announce(NamespaceCreated, ns)
		close(ns.ready)
	} else {
		s.announce(NamespaceExists, ns)
	}
	return ns
}

// OnNewNamespace adds a listener that is called once for each namespace other than "/" when it is created, either by Of or
// by the first client of a dynamic one. It runs before that client's middlewares, so a middleware that it adds applies to
// that client.
func (s *Server) OnNewNamespace(listener func(*Namespace)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onNewNamespace = append(s.onNewNamespace, listener)
}

// Use adds a middleware to the main namespace.
func (s *Server) Use(middleware Middleware) { s.main.Use(middleware) }

// OnConnection adds a listener for the sockets of the main namespace.
func (s *Server) OnConnection(listener func(*Socket)) { s.main.OnConnection(listener) }

// Close ends all sessions, with the reason "server shutting down", leaves the cluster, and waits until every handler has
// returned. It fails if ctx is done first.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	namespaces := make([]*Namespace, 0, len(s.namespaces))
	for _, ns := range s.namespaces {
		namespaces = append(namespaces, ns)
	}
	s.mu.Unlock()

	errs := []error{s.engine.Close(ctx)}
	for _, ns := range namespaces {
		<-ns.attached
		errs = append(errs, ns.adapter.Close())
	}
	select {
	case <-s.work.end():
	case <-ctx.Done():
		errs = append(errs, ctx.Err())
	}
	return errors.Join(errs...)
}

// claim finds the namespace of that name, or registers one as a child of what parent returns. If made is true, the caller
// must open and announce it.
func (s *Server) claim(name string, parent func() *ParentNamespace) (ns *Namespace, made bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ns := s.namespaces[name]; ns != nil {
		return ns, false
	}
	ns = newNamespace(s, name)
	if p := parent(); p != nil {
		p.adopt(ns)
	}
	s.namespaces[name] = ns
	return ns, true
}

// enter finds the namespace that a client asks for, creates it if a parent accepts the name, and waits until the listeners
// for new namespaces have seen it. It returns nil if there is no such namespace.
func (s *Server) enter(name string, auth Value) *Namespace {
	name = s.rules.Namespaces.Resolve(name)
	s.mu.Lock()
	ns, parents := s.namespaces[name], s.parents
	s.mu.Unlock()
	if ns == nil {
		for _, parent := range parents {
			if !parent.accepts(name, auth) {
				continue
			}
			var made bool
			if ns, made = s.claim(name, func() *ParentNamespace { return parent }); made {
				ns.open()
				s.announce(NamespaceCreated, ns)
				close(ns.ready)
			}
			break
		}
	}
	if ns == nil {
		s.announce(NamespaceRefused, newNamespace(s, name))
		return nil
	}
	<-ns.ready
	s.announce(NamespaceEntered, ns)
	return ns
}

// announce tells the listeners about a new namespace.
func (s *Server) announce(cause Cause, ns *Namespace) {
	s.rules.Namespaces.Announce(cause, ns, func() {
		s.mu.Lock()
		listeners := s.onNewNamespace
		s.mu.Unlock()
		for _, listener := range listeners {
			listener(ns)
		}
	})
}

// newID returns 20 characters that cannot be guessed.
func newID() string {
	var random [15]byte
	rand.Read(random[:])
	return base64.RawURLEncoding.EncodeToString(random[:])
}
