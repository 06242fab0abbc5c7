package engineio

import "time"

// HeartbeatRules decide when a session is pinged, and what answers a ping.
type HeartbeatRules interface {
	// PingAfter is how long after the handshake, or after a pong, a ping is due.
	PingAfter(pingInterval time.Duration) time.Duration
	// PongWithin is how long the client has for its pong.
	PongWithin(pingTimeout time.Duration) time.Duration
	// Pings reports whether a ping that is due is sent. upgraded and probing say whether the session was upgraded, and
	// whether a WebSocket probes for it. If the ping is not sent, the next one is due an interval later.
	Pings(upgraded, probing bool) bool
	// KeepsPing reports whether a ping is kept for the next poll if no poll waits for it.
	KeepsPing() bool
	// AwaitsPong reports whether a ping has to be answered.
	AwaitsPong(s *Session) bool
	// PollAnswers reports whether a poll answers a ping.
	PollAnswers() bool
	// UpgradeRestarts reports whether an upgrade restarts the interval.
	UpgradeRestarts() bool
	// UpgradeEnds reports whether an upgrade ends the heartbeat if a ping waits for its pong.
	UpgradeEnds() bool
}

// DefaultHeartbeat is the heartbeat of the protocol document, section "Heartbeat".
type DefaultHeartbeat struct{}

// PingAfter is pingInterval: "At a given interval (the pingInterval value sent in the handshake) the server sends a ping
// packet".
func (DefaultHeartbeat) PingAfter(pingInterval time.Duration) time.Duration { return pingInterval }

// PongWithin is pingTimeout: "the client has a few seconds (the pingTimeout value) to send a pong packet back."
func (DefaultHeartbeat) PongWithin(pingTimeout time.Duration) time.Duration { return pingTimeout }

// Pings is true: the heartbeat goes on during an upgrade and after it, at the same interval.
func (DefaultHeartbeat) Pings(upgraded, probing bool) bool { return true }

// KeepsPing is true: packets that are sent while no poll is under way are kept for the next one, and so are pings (section
// "HTTP long-polling: receiving data").
func (DefaultHeartbeat) KeepsPing() bool { return true }

// AwaitsPong is true: "If the server does not receive a pong packet back, then it SHOULD consider that the connection is
// closed." An earlier pong does not count for a later ping.
func (DefaultHeartbeat) AwaitsPong(*Session) bool { return true }

// PollAnswers is false: only a pong packet answers a ping, and a polling client sends it with a POST.
func (DefaultHeartbeat) PollAnswers() bool { return false }

// UpgradeRestarts is false: the next ping comes when it would have come without the upgrade.
func (DefaultHeartbeat) UpgradeRestarts() bool { return false }

// UpgradeEnds is false: a ping that waits for its pong during the upgrade must still be answered.
func (DefaultHeartbeat) UpgradeEnds() bool { return false }

// beat schedules the next ping. s.mu is held.
func (s *Session) beat() {
	s.timer = time.AfterFunc(s.server.rules.Heartbeat.PingAfter(s.server.options.PingInterval), s.ping)
}

// ping sends a ping that is due and starts the wait for its pong.
func (s *Session) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := s.server.rules.Heartbeat
	if s.state != established {
		return
	}
	if !rules.Pings(s.upgraded, s.probing != nil) {
		s.beat()
		return
	}
	if s.awaiting = rules.AwaitsPong(s); s.awaiting {
		s.timer = time.AfterFunc(rules.PongWithin(s.server.options.PingTimeout), s.timeOut)
	} else {
		s.beat()
	}
	if s.transport == WebSocket || s.waiting != nil || rules.KeepsPing() {
		s.send(Packet{Type: Ping})
	}
}

// timeOut ends a session whose client has not sent its pong in time.
func (s *Session) timeOut() {
	s.server.occasion(PingTimeout, s.request)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awaiting { // the pong did not come while this waited for the lock
		s.happens(PingTimeout, "ping timeout")
	}
}

// pong handles what answers a ping. s.mu is held.
func (s *Session) pong() {
	if !s.awaiting {
		s.happens(UnsolicitedPong, "transport error")
		return
	}
	s.awaiting = false
	s.timer.Stop()
	s.beat()
}

// upgradeHeartbeat applies the rules for the heartbeat to an upgrade. s.mu is held.
func (s *Session) upgradeHeartbeat() {
	switch rules := s.server.rules.Heartbeat; {
	case s.awaiting && rules.UpgradeEnds():
		s.awaiting = false
		s.timer.Stop()
	case !s.awaiting && rules.UpgradeRestarts():
		s.timer.Stop()
		s.beat()
	}
}
