package override

import (
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// SocketIO returns an option that changes the rules of the Socket.IO servers.
func SocketIO(change func(*reference.Rules)) func(*application.Options) {
	return func(o *application.Options) {
		o.Socket = o.Socket.WithDefaults()
		change(&o.Socket)
	}
}

// Received changes the messages that are decoded.
func Received(rules reference.PacketRules, change func(*reference.Client, engineio.Message) []engineio.Message) reference.PacketRules {
	return received{rules, change}
}

type received struct {
	reference.PacketRules
	change func(*reference.Client, engineio.Message) []engineio.Message
}

func (o received) Received(c *reference.Client, message engineio.Message) []engineio.Message {
	var all []engineio.Message
	for _, m := range o.PacketRules.Received(c, message) {
		all = append(all, o.change(c, m)...)
	}
	return all
}

// ForgiveMessage lets the session go on after a message that is not a packet if the function says so.
func ForgiveMessage(rules reference.PacketRules, change func(*reference.Client, engineio.Message, error) bool) reference.PacketRules {
	return forgiveMessage{rules, change}
}

type forgiveMessage struct {
	reference.PacketRules
	change func(*reference.Client, engineio.Message, error) bool
}

func (o forgiveMessage) MalformedEnds(c *reference.Client, message engineio.Message, reason error) bool {
	return !o.change(c, message, reason) && o.PacketRules.MalformedEnds(c, message, reason)
}

// ForgivePacket lets the session go on after a packet that a client must not send if the function says so.
func ForgivePacket(rules reference.PacketRules, change func(*reference.Client, *packet.Packet, reference.Violation) bool) reference.PacketRules {
	return forgivePacket{rules, change}
}

type forgivePacket struct {
	reference.PacketRules
	change func(*reference.Client, *packet.Packet, reference.Violation) bool
}

func (o forgivePacket) ViolationEnds(c *reference.Client, p *packet.Packet, v reference.Violation) bool {
	return !o.change(c, p, v) && o.PacketRules.ViolationEnds(c, p, v)
}

// PacketsIn changes the packets that are acted on.
func PacketsIn(rules reference.PacketRules, change func(*reference.Client, *packet.Packet) []*packet.Packet) reference.PacketRules {
	return packetsIn{rules, change}
}

type packetsIn struct {
	reference.PacketRules
	change func(*reference.Client, *packet.Packet) []*packet.Packet
}

func (o packetsIn) Incoming(c *reference.Client, p *packet.Packet) []*packet.Packet {
	var all []*packet.Packet
	for _, p := range o.PacketRules.Incoming(c, p) {
		all = append(all, o.change(c, p)...)
	}
	return all
}

// PacketsOut changes the packets that are sent.
func PacketsOut(rules reference.PacketRules, change func(*reference.Client, *packet.Packet) []*packet.Packet) reference.PacketRules {
	return packetsOut{rules, change}
}

type packetsOut struct {
	reference.PacketRules
	change func(*reference.Client, *packet.Packet) []*packet.Packet
}

func (o packetsOut) Outgoing(c *reference.Client, p *packet.Packet) []*packet.Packet {
	var all []*packet.Packet
	for _, p := range o.PacketRules.Outgoing(c, p) {
		all = append(all, o.change(c, p)...)
	}
	return all
}

// Encode changes the messages of packets.
func Encode(rules reference.PacketRules, change func(*reference.Client, *packet.Packet, []engineio.Message) []engineio.Message) reference.PacketRules {
	return encode{rules, change}
}

type encode struct {
	reference.PacketRules
	change func(*reference.Client, *packet.Packet, []engineio.Message) []engineio.Message
}

func (o encode) Encode(c *reference.Client, p *packet.Packet) []engineio.Message {
	return o.change(c, p, o.PacketRules.Encode(c, p))
}

// ConnectTimeout changes how long a session may stay without joining a namespace.
func ConnectTimeout(rules reference.ConnectRules, change func(time.Duration) time.Duration) reference.ConnectRules {
	return connectTimeout{rules, change}
}

type connectTimeout struct {
	reference.ConnectRules
	change func(time.Duration) time.Duration
}

func (o connectTimeout) Timeout(timeout time.Duration) time.Duration {
	return o.change(o.ConnectRules.Timeout(timeout))
}

// Auth changes the auth objects of clients.
func Auth(rules reference.ConnectRules, change func(c *reference.Client, namespace string, auth reference.Value) reference.Value) reference.ConnectRules {
	return auth{rules, change}
}

type auth struct {
	reference.ConnectRules
	change func(c *reference.Client, namespace string, auth reference.Value) reference.Value
}

func (o auth) Auth(c *reference.Client, namespace string, sent reference.Value) reference.Value {
	return o.change(c, namespace, o.ConnectRules.Auth(c, namespace, sent))
}

// SocketID changes the identifiers of sockets.
func SocketID(rules reference.ConnectRules, change func(c *reference.Client, namespace, id string) string) reference.ConnectRules {
	return socketID{rules, change}
}

type socketID struct {
	reference.ConnectRules
	change func(c *reference.Client, namespace, id string) string
}

func (o socketID) SocketID(c *reference.Client, namespace, made string) string {
	return o.change(c, namespace, o.ConnectRules.SocketID(c, namespace, made))
}

// Middlewares changes the middlewares that run for sockets.
func Middlewares(rules reference.ConnectRules, change func(*reference.Socket, []reference.Middleware) []reference.Middleware) reference.ConnectRules {
	return middlewares{rules, change}
}

type middlewares struct {
	reference.ConnectRules
	change func(*reference.Socket, []reference.Middleware) []reference.Middleware
}

func (o middlewares) Middlewares(s *reference.Socket, all []reference.Middleware) []reference.Middleware {
	return o.change(s, o.ConnectRules.Middlewares(s, all))
}

// Reasons replaces each reason of a disconnect event.
func Reasons(rules reference.DisconnectRules, change func(s *reference.Socket, reason string) []string) reference.DisconnectRules {
	return reasons{rules, change}
}

type reasons struct {
	reference.DisconnectRules
	change func(s *reference.Socket, reason string) []string
}

func (o reasons) Reasons(s *reference.Socket, reason string) []string {
	var all []string
	for _, reason := range o.DisconnectRules.Reasons(s, reason) {
		all = append(all, o.change(s, reason)...)
	}
	return all
}

// Resolve changes the name of the namespace that a client gets.
func Resolve(rules reference.NamespaceRules, change func(name string) string) reference.NamespaceRules {
	return resolve{rules, change}
}

type resolve struct {
	reference.NamespaceRules
	change func(name string) string
}

func (o resolve) Resolve(name string) string {
	return o.change(o.NamespaceRules.Resolve(name))
}

// Announce decides whether, when and how often the listeners for new namespaces are called.
func Announce(rules reference.NamespaceRules, change func(cause reference.Cause, ns *reference.Namespace, raise func())) reference.NamespaceRules {
	return announce{rules, change}
}

type announce struct {
	reference.NamespaceRules
	change func(cause reference.Cause, ns *reference.Namespace, raise func())
}

func (o announce) Announce(cause reference.Cause, ns *reference.Namespace, raise func()) {
	o.change(cause, ns, raise)
}

// Receivers changes which sockets of a namespace get an event meant for all of them.
func Receivers(rules reference.NamespaceRules, change func(ns *reference.Namespace, all []*reference.Socket) []*reference.Socket) reference.NamespaceRules {
	return receivers{rules, change}
}

type receivers struct {
	reference.NamespaceRules
	change func(ns *reference.Namespace, all []*reference.Socket) []*reference.Socket
}

func (o receivers) Receivers(ns *reference.Namespace, all []*reference.Socket) []*reference.Socket {
	return o.change(ns, o.NamespaceRules.Receivers(ns, all))
}

// Adapter wraps adapters.
func Adapter(rules reference.ClusterRules, change func(reference.AdapterFactory) reference.AdapterFactory) reference.ClusterRules {
	return adapter{rules, change}
}

type adapter struct {
	reference.ClusterRules
	change func(reference.AdapterFactory) reference.AdapterFactory
}

func (o adapter) Adapter(factory reference.AdapterFactory) reference.AdapterFactory {
	return o.change(o.ClusterRules.Adapter(factory))
}
