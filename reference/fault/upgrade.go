package fault

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in the upgrade from polling to WebSocket.
func init() {
	register(
		Fault{
			Name:     "upgrade/no-noop",
			Breaks:   "engine.io/88",
			Sentence: "Polls during an upgrade are held open.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = holdingPolls{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/one-noop",
			Breaks:   "engine.io/90",
			Sentence: "Only the first poll during an upgrade is answered.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = answeringOnePoll{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/poll-at-its-end-hangs",
			Breaks:   "engine.io/90",
			Sentence: "A poll that is under way when the upgrade packet comes is not answered.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = holdingTheLastPoll{answeringOnePoll{rules.Upgrade}} }),
		},
		Fault{
			Name:     "upgrade/buffer-lost",
			Breaks:   "engine.io/92",
			Sentence: "Packets that wait for a poll are lost in the upgrade.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = losingTheBuffer{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/probe-moves-the-session",
			Breaks:   "engine.io/91",
			Sentence: "The probe itself moves the session to WebSocket.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = movedByTheProbe{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/failed-probe-ends-the-session",
			Breaks:   "engine.io/97",
			Sentence: "A WebSocket that closes before the upgrade ends the polling session.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, true, engineio.FailedUpgrade)
			}),
		},
		Fault{
			Name:     "upgrade/any-first-packet",
			Breaks:   "engine.io/99",
			Sentence: "A WebSocket for an upgrade may begin with any packet.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = acceptsAnyStart{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/poll-after-it-held-open",
			Breaks:   "engine.io/94",
			Sentence: "A poll of an upgraded session is held open.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Requests = pollingAfterTheUpgrade{rules.Requests} }),
		},
		Fault{
			Name:     "upgrade/without-probe",
			Breaks:   "engine.io/101",
			Sentence: "An upgrade packet without a probe moves the session.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = upgradedUnprobed{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/probe-answered-without-payload",
			Breaks:   "engine.io/87",
			Sentence: "The answer to the probe lacks the payload.",
			Apply: outgoing(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Pong {
					p.Data = nil
				}
				return p
			})),
		},
		Fault{
			Name:     "upgrade/probe-echoed",
			Breaks:   "engine.io/87",
			Sentence: "The probe comes back as it is.",
			Apply: outgoing(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Pong {
					p.Type = engineio.Ping
				}
				return p
			})),
		},
		Fault{
			Name:     "upgrade/binary-stays-base64",
			Breaks:   "engine.io/93",
			Sentence: "Binary messages of an upgraded session stay in base64.",
			Apply: outgoing(engineio.WebSocket, func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if s.Request().URL.Query().Get("transport") != engineio.Polling {
					return packets
				}
				return mapped(func(p engineio.Packet) engineio.Packet {
					if p.Binary {
						return engineio.Packet{Type: 'b', Data: []byte(base64.StdEncoding.EncodeToString(p.Data))}
					}
					return p
				})(s, packets)
			}),
		},
		Fault{
			Name:     "upgrade/buffer-reversed",
			Breaks:   "engine.io/92",
			Sentence: "Events that were buffered during an upgrade go out in reverse order.",
			Apply: outgoing(engineio.WebSocket, func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if s.Request().URL.Query().Get("transport") != engineio.Polling || slices.ContainsFunc(packets, func(p engineio.Packet) bool { return !isEvent(p) }) {
					return packets
				}
				reversed := make([]engineio.Packet, len(packets))
				for i, p := range packets {
					reversed[len(packets)-1-i] = p
				}
				return reversed
			}),
		},
		Fault{
			Name:     "upgrade/any-transport",
			Breaks:   "engine.io/8",
			Sentence: "A WebSocket for a session may name any transport.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if websocket.IsWebSocketUpgrade(r) && q.Has("sid") && q.Get("transport") != engineio.Polling {
					q.Set("transport", engineio.WebSocket)
				}
			}),
		},
		Fault{
			Name:     "upgrade/probing-socket-carries-packets",
			Breaks:   "engine.io/91",
			Sentence: "Packets sent during an upgrade while no poll waits go out over the WebSocket that probes.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = carryingWhileProbing{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/poll-during-it-loses-a-packet",
			Breaks:   "engine.io/92",
			Sentence: "If a poll fetches several packets during an upgrade, the last is lost.",
			Apply: engine(aroundTheUpgrade(func(of *upgrading, transport string, packets []engineio.Packet) []engineio.Packet {
				if transport == engineio.Polling && of.probed && len(packets) > 1 {
					return packets[:len(packets)-1]
				}
				return packets
			})),
		},
		Fault{
			Name:     "upgrade/stays-open-when-the-server-closes",
			Breaks:   "engine.io/57",
			Sentence: "The WebSocket of an upgraded session stays open when the application closes the session.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = leavingTheUpgradedOpen{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/any-ping-is-a-probe",
			Breaks:   "engine.io/100",
			Sentence: "A WebSocket for an upgrade may probe with any payload.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = probedByAnyPing{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/noops-after-a-failed-probe",
			Breaks:   "engine.io/97",
			Sentence: "When the probing WebSocket is gone, polls are still answered with noops.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = noopsGoingOn{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/probing-socket-outlives-the-session",
			Breaks:   "engine.io/54",
			Sentence: "The probing WebSocket stays open when its session ends.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = leavingTheProbingOpen{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/session-outlives-its-websocket",
			Breaks:   "engine.io/45",
			Sentence: "An upgraded session outlives its WebSocket.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, false, engineio.UpgradedSocketLost)
			}),
		},
		Fault{
			Name:     "upgrade/refused-one-blocks-the-next",
			Breaks:   "engine.io/97",
			Sentence: "After a WebSocket has begun with a packet other than the probe, no other WebSocket may probe.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = blockedByARefusal{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/close-drops-the-buffer",
			Breaks:   "engine.io/92",
			Sentence: "Packets that wait for the client are lost if the application closes the connection during an upgrade.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Upgrade = droppingAtTheClose{rules.Upgrade} }),
		},
		Fault{
			Name:     "upgrade/noop-over-websocket",
			Breaks:   "engine.io/88",
			Sentence: "If no poll came during the upgrade, a noop goes out over the WebSocket.",
			Apply: engine(func(rules *engineio.Rules) {
				var probed perSession[atomic.Bool]
				rules.Session = override.Outgoing(rules.Session, func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
					switch of := probed.of(s); {
					case isProbe(packets):
						of.Store(true)
					case of.Swap(false) && transport == engineio.WebSocket:
						return append([]engineio.Packet{{Type: engineio.Noop}}, packets...)
					}
					return packets
				})
			}),
		},
		Fault{
			Name:     "upgrade/buffer-behind-what-is-new",
			Breaks:   "engine.io/92",
			Sentence: "Buffered packets go out after those sent after the upgrade.",
			Apply:    engine(aroundTheUpgrade(heldBack)),
		},
		Fault{
			Name:     "upgrade/sent-by-poll-and-again",
			Breaks:   "engine.io/92",
			Sentence: "Packets that polls have fetched during the upgrade are sent again over the WebSocket.",
			Apply:    engine(aroundTheUpgrade(sentAgain)),
		},
		Fault{
			Name:     "upgrade/only-the-main-namespace-goes-on",
			Breaks:   "socket.io/211",
			Sentence: "An event over WebSocket ends the session if it is for a custom namespace that was joined over polling.",
			Apply: fresh(func() apply {
				var overPolling memory[[]string]
				return packetsIn(func(c client, p pkt) []pkt {
					lost := false
					overPolling.of(c, func(names *[]string) {
						polling := c.Session().Transport() == engineio.Polling
						if p.Type == packet.Connect && polling {
							*names = append(*names, p.Namespace)
						}
						lost = isEventPacket(p) && !polling && p.Namespace != "/" && slices.Contains(*names, p.Namespace)
					})
					if lost {
						c.Abort()
						return nil
					}
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "upgrade/fails-on-a-socket-that-has-left",
			Breaks:   "socket.io/211",
			Sentence: "The first message over WebSocket ends a session that has left a namespace over polling.",
			Apply: fresh(func() apply {
				var leftOverPolling memory[bool]
				return packetsIn(func(c client, p pkt) []pkt {
					fails := false
					leftOverPolling.of(c, func(left *bool) {
						polling := c.Session().Transport() == engineio.Polling
						fails = *left && !polling
						*left = *left || p.Type == packet.Disconnect && polling
					})
					if fails {
						c.Abort()
						return nil
					}
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "upgrade/sockets-stay-behind",
			Breaks:   "socket.io/211",
			Sentence: "Events over WebSocket are lost if they are for a namespace that was joined over polling.",
			Apply: fresh(func() apply {
				var overPolling memory[[]string]
				return packetsIn(func(c client, p pkt) []pkt {
					lost := false
					overPolling.of(c, func(names *[]string) {
						polling := c.Session().Transport() == engineio.Polling
						if p.Type == packet.Connect && polling {
							*names = append(*names, p.Namespace)
						}
						lost = isEventPacket(p) && !polling && slices.Contains(*names, p.Namespace)
					})
					if lost {
						return nil
					}
					return []pkt{p}
				})
			}),
		},
	)
}

// upgrading is what a fault remembers about a session around its upgrade.
type upgrading struct {
	mu     sync.Mutex
	probed bool // the probe is answered
	kept   []engineio.Packet
}

// aroundTheUpgrade changes everything that goes out except the answer to the probe.
func aroundTheUpgrade(change func(of *upgrading, transport string, packets []engineio.Packet) []engineio.Packet) func(*engineio.Rules) {
	return func(rules *engineio.Rules) {
		var all perSession[upgrading]
		rules.Session = override.Outgoing(rules.Session, func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
			of := all.of(s)
			of.mu.Lock()
			defer of.mu.Unlock()
			if isProbe(packets) {
				of.probed = true
				return packets
			}
			return change(of, transport, packets)
		})
	}
}

// heldBack holds back the first packets over a session's WebSocket after the answer to the probe, until more go out.
func heldBack(of *upgrading, transport string, packets []engineio.Packet) []engineio.Packet {
	switch {
	case transport == engineio.WebSocket && of.probed:
		of.probed, of.kept = false, packets
		return nil
	case transport == engineio.WebSocket:
		packets = append(packets, of.kept...)
		of.kept = nil
	}
	return packets
}

// sentAgain repeats after the upgrade the messages that polls fetched after the answer to the probe.
func sentAgain(of *upgrading, transport string, packets []engineio.Packet) []engineio.Packet {
	switch {
	case transport == engineio.Polling && of.probed:
		of.kept = append(of.kept, without(func(p engineio.Packet) bool { return !isMessage(p) })(nil, packets)...)
	case transport == engineio.WebSocket:
		packets = append(of.kept, packets...)
		of.kept = nil
	}
	return packets
}

// isProbe reports whether packets are the answer to a probe.
func isProbe(packets []engineio.Packet) bool {
	return len(packets) == 1 && packets[0].Type == engineio.Pong && bytes.Equal(packets[0].Data, []byte("probe"))
}

// holdingPolls holds polls during an upgrade.
type holdingPolls struct{ engineio.UpgradeRules }

func (holdingPolls) AnswersPoll(int) bool { return false }

// answeringOnePoll answers the first poll during an upgrade, and holds the others.
type answeringOnePoll struct{ engineio.UpgradeRules }

func (answeringOnePoll) AnswersPoll(nth int) bool { return nth == 1 }

// holdingTheLastPoll does not answer the poll that is under way when an upgrade completes.
type holdingTheLastPoll struct{ engineio.UpgradeRules }

func (holdingTheLastPoll) ReleasesPoll() bool { return false }

// losingTheBuffer loses the waiting packets when a session is upgraded.
type losingTheBuffer struct{ engineio.UpgradeRules }

func (f losingTheBuffer) Buffered(on engineio.Occasion, packets []engineio.Packet) []engineio.Packet {
	if on == engineio.UpgradeDone {
		return nil
	}
	return f.UpgradeRules.Buffered(on, packets)
}

// droppingAtTheClose loses the waiting packets when the application closes a session during an upgrade.
type droppingAtTheClose struct{ engineio.UpgradeRules }

func (f droppingAtTheClose) Buffered(on engineio.Occasion, packets []engineio.Packet) []engineio.Packet {
	if on == engineio.ClosedByServer {
		return nil
	}
	return f.UpgradeRules.Buffered(on, packets)
}

// movedByTheProbe does not wait for the upgrade packet.
type movedByTheProbe struct{ engineio.UpgradeRules }

func (movedByTheProbe) ProbeMoves() bool { return true }

// acceptsAnyStart leaves a WebSocket open that does not begin with a probe.
type acceptsAnyStart struct{ engineio.UpgradeRules }

func (acceptsAnyStart) Refuses([]byte) bool { return false }

// upgradedUnprobed accepts an upgrade packet without a probe before it.
type upgradedUnprobed struct{ engineio.UpgradeRules }

func (f upgradedUnprobed) Completes(message []byte, _ bool) bool {
	return f.UpgradeRules.Completes(message, true)
}

// probedByAnyPing takes a ping with any payload for the probe.
type probedByAnyPing struct{ engineio.UpgradeRules }

func (probedByAnyPing) Begins(message []byte) bool {
	return len(message) > 0 && message[0] == engineio.Ping
}

// carryingWhileProbing sends over the WebSocket that probes.
type carryingWhileProbing struct{ engineio.UpgradeRules }

func (carryingWhileProbing) ProbingCarries() bool { return true }

// noopsGoingOn still answers polls with noops after a failed upgrade.
type noopsGoingOn struct{ engineio.UpgradeRules }

func (noopsGoingOn) HoldsAgain() bool { return false }

// blockedByARefusal lets no other WebSocket probe after one that did not probe.
type blockedByARefusal struct{ engineio.UpgradeRules }

func (blockedByARefusal) AllowsNext(probed bool) bool { return probed }

// leavingTheProbingOpen leaves the WebSocket that probes open when its session ends.
type leavingTheProbingOpen struct{ engineio.UpgradeRules }

func (leavingTheProbingOpen) ClosesProbing() bool { return false }

// leavingTheUpgradedOpen leaves the WebSocket of an upgraded session open when the application closes the session.
type leavingTheUpgradedOpen struct{ engineio.UpgradeRules }

func (f leavingTheUpgradedOpen) ClosesUpgraded(reason string) bool {
	return reason != "forced close" && f.UpgradeRules.ClosesUpgraded(reason)
}

// pollingAfterTheUpgrade serves polls of sessions that are on WebSocket.
type pollingAfterTheUpgrade struct{ engineio.RequestRules }

func (f pollingAfterTheUpgrade) Verify(c engineio.Check) (*engineio.Session, *engineio.Refusal) {
	session, refusal := f.RequestRules.Verify(c)
	if refusal != nil && refusal.Context["name"] == "TRANSPORT_MISMATCH" && c.Request.Method == http.MethodGet && !websocket.IsWebSocketUpgrade(c.Request) {
		return c.Session, nil
	}
	return session, refusal
}
