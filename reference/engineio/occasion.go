package engineio

// Occasion is something that happens to a server or a session, apart from sending and receiving packets.
type Occasion string

// The occasions of a response.
const (
	HandshakeAnswer Occasion = "the answer to a handshake over polling"
	SocketAnswer    Occasion = "the status 101 of a handshake over WebSocket"
	PollAnswer      Occasion = "the answer to a poll"
	PostAnswer      Occasion = "the answer to a POST"
	UpgradeAnswer   Occasion = "the status 101 of a WebSocket for a session"
	RefusalAnswer   Occasion = "a refusal"
)

// The occasions of a request that fails.
const (
	ForeignPath        Occasion = "a request of another path"
	Preflight          Occasion = "a preflight request"
	MalformedHandshake Occasion = "a WebSocket handshake that is malformed"
	UnservedMethod     Occasion = "a method that a session does not serve"
	SecondPoll         Occasion = "a poll while another is under way"
	SecondPost         Occasion = "a POST while another is under way"
	Oversize           Occasion = "a POST that is too large"
	BrokenPayload      Occasion = "a POST with an invalid payload"
	BrokenOffPoll      Occasion = "a poll that the client aborts"
	BrokenOffPost      Occasion = "a POST that the client aborts"
	SecondSocket       Occasion = "a second WebSocket of a session"
)

// The occasions of a session.
const (
	AcceptedHandshake  Occasion = "a handshake that is accepted"
	SocketMessage      Occasion = "a WebSocket message"
	ClientClose        Occasion = "a close packet of the client"
	ClientPing         Occasion = "a ping packet of the client"
	UnsolicitedPong    Occasion = "a pong that answers no ping"
	PingTimeout        Occasion = "a client that answers no ping"
	BrokenMessage      Occasion = "a WebSocket message that is not a packet"
	SocketLost         Occasion = "the end of the WebSocket of a session that was opened over it"
	UpgradedSocketLost Occasion = "the end of the WebSocket of an upgraded session"
	UpgradeDone        Occasion = "an upgrade packet that completes an upgrade"
	FailedUpgrade      Occasion = "the end of a WebSocket that probes"
	ClosedByServer     Occasion = "a session that the application closes"
	AbortedByServer    Occasion = "a session that the application ends at once"
	ClientRefused      Occasion = "a client that a namespace refuses"
)
