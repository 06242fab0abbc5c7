package engineio

import (
	"io"
	"net/http"
	"net/url"
	"time"
)

// Departures makes a Server break rules on purpose, so that a test suite can be seen to notice. The zero Departures
// break none. A nil function is not called; the others see what passes and may change it. They run on many goroutines
// at once.
type Departures struct {
	// Query may change a request's parameters before it is verified.
	Query func(*http.Request, url.Values)
	// Verified gives the refusal in place of that which the verification found; nil accepts the request. Only a
	// handshake can be accepted that was refused.
	Verified func(*http.Request, url.Values, *Refusal) *Refusal
	// Raise gives the connection errors to raise in place of one.
	Raise func(ConnectionError) []ConnectionError
	// RaiseOn decides whether a connection error is raised on an occasion that is none.
	RaiseOn func(Occasion) bool
	// HookOn decides whether both hooks are called on an occasion on which none is.
	HookOn func(Occasion) bool
	// Failed may change the headers of the answer to a request within a session that fails.
	Failed func(http.Header)
	// Preflight may change the headers of the answer to a preflight request.
	Preflight func(*http.Request, http.Header)
	// Answer may change an answer over plain HTTP before its length is known, Written after.
	Answer, Written func(*http.Request, *Answer)
	// Calls gives how often a hook ("initial_headers" or "headers") is called for an answer in place of the usual
	// number, 0 or 1.
	Calls func(hook string, kind AnswerKind, usual int) int
	// HeadersFirst calls the hook headers before initial_headers.
	HeadersFirst bool
	// Hooked may change the headers when the hooks have been called.
	Hooked func(*http.Request, AnswerKind, http.Header)

	// OpenPacket gives the text of an open packet in place of the right one.
	OpenPacket func(s *Session, transport, text string) Packet
	// Outgoing gives the packets to send over a transport in place of those.
	Outgoing func(s *Session, transport string, packets []Packet) []Packet
	// Payload gives the body of a poll's answer in place of the right one.
	Payload func([]byte) []byte
	// Incoming gives the packets to act on in place of those that came over a transport.
	Incoming func(s *Session, transport string, packets []Packet) []Packet
	// Body may change what a client sent before its packets are read.
	Body func(transport string, body []byte) []byte
	// BrokenPacket is told of what is no packet. With true the session goes on.
	BrokenPacket func(transport string, body []byte) bool
	// BodyReader may wrap the body of a POST, so that it sees the pieces in which it comes.
	BodyReader func(*http.Request, io.Reader) io.Reader
	// Size gives the size of a POST's body that is compared with MaxPayload, in place of its bytes.
	Size func([]byte) int64

	// Durations of timers in place of the right ones.
	PingInterval, PingTimeout, UpgradeTimeout func(time.Duration) time.Duration
	// MaxPayload in place of the right one, in bytes.
	MaxPayload func(int64) int64

	// SessionID gives the ID of a session in place of a fresh one.
	SessionID func(id string) string
	// Path gives the path that a request is taken to ask for.
	Path func(string) string

	IgnoreOverlap       bool // of two polls, or of two POSTs, at once
	OverlapSpares       bool // the session: the second request is refused only
	IgnoreAbort         bool // of a poll, or of a POST
	IgnoreClose         bool // close packets of the client
	IgnorePing          bool // ping packets of the client
	UnaskedPongEnds     bool // the session
	OtherMethodsEnd     bool // the session that they name
	MismatchEnds        bool // the session that a request of another transport names
	RaiseForAll         bool // a connection error, for handshakes that succeed, too
	RaiseForAborts      bool // a connection error, for sessions that the application aborts, too
	HookMessages        bool // headers is called for WebSocket messages
	HookRefusals        bool // both hooks are called for refused requests
	OversizeEnds        bool // the session, for a POST that is too large
	NoNoop              bool // in answer to polls during an upgrade
	OneNoop             bool // in answer to polls during an upgrade: only to the first
	KeepBuffer          bool // on polling when the session upgrades: what was buffered is lost
	NoHeartbeatAfter    bool // an upgrade
	PollsCountAsPongs   bool
	PingsNeedPoll       bool // a ping for which no poll waits is lost
	EarlyPongsCount     bool // for the ping that comes next
	HeartbeatRestarts   bool // with the upgrade: the next ping comes a whole interval after it
	HeartbeatPauses     bool // while a WebSocket probes
	NoopsGoOn           bool // in answer to polls when the probing WebSocket is gone
	RefusedBlocksNext   bool // upgrade: one that began with another packet than the probe
	CloseDropsBuffer    bool // while a WebSocket probes: what waits for the client is lost
	ProbingOutlives     bool // the session: its probing WebSocket is left open
	UpgradedOutlives    bool // its WebSocket: a session that was upgraded
	UpgradeWithoutProbe bool // is accepted
	ProbeIsUpgrade      bool // the probe itself moves the session
	FailedProbeEnds     bool // the polling session, too
	SecondSocketReplace bool // the session's WebSocket
	SecondSocketLives   bool // beside the session's
	PollAfterUpgrade    bool // is held open
	AnyFirstPacket      bool // on a WebSocket beside the session leaves that WebSocket open
	NoCloseFrame        bool // when a WebSocket is closed, by either side
	FramesAsPayload     bool // over WebSocket a separator splits a text message
	SessionOutlives     bool // its WebSocket
	NoControlPong       bool // in answer to the WebSocket protocol's own pings
	NoPreflight         bool
}

// changed applies a departure to a value.
func changed[V any](f func(V) V, v V) V {
	if f != nil {
		return f(v)
	}
	return v
}

// Occasion is one on which a faulty server might raise a connection error, or call the hooks; a right one does not.
type Occasion string

// The occasions.
const (
	ForeignPath        Occasion = "a request of another path"
	Preflight          Occasion = "a preflight request"
	MalformedHandshake Occasion = "a WebSocket handshake that is malformed"
	UnservedMethod     Occasion = "a method that a session does not serve"
	Overlap            Occasion = "two requests of one kind at once"
	Oversize           Occasion = "a POST that is too large"
	BrokenPayload      Occasion = "a POST that is no payload"
	BrokenOffPoll      Occasion = "a poll that the client breaks off"
	SecondSocket       Occasion = "a WebSocket beside the session's own"
	PingTimeout        Occasion = "a client that answers no ping"
	ClosedByServer     Occasion = "a session that the application closes"
)
