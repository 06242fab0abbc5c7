package engineio

// Rules are the decisions of a [Server], by subject. Each method is one decision, and its default is the rule of the
// protocol. No method calls another of its interface, so that each can be replaced alone. A nil field means the default.
//
// The methods are called from many goroutines at once, and some while the session is locked: they may call ID and Request
// of a [Session] that they get, and anything else only from another goroutine.
type Rules struct {
	Requests  RequestRules
	Errors    ErrorRules
	Handshake HandshakeRules
	Session   SessionRules
	Heartbeat HeartbeatRules
	Encoding  EncodingRules
	Polling   PollingRules
	WebSocket WebSocketRules
	Upgrade   UpgradeRules
	Headers   HeaderRules
	CORS      CORSRules
}

// WithDefaults returns the rules with each nil field replaced by its default.
func (r Rules) WithDefaults() Rules {
	if r.Requests == nil {
		r.Requests = DefaultRequests{}
	}
	if r.Errors == nil {
		r.Errors = DefaultErrors{}
	}
	if r.Handshake == nil {
		r.Handshake = DefaultHandshake{}
	}
	if r.Session == nil {
		r.Session = DefaultSession{}
	}
	if r.Heartbeat == nil {
		r.Heartbeat = DefaultHeartbeat{}
	}
	if r.Encoding == nil {
		r.Encoding = DefaultEncoding{}
	}
	if r.Polling == nil {
		r.Polling = DefaultPolling{}
	}
	if r.WebSocket == nil {
		r.WebSocket = DefaultWebSocket{}
	}
	if r.Upgrade == nil {
		r.Upgrade = DefaultUpgrade{}
	}
	if r.Headers == nil {
		r.Headers = DefaultHeaders{}
	}
	if r.CORS == nil {
		r.CORS = DefaultCORS{}
	}
	return r
}
