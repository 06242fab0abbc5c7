package reference

// Rules are the decisions of a [Server], by subject, like those of [engineio.Rules]: each method is one decision, its
// default is the rule of the protocol, no method calls another of its interface, and a nil field means the default. The
// methods are called from many goroutines at once.
type Rules struct {
	Packets    PacketRules
	Connect    ConnectRules
	Disconnect DisconnectRules
	Acks       AckRules
	Namespaces NamespaceRules
	Cluster    ClusterRules
}

// WithDefaults returns the rules with each nil field replaced by its default.
func (r Rules) WithDefaults() Rules {
	if r.Packets == nil {
		r.Packets = DefaultPackets{}
	}
	if r.Connect == nil {
		r.Connect = DefaultConnect{}
	}
	if r.Disconnect == nil {
		r.Disconnect = DefaultDisconnect{}
	}
	if r.Acks == nil {
		r.Acks = DefaultAcks{}
	}
	if r.Namespaces == nil {
		r.Namespaces = DefaultNamespaces{}
	}
	if r.Cluster == nil {
		r.Cluster = DefaultCluster{}
	}
	return r
}
