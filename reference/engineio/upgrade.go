package engineio

import (
	"net/http"
	"slices"
	"time"
)

// UpgradeRules decide how a session moves from polling to WebSocket.
type UpgradeRules interface {
	// Begins reports whether a message of a WebSocket is the probe that begins an upgrade.
	Begins(message []byte) bool
	// ProbeMoves reports whether the probe alone moves the session.
	ProbeMoves() bool
	// Completes reports whether a message of a WebSocket moves the session. probed says whether that WebSocket has probed.
	Completes(message []byte, probed bool) bool
	// Refuses reports whether a WebSocket is closed after a message that is not part of an upgrade.
	Refuses(message []byte) bool
	// AnswersPoll reports whether the nth poll during an upgrade, counted from 1, is answered with a noop at once.
	AnswersPoll(nth int) bool
	// ReleasesPoll reports whether the poll under way when an upgrade completes is answered with a noop.
	ReleasesPoll() bool
	// ProbingCarries reports whether packets go out over the WebSocket that probes if no poll waits for them.
	ProbingCarries() bool
	// Buffered returns which of the waiting packets go out when an upgrade completes, or when the application closes the
	// session during one.
	Buffered(on Occasion, packets []Packet) []Packet
	// HoldsAgain reports whether polls are held as before when the WebSocket that probed is gone.
	HoldsAgain() bool
	// AllowsNext reports whether another WebSocket may probe after one that is gone. probed says whether that one had
	// probed.
	AllowsNext(probed bool) bool
	// ClosesProbing reports whether the WebSocket that probes is closed with the session.
	ClosesProbing() bool
	// ClosesUpgraded reports whether the WebSocket of an upgraded session is closed when the session ends for the given
	// reason.
	ClosesUpgraded(reason string) bool
}

// DefaultUpgrade is the upgrade of the protocol document, section "Upgrade".
type DefaultUpgrade struct{}

// Begins is true for "2probe": a ping packet with the payload probe. Any other ping is not a probe.
func (DefaultUpgrade) Begins(message []byte) bool { return string(message) == "2probe" }

// ProbeMoves is false: the session goes on over polling until the upgrade packet comes.
func (DefaultUpgrade) ProbeMoves() bool { return false }

// Completes is true for "5" after a probe: "Finally, the client MUST send a upgrade packet to complete the upgrade".
func (DefaultUpgrade) Completes(message []byte, probed bool) bool {
	return string(message) == "5" && probed
}

// Refuses is true: a WebSocket that sends anything but the packets of an upgrade is closed, and the polling session goes
// on.
func (DefaultUpgrade) Refuses([]byte) bool { return true }

// AnswersPoll is true for every poll: the server must "send a noop packet to any pending GET request (if applicable) to
// cleanly close HTTP long-polling transport", and a client may poll again before it sends the upgrade packet.
func (DefaultUpgrade) AnswersPoll(int) bool { return true }

// ReleasesPoll is true: the upgrade ends long-polling, and no request stays open.
func (DefaultUpgrade) ReleasesPoll() bool { return true }

// ProbingCarries is false: packets wait for a poll, or for the upgrade packet.
func (DefaultUpgrade) ProbingCarries() bool { return false }

// Buffered returns all packets: an upgrade has "to ensure that no packet gets lost", and a session is closed only when they
// have gone out.
func (DefaultUpgrade) Buffered(_ Occasion, packets []Packet) []Packet { return packets }

// HoldsAgain is true: a polling session survives an upgrade that fails, and goes on as before.
func (DefaultUpgrade) HoldsAgain() bool { return true }

// AllowsNext is true: another upgrade may follow one that failed.
func (DefaultUpgrade) AllowsNext(bool) bool { return true }

// ClosesProbing is true: nothing of a session stays open.
func (DefaultUpgrade) ClosesProbing() bool { return true }

// ClosesUpgraded is true, whatever the reason.
func (DefaultUpgrade) ClosesUpgraded(string) bool { return true }

// noop decides whether a poll during an upgrade is answered at once. s.mu is held.
func (s *Session) noop() bool {
	s.noops++
	return s.server.rules.Upgrade.AnswersPoll(s.noops)
}

// beside serves a WebSocket for an existing session. If the session is on polling, this is an upgrade.
func (s *Server) beside(w http.ResponseWriter, r *http.Request, session *Session) {
	conn := s.upgrade(w, r, UpgradeAnswer)
	if conn == nil {
		return
	}
	if !s.enter(session, false) {
		_ = conn.Close()
		return
	}
	defer s.running.Done()
	k := newSocket(conn, s.rules.WebSocket)
	session.mu.Lock()
	taken, second := session.transport == WebSocket || session.probing != nil, s.rules.WebSocket.Second(session)
	switch {
	case session.state != established, taken && second == SecondCloses:
		session.mu.Unlock()
		s.occasion(SecondSocket, r)
		k.close()
		k.run(func(bool, []byte) bool { return true }, func() {})
		return
	case taken && second == SecondStays:
		session.mu.Unlock()
		k.run(session.answerProbes(k), func() {})
		return
	case taken && session.socket != nil:
		session.socket.close()
		session.socket = k
	case !taken:
		session.probing = k
	}
	session.mu.Unlock()
	timeout := time.AfterFunc(s.options.UpgradeTimeout, func() { session.giveUp(k) })
	defer timeout.Stop()
	k.run(func(text bool, data []byte) bool { return session.probe(k, text, data) }, func() { session.lose(k) })
}

// answerProbes serves a WebSocket that stays open in addition to the session's own.
func (s *Session) answerProbes(k *socket) func(text bool, data []byte) bool {
	return func(text bool, data []byte) bool {
		if text && s.server.rules.Upgrade.Begins(data) {
			k.send(s.outgoing(WebSocket, []Packet{{Type: Pong, Data: []byte("probe")}}))
		}
		return true
	}
}

// lose ends the session or the upgrade that a connection belonged to.
func (s *Session) lose(k *socket) {
	s.giveUp(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.socket != k:
	case s.upgraded:
		s.happens(UpgradedSocketLost, "transport close")
	default:
		s.happens(SocketLost, "transport close")
	}
}

// giveUp ends a failed upgrade. The session stays on polling.
func (s *Session) giveUp(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := s.server.rules.Upgrade
	if s.probing != k || !rules.AllowsNext(s.probed) {
		return
	}
	s.probing, s.probed = nil, s.probed && !rules.HoldsAgain()
	k.close()
	s.happens(FailedUpgrade, "transport error")
}

// probe acts on a message of a WebSocket for an upgrade. Once that WebSocket is the session's own, it acts on the message
// as such.
func (s *Session) probe(k *socket, text bool, data []byte) (more bool) {
	rules := s.server.rules.Upgrade
	s.mu.Lock()
	mine, probing, probed := s.socket == k, s.probing == k, s.probed
	s.mu.Unlock()
	switch {
	case mine:
		return s.message(text, data)
	case text && probing && rules.Begins(data):
		k.send(s.outgoing(WebSocket, []Packet{{Type: Pong, Data: []byte("probe")}}))
		s.mu.Lock()
		defer s.mu.Unlock()
		s.probed = true
		if s.waiting != nil && s.noop() {
			s.waiting <- []Packet{{Type: Noop}}
			s.waiting = nil
		}
		if rules.ProbeMoves() {
			s.move(k)
		}
		return true
	case text && probing && rules.Completes(data, probed):
		s.mu.Lock()
		defer s.mu.Unlock()
		s.move(k)
		return true
	case !rules.Refuses(data):
		return true
	}
	s.giveUp(k)
	k.close()
	return true // until the client has closed it, too
}

// Probed reports whether the server has answered a WebSocket's probe but the upgrade is not complete yet.
func (s *Session) Probed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probed
}

// move makes a WebSocket the session's own and sends the buffered packets over it. s.mu is held.
func (s *Session) move(k *socket) {
	s.socket, s.probing, s.probed, s.upgraded = k, nil, false, true
	if s.state == ended {
		k.close()
		return
	}
	if s.waiting != nil && s.server.rules.Upgrade.ReleasesPoll() {
		s.waiting <- []Packet{{Type: Noop}}
		s.waiting = nil
	}
	s.transport = WebSocket
	if s.state == closing { // over WebSocket the close frame says it
		s.out = slices.DeleteFunc(s.out, func(p Packet) bool { return p.Type == Close })
		s.flush()
		s.finish("")
		return
	}
	s.upgradeHeartbeat()
	s.out = s.server.rules.Upgrade.Buffered(UpgradeDone, s.out)
	s.flush()
}
