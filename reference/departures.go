package reference

import (
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Departures makes a Server break rules on purpose, so that a test suite can be seen to notice. The zero Departures
// break none. A nil function is not called; the others see what passes and may change it. They run on many goroutines
// at once.
type Departures struct {
	// Opened is told of each session.
	Opened func(*Client)
	// ConnectTimeout changes the time that a session has for joining a namespace.
	ConnectTimeout func(time.Duration) time.Duration
	// KeepConnectTimer tells whether that time runs on after the client has joined the namespace.
	KeepConnectTimer func(namespace string) bool

	// Received gives the messages to decode in place of one that came.
	Received func(*Client, engineio.Message) []engineio.Message
	// Incoming gives the packets to act on in place of one that came.
	Incoming func(*Client, *packet.Packet) []*packet.Packet
	// Malformed is told of a message that is no packet, and of the reason. With true the session goes on.
	Malformed func(*Client, engineio.Message, error) bool
	// Violation is told of a packet that a client must not send. With true the session goes on.
	Violation func(*Client, *packet.Packet, Violation) bool
	// Outgoing gives the packets to send in place of one.
	Outgoing func(*Client, *packet.Packet) []*packet.Packet
	// Encoded gives the messages to send in place of those of one packet.
	Encoded func(*Client, *packet.Packet, []engineio.Message) []engineio.Message

	// Resolve gives the name of the namespace that a client gets in place of the one that it asks for.
	Resolve func(name string) string
	// SocketID gives the identifier of a socket in place of a fresh one.
	SocketID func(c *Client, namespace, id string) string
	// Auth gives the auth object in place of the client's.
	Auth func(c *Client, namespace string, auth Value) Value
	// Middlewares gives the middlewares that a socket passes.
	Middlewares func(*Socket, []Middleware) []Middleware
	// Ended gives the reasons of the disconnect events to raise in place of one.
	Ended func(s *Socket, reason string) []string
	// Announce decides whether, when and how often the listeners for new namespaces are called. Without it they are
	// called at once when the cause is NamespaceCreated, and only then.
	Announce func(cause Cause, ns *Namespace, raise func())

	// RepeatAcknowledgements lets every call of Event.Acknowledge send an answer.
	RepeatAcknowledgements bool
	// KeepAnswered lets every acknowledgement of a client with one id reach the callback.
	KeepAnswered bool

	// ReservedServerSide tells which names ServerSideEmit refuses.
	ReservedServerSide func(event string) bool
	// Adapter wraps the adapters.
	Adapter func(AdapterFactory) AdapterFactory
}

// writes tells whether what is sent depends on whom it is sent to.
func (d *Departures) writes() bool { return d.Outgoing != nil || d.Encoded != nil }

// Violation is a rule that a well-formed packet of a client breaks.
type Violation string

// The violations.
const (
	NotConnected     Violation = "a packet for a namespace that the client has not joined"
	AlreadyConnected Violation = "a CONNECT packet for a namespace that the client has joined"
	NotOfAClient     Violation = "a packet that only servers send"
)

// Cause is an occasion on which a faulty server might announce a namespace; a right one does so when it is created.
type Cause string

// The causes.
const (
	NamespaceCreated  Cause = "created"
	NamespaceExists   Cause = "asked for again by the application"
	NamespaceEntered  Cause = "asked for by a client"
	NamespaceRefused  Cause = "refused to a client"
	PatternRegistered Cause = "a pattern was registered"
)
