package fault

import (
	"sync"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in pings and pongs.
func init() {
	register(
		Fault{
			Name:     "heartbeat/no-pings",
			Breaks:   "engine.io/75",
			Sentence: "The server sends no pings.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Heartbeat = override.PingAfter(rules.Heartbeat, func(time.Duration) time.Duration { return time.Hour })
			}),
		},
		Fault{
			Name:     "heartbeat/late",
			Breaks:   "engine.io/75",
			Sentence: "Pings come at one and a half times the interval.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Heartbeat = override.PingAfter(rules.Heartbeat, func(i time.Duration) time.Duration { return i + i*2/3 })
			}),
		},
		Fault{
			Name:     "heartbeat/early",
			Breaks:   "engine.io/75",
			Sentence: "Pings come at half the interval.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Heartbeat = override.PingAfter(rules.Heartbeat, func(i time.Duration) time.Duration { return i / 2 })
			}),
		},
		Fault{
			Name:     "heartbeat/no-timeout",
			Breaks:   "engine.io/79",
			Sentence: "The session of a client that answers no ping never ends.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Heartbeat = override.PongWithin(rules.Heartbeat, func(time.Duration) time.Duration { return time.Hour })
			}),
		},
		Fault{
			Name:     "heartbeat/late-timeout",
			Breaks:   "engine.io/78",
			Sentence: "The session of a client that answers no ping ends only after three times the timeout.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Heartbeat = override.PongWithin(rules.Heartbeat, func(t time.Duration) time.Duration { return 3 * t })
			}),
		},
		Fault{
			Name:     "heartbeat/impatient",
			Breaks:   "engine.io/80",
			Sentence: "A client has only a quarter of the timeout for a pong.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Heartbeat = override.PongWithin(rules.Heartbeat, func(t time.Duration) time.Duration { return t / 4 })
			}),
		},
		Fault{
			Name:     "heartbeat/client-pings-forgiven",
			Breaks:   "engine.io/82",
			Sentence: "A ping of the client is ignored.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Session = override.Ends(rules.Session, false, engineio.ClientPing) }),
		},
		Fault{
			Name:     "heartbeat/stops-with-the-upgrade",
			Breaks:   "engine.io/84",
			Sentence: "An upgraded session gets no more pings.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Heartbeat = untilTheUpgrade{rules.Heartbeat} }),
		},
		Fault{
			Name:     "heartbeat/messages-count-as-pongs",
			Breaks:   "engine.io/78",
			Sentence: "Any message of the client counts as its pong.",
			Apply: incoming("", func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				return append([]engineio.Packet{{Type: engineio.Pong}}, packets...)
			}),
		},
		Fault{
			Name:     "heartbeat/pongs-over-polling-lost",
			Breaks:   "engine.io/81",
			Sentence: "Pongs that come with a POST do not count.",
			Apply:    incoming(engineio.Polling, without(func(p engineio.Packet) bool { return p.Type == engineio.Pong })),
		},
		Fault{
			Name:     "heartbeat/unasked-pong-ends-the-session",
			Breaks:   "engine.io/83",
			Sentence: "An unsolicited pong ends the session.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, true, engineio.UnsolicitedPong)
			}),
		},
		Fault{
			Name:     "heartbeat/ping-with-payload",
			Breaks:   "engine.io/76",
			Sentence: "Pings have a payload.",
			Apply: outgoing("", mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Ping {
					p.Data = []byte("are you there")
				}
				return p
			})),
		},
		Fault{
			Name:     "heartbeat/three-pings-only",
			Breaks:   "engine.io/77",
			Sentence: "After three pings the server sends no more.",
			Apply:    outgoing("", firstPings(3)),
		},
		Fault{
			Name:     "heartbeat/timed-out-session-kept",
			Breaks:   "engine.io/78",
			Sentence: "A session whose client answers no ping loses its WebSocket but remains known.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = keptAlive{rules.Session, "ping timeout"}
			}),
		},
		Fault{
			Name:     "heartbeat/ends-with-an-upgrade-under-a-ping",
			Breaks:   "engine.io/85",
			Sentence: "The heartbeat ends if a ping waits for its pong at the upgrade.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Heartbeat = endingWithAPing{rules.Heartbeat} }),
		},
		Fault{
			Name:     "heartbeat/restarts-with-the-upgrade",
			Breaks:   "engine.io/84",
			Sentence: "The upgrade restarts the interval until the next ping.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Heartbeat = restarting{rules.Heartbeat} }),
		},
		Fault{
			Name:     "heartbeat/pauses-while-probing",
			Breaks:   "engine.io/84",
			Sentence: "A session gets no pings while a WebSocket probes.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Heartbeat = pausing{rules.Heartbeat} }),
		},
		Fault{
			Name:     "heartbeat/pings-doubled-after-the-upgrade",
			Breaks:   "engine.io/84",
			Sentence: "An upgraded session gets each ping twice.",
			Apply: outgoing(engineio.WebSocket, func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if s.Request().URL.Query().Get("transport") == engineio.Polling && len(packets) == 1 && packets[0].Type == engineio.Ping {
					return append(packets, packets[0])
				}
				return packets
			}),
		},
		Fault{
			Name:     "heartbeat/pong-behind-a-message-lost",
			Breaks:   "engine.io/81",
			Sentence: "A pong after a message in the same POST does not count.",
			Apply: incoming(engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if len(packets) > 1 && packets[0].Type != engineio.Pong {
					return without(func(p engineio.Packet) bool { return p.Type == engineio.Pong })(nil, packets)
				}
				return packets
			}),
		},
		Fault{
			Name:     "heartbeat/pong-swallows-the-messages-behind-it",
			Breaks:   "engine.io/81",
			Sentence: "Packets after a pong in the same POST are lost.",
			Apply: incoming(engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if len(packets) > 1 && packets[0].Type == engineio.Pong {
					return packets[:1]
				}
				return packets
			}),
		},
		Fault{
			Name:     "heartbeat/ping-lost-without-a-poll",
			Breaks:   "engine.io/30",
			Sentence: "A ping that is due while no poll is under way is lost.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Heartbeat = losingPings{rules.Heartbeat} }),
		},
		Fault{
			Name:     "heartbeat/polls-count-as-pongs",
			Breaks:   "engine.io/79",
			Sentence: "A poll counts as a pong.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Heartbeat = pollAsPong{rules.Heartbeat} }),
		},
		Fault{
			Name:     "heartbeat/early-pongs-kept",
			Breaks:   "engine.io/83",
			Sentence: "An unsolicited pong counts for the next ping.",
			Apply: engine(func(rules *engineio.Rules) {
				var early sync.Map
				rules.Session = notingPongs{rules.Session, &early}
				rules.Heartbeat = answeredBefore{rules.Heartbeat, &early}
			}),
		},
	)
}

// anyReason stands for every reason for which a session ends.
const anyReason = ""

// keptAlive does not forget a session that ended for a reason.
type keptAlive struct {
	engineio.SessionRules
	reason string
}

func (f keptAlive) Forgets(reason string) bool {
	return f.reason != anyReason && f.reason != reason && f.SessionRules.Forgets(reason)
}

// untilTheUpgrade sends no pings to sessions that were upgraded.
type untilTheUpgrade struct{ engineio.HeartbeatRules }

func (untilTheUpgrade) Pings(upgraded, _ bool) bool { return !upgraded }

// pausing sends no pings while a WebSocket probes.
type pausing struct{ engineio.HeartbeatRules }

func (pausing) Pings(_, probing bool) bool { return !probing }

// restarting begins the interval again with the upgrade.
type restarting struct{ engineio.HeartbeatRules }

func (restarting) UpgradeRestarts() bool { return true }

// endingWithAPing sends no more pings if one waited for its pong at the upgrade.
type endingWithAPing struct{ engineio.HeartbeatRules }

func (endingWithAPing) UpgradeEnds() bool { return true }

// losingPings does not send a ping if no poll waits for it.
type losingPings struct{ engineio.HeartbeatRules }

func (losingPings) KeepsPing() bool { return false }

// pollAsPong takes a poll for a pong.
type pollAsPong struct{ engineio.HeartbeatRules }

func (pollAsPong) PollAnswers() bool { return true }

// notingPongs notes which sessions have sent a pong that answers no ping.
type notingPongs struct {
	engineio.SessionRules
	early *sync.Map
}

func (f notingPongs) Ends(s *engineio.Session, on engineio.Occasion) bool {
	if on == engineio.UnsolicitedPong {
		f.early.Store(s, true)
	}
	return f.SessionRules.Ends(s, on)
}

// answeredBefore awaits no pong of a session that sent one before the ping.
type answeredBefore struct {
	engineio.HeartbeatRules
	early *sync.Map
}

func (f answeredBefore) AwaitsPong(s *engineio.Session) bool {
	_, answered := f.early.LoadAndDelete(s)
	return !answered && f.HeartbeatRules.AwaitsPong(s)
}

// firstPings sends only the first n pings of each session.
func firstPings(n int) func(*engineio.Session, []engineio.Packet) []engineio.Packet {
	var sent perSession[int]
	return func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
		return without(func(p engineio.Packet) bool {
			if p.Type != engineio.Ping {
				return false
			}
			count := sent.of(s)
			*count++
			return *count > n
		})(s, packets)
	}
}
