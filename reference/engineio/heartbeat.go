package engineio

import "time"

// HeartbeatRules decide when a session is pinged, and what answers a ping.
type HeartbeatRules interface {
	// PingAfter is how long after the handshake, or after a pong, a ping is due.
	PingAfter(pingInterval time.Duration) time.Duration
	// PongWithin is how long the client has for its pong.
	PongWithin(pingTimeout time.Duration) time.Duration
	// Pings reports whether a ping that is due is sent to a session that was upgraded, or that a WebSocket probes for.
	// Where not, the next one is due an interval later.
	Pings(upgraded, probing bool) bool
	// KeepsPing reports whether a ping for which no poll waits is kept for the next one.
	KeepsPing() bool
	// AwaitsPong reports whether a ping has to be answered.
	AwaitsPong(s *Session) bool
	// PollAnswers reports whether a poll answers a ping.
	PollAnswers() bool
	// UpgradeRestarts reports whether the interval begins again with an upgrade.
	UpgradeRestarts() bool
	// UpgradeEnds reports whether the heartbeat ends where a ping is under way at an upgrade.
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

// KeepsPing is true: packets that are sent while no poll is under way are kept for the next one, pings as others
// (section "HTTP long-polling: receiving data").
func (DefaultHeartbeat) KeepsPing() bool { return true }

// AwaitsPong is true: "If the server does not receive a pong packet back, then it SHOULD consider that the connection is
// closed." A pong that came before counts for no later ping.
func (DefaultHeartbeat) AwaitsPong(*Session) bool { return true }

// PollAnswers is false: a pong packet alone answers a ping, and a polling client sends it by POST.
func (DefaultHeartbeat) PollAnswers() bool { return false }

// UpgradeRestarts is false: a ping comes when it was due before the upgrade.
func (DefaultHeartbeat) UpgradeRestarts() bool { return false }

// UpgradeEnds is false: a ping that is under way at the upgrade must be answered all the same.
func (DefaultHeartbeat) UpgradeEnds() bool { return false }

// beat has the next ping sent when it is due.
func (s *Session) beat() {
	s.timer = time.AfterFunc(s.server.rules.Heartbeat.PingAfter(s.server.options.PingInterval), s.ping)
}

// ping asks the client for a pong.
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
	if s.awaiting { // and the pong did not come while this waited for the lock
		s.happens(PingTimeout, "ping timeout")
	}
}

// pong takes what answers a ping.
func (s *Session) pong() {
	if !s.awaiting {
		s.happens(UnaskedPong, "transport error")
		return
	}
	s.awaiting = false
	s.timer.Stop()
	s.beat()
}

// upgradeHeartbeat takes the heartbeat over an upgrade.
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
