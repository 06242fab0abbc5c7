package reference

// Rules are the decisions of a [Server], by subject, as those of [engineio.Rules] are: each method is one decision, its
// default is the rule of the protocol, no method calls another of its interface, and a field that is nil stands for the
// default. The methods are called on many goroutines at once.
type Rules struct {
	Packets    PacketRules
	Connect    ConnectRules
	Disconnect DisconnectRules
	Acks       AckRules
	Namespaces NamespaceRules
	Cluster    ClusterRules
}

// WithDefaults gives the rules with the default in place of each that is nil.
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
