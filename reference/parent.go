package reference

import (
	"regexp"
	"sync"
)

// ParentNamespace stands for all namespaces that match a pattern or that a function accepts. Its middlewares and listeners
// are copied to each of them when it is created.
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

// OfPattern serves every namespace whose name matches the pattern. A namespace is created when its first client asks for
// it, with the middlewares and listeners that the parent has at that time. The pattern is not anchored.
func (s *Server) OfPattern(pattern *regexp.Regexp) *ParentNamespace {
	return s.addParent(&ParentNamespace{pattern: pattern})
}

// OfFunc is like OfPattern for the names for which accept returns true. accept is called once for each client that asks for
// a namespace that does not exist, with the client's auth object. It may block.
func (s *Server) OfFunc(accept func(name string, auth Value) bool) *ParentNamespace {
	return s.addParent(&ParentNamespace{accept: accept})
}

func (s *Server) addParent(parent *ParentNamespace) *ParentNamespace {
	s.mu.Lock()
	s.parents = append(s.parents, parent)
	s.mu.Unlock()
	if parent.pattern != nil {
		s.announce(PatternRegistered, newNamespace(s, "/"+parent.pattern.String()))
	}
	return parent
}
