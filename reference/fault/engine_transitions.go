package fault

import (
	"bytes"
	"sync"
	"sync/atomic"

	"example.test/conformance/reference/engineio"
)

// Faults of what a session does between its transports, and once it has changed to WebSocket.
func init() {
	register(
		engine("heartbeat/restarts-with-the-upgrade", "the upgrade puts the next ping off to a whole interval later", func(d *engineio.Departures) { d.HeartbeatRestarts = true }),
		engine("heartbeat/pauses-while-probing", "a session gets no pings while a WebSocket probes", func(d *engineio.Departures) { d.HeartbeatPauses = true }),
		engine("upgrade/noops-after-a-failed-probe", "when the probing WebSocket is gone, polls are still answered with noops", func(d *engineio.Departures) { d.NoopsGoOn = true }),
		engine("upgrade/probing-socket-outlives-the-session", "the probing WebSocket stays open when its session ends", func(d *engineio.Departures) { d.ProbingOutlives = true }),
		engine("upgrade/session-outlives-its-websocket", "a session that was upgraded outlives its WebSocket", func(d *engineio.Departures) { d.UpgradedOutlives = true }),
		outgoing("heartbeat/pings-doubled-after-the-upgrade", "a session that was upgraded gets each ping twice", engineio.WebSocket, func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			if s.Request().URL.Query().Get("transport") == engineio.Polling && len(packets) == 1 && packets[0].Type == engineio.Ping {
				return append(packets, packets[0])
			}
			return packets
		}),
		incoming("heartbeat/pong-behind-a-message-lost", "a pong behind a message in one POST does not count", engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			if len(packets) > 1 && packets[0].Type != engineio.Pong {
				return without(func(p engineio.Packet) bool { return p.Type == engineio.Pong })(nil, packets)
			}
			return packets
		}),
		incoming("heartbeat/pong-swallows-the-messages-behind-it", "what stands behind a pong in one POST is lost", engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			if len(packets) > 1 && packets[0].Type == engineio.Pong {
				return packets[:1]
			}
			return packets
		}),
		engine("heartbeat/ping-lost-without-a-poll", "a ping that is due while no poll is under way is lost", func(d *engineio.Departures) { d.PingsNeedPoll = true }),
		engine("heartbeat/polls-count-as-pongs", "a poll counts as a pong", func(d *engineio.Departures) { d.PollsCountAsPongs = true }),
		engine("upgrade/refused-one-blocks-the-next", "once a WebSocket has begun with another packet than the probe, none may probe any more", func(d *engineio.Departures) { d.RefusedBlocksNext = true }),
		engine("upgrade/close-drops-the-buffer", "what waits for the client is lost where the application closes the connection during an upgrade", func(d *engineio.Departures) { d.CloseDropsBuffer = true }),
		engine("upgrade/noop-over-websocket", "a noop for which no poll came during the upgrade goes out over the WebSocket", func(d *engineio.Departures) {
			var probed perSession[atomic.Bool]
			d.Outgoing = func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
				switch of := probed.of(s); {
				case isProbe(packets):
					of.Store(true)
				case of.Swap(false) && transport == engineio.WebSocket:
					return append([]engineio.Packet{{Type: engineio.Noop}}, packets...)
				}
				return packets
			}
		}),
		engine("upgrade/buffer-behind-what-is-new", "what was buffered goes out behind what is sent after the upgrade", aroundTheUpgrade(heldBack)),
		engine("heartbeat/early-pongs-kept", "a pong that was not asked for counts for the next ping", func(d *engineio.Departures) { d.EarlyPongsCount = true }),
		engine("upgrade/sent-by-poll-and-again", "what polls have fetched during the upgrade is sent again over the WebSocket", aroundTheUpgrade(sentAgain)),
	)
}

// upgrading is what a fault keeps of a session around its upgrade.
type upgrading struct {
	mu     sync.Mutex
	probed bool // the probe is answered
	kept   []engineio.Packet
}

// aroundTheUpgrade changes what goes out beside the answer to the probe.
func aroundTheUpgrade(change func(of *upgrading, transport string, packets []engineio.Packet) []engineio.Packet) func(*engineio.Departures) {
	return func(d *engineio.Departures) {
		var all perSession[upgrading]
		d.Outgoing = func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
			of := all.of(s)
			of.mu.Lock()
			defer of.mu.Unlock()
			if isProbe(packets) {
				of.probed = true
				return packets
			}
			return change(of, transport, packets)
		}
	}
}

// heldBack keeps what goes out first over a session's WebSocket behind the probe's answer, until more does.
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

// sentAgain has the messages that polls fetch behind the probe's answer sent once more behind the upgrade.
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
