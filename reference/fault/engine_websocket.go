package fault

import (
	"encoding/base64"
	"slices"
	"time"

	"example.test/conformance/reference/engineio"
)

func init() {
	register(
		engine("websocket/broken-packet-forgiven", "what is no packet is ignored over WebSocket", func(d *engineio.Departures) {
			d.BrokenPacket = func(transport string, _ []byte) bool { return transport == engineio.WebSocket }
		}),
		engine("websocket/empty-message-forgiven", "an empty text message is ignored", func(d *engineio.Departures) {
			d.BrokenPacket = func(transport string, body []byte) bool { return transport == engineio.WebSocket && len(body) == 0 }
		}),
		engine("websocket/separator-splits-messages", "a separator inside of a text message splits it, as in a payload", func(d *engineio.Departures) { d.FramesAsPayload = true }),
		outgoing("websocket/messages-joined", "packets that go out together are joined in one WebSocket message", engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			var all []engineio.Packet
			for _, p := range packets {
				if n := len(all); n > 0 && !p.Binary && !all[n-1].Binary {
					all[n-1].Data = append(append(append([]byte{}, all[n-1].Data...), '\x1e'), p.Encode()...)
					continue
				}
				all = append(all, p)
			}
			return all
		}),
		outgoing("websocket/binary-as-base64", "over WebSocket binary messages are sent as base64", engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
			if p.Binary {
				return engineio.Packet{Type: 'b', Data: []byte(base64.StdEncoding.EncodeToString(p.Data))}
			}
			return p
		})),
		outgoing("websocket/binary-with-type", "over WebSocket binary messages begin with the byte 4, as in protocol version 3", engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
			if p.Binary {
				p.Data = append([]byte{4}, p.Data...)
			}
			return p
		})),
		incoming("websocket/binary-without-first-byte", "of a binary message the first byte is taken for a type", engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
			if p.Binary && len(p.Data) > 0 {
				p.Data = p.Data[1:]
			}
			return p
		})),
		outgoing("websocket/empty-binary-lost", "empty binary messages are not sent", engineio.WebSocket, without(func(p engineio.Packet) bool { return p.Binary && len(p.Data) == 0 })),
		engine("websocket/second-socket-takes-over", "a second WebSocket takes a session over from the first", func(d *engineio.Departures) { d.SecondSocketReplace = true }),
		engine("websocket/second-socket-lives", "a second WebSocket for a session is left open", func(d *engineio.Departures) { d.SecondSocketLives = true }),
		engine("websocket/no-control-pong", "the pings of the WebSocket protocol itself are not answered", func(d *engineio.Departures) { d.NoControlPong = true }),
		engine("websocket/no-close-frame", "the server closes WebSockets without a close frame", func(d *engineio.Departures) { d.NoCloseFrame = true }),
		outgoing("websocket/messages-reordered", "messages that go out together do so in reverse order", engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			all := slices.Clone(packets)
			if !slices.ContainsFunc(all, func(p engineio.Packet) bool { return !isEvent(p) }) {
				slices.Reverse(all)
			}
			return all
		}),
		engine("websocket/every-tenth-message-lost", "one in ten events of the client over WebSocket is lost", func(d *engineio.Departures) {
			var came perSession[int]
			d.Incoming = func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
				return without(func(p engineio.Packet) bool {
					if transport != engineio.WebSocket || !isEvent(p) {
						return false
					}
					count := came.of(s)
					*count++
					return *count%10 == 0
				})(s, packets)
			}
		}),
		outgoing("websocket/messages-doubled", "each message over WebSocket is sent twice", engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			var all []engineio.Packet
			for _, p := range packets {
				all = append(all, p)
				if isEvent(p) {
					all = append(all, p)
				}
			}
			return all
		}),
		incoming("websocket/open-packet-ends-the-session", "an open packet of the client ends the session", "", mapped(func(p engineio.Packet) engineio.Packet {
			if p.Type == engineio.Open {
				return asTyped(p, engineio.Close)
			}
			return p
		})),
		incoming("websocket/noop-ends-the-session", "a noop of the client ends the session", "", mapped(func(p engineio.Packet) engineio.Packet {
			if p.Type == engineio.Noop || p.Type == engineio.Upgrade {
				return asTyped(p, engineio.Close)
			}
			return p
		})),

		engine("heartbeat/no-pings", "the server sends no pings", func(d *engineio.Departures) {
			d.PingInterval = func(time.Duration) time.Duration { return time.Hour }
		}),
		engine("heartbeat/late", "pings come at one and a half times the interval", func(d *engineio.Departures) {
			d.PingInterval = func(i time.Duration) time.Duration { return i + i*2/3 }
		}),
		engine("heartbeat/early", "pings come at half the interval", func(d *engineio.Departures) {
			d.PingInterval = func(i time.Duration) time.Duration { return i / 2 }
		}),
		engine("heartbeat/no-timeout", "a client that answers no ping is never given up", func(d *engineio.Departures) {
			d.PingTimeout = func(time.Duration) time.Duration { return time.Hour }
		}),
		engine("heartbeat/late-timeout", "a client that answers no ping is given up after three times the timeout", func(d *engineio.Departures) {
			d.PingTimeout = func(t time.Duration) time.Duration { return 3 * t }
		}),
		engine("heartbeat/impatient", "a client has a quarter of the timeout for a pong", func(d *engineio.Departures) {
			d.PingTimeout = func(t time.Duration) time.Duration { return t / 4 }
		}),
		engine("heartbeat/client-pings-forgiven", "a ping of the client is ignored", func(d *engineio.Departures) { d.IgnorePing = true }),
		engine("heartbeat/stops-with-the-upgrade", "a session that was upgraded gets no pings any more", func(d *engineio.Departures) { d.NoHeartbeatAfter = true }),
		incoming("heartbeat/messages-count-as-pongs", "any message of the client counts as its pong", "", func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			return append([]engineio.Packet{{Type: engineio.Pong}}, packets...)
		}),
		incoming("heartbeat/pongs-over-polling-lost", "pongs that come by POST do not count", engineio.Polling, without(func(p engineio.Packet) bool { return p.Type == engineio.Pong })),
		engine("heartbeat/unasked-pong-ends-the-session", "a pong that was not asked for ends the session", func(d *engineio.Departures) { d.UnaskedPongEnds = true }),
		outgoing("heartbeat/ping-with-payload", "pings have a payload", "", mapped(func(p engineio.Packet) engineio.Packet {
			if p.Type == engineio.Ping {
				p.Data = []byte("are you there")
			}
			return p
		})),
		outgoing("heartbeat/three-pings-only", "after three pings the server sends no more", "", firstPings(3)),

		engine("upgrade/no-noop", "polls during an upgrade are held open", func(d *engineio.Departures) { d.NoNoop = true }),
		engine("upgrade/one-noop", "only the first poll during an upgrade is answered", func(d *engineio.Departures) { d.OneNoop = true }),
		engine("upgrade/buffer-lost", "what waits for a poll is lost with the upgrade", func(d *engineio.Departures) { d.KeepBuffer = true }),
		engine("upgrade/probe-moves-the-session", "the probe itself moves the session to WebSocket", func(d *engineio.Departures) { d.ProbeIsUpgrade = true }),
		engine("upgrade/failed-probe-ends-the-session", "a WebSocket that closes before the upgrade ends the polling session", func(d *engineio.Departures) { d.FailedProbeEnds = true }),
		engine("upgrade/any-first-packet", "a WebSocket beside the session may begin with any packet", func(d *engineio.Departures) { d.AnyFirstPacket = true }),
		engine("upgrade/poll-after-it-held-open", "a poll of a session that was upgraded is held open", func(d *engineio.Departures) { d.PollAfterUpgrade = true }),
		engine("upgrade/without-probe", "an upgrade packet without a probe moves the session", func(d *engineio.Departures) { d.UpgradeWithoutProbe = true }),
		outgoing("upgrade/probe-answered-without-payload", "the answer to the probe lacks the payload", engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
			if p.Type == engineio.Pong {
				p.Data = nil
			}
			return p
		})),
		outgoing("upgrade/probe-echoed", "the probe comes back as it is", engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
			if p.Type == engineio.Pong {
				p.Type = engineio.Ping
			}
			return p
		})),
		outgoing("upgrade/binary-stays-base64", "binary messages of a session that was upgraded stay in base64", engineio.WebSocket, func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
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
		outgoing("upgrade/buffer-reversed", "what was buffered during an upgrade goes out in reverse order", engineio.WebSocket, func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			if s.Request().URL.Query().Get("transport") != engineio.Polling || len(packets) < 2 {
				return packets
			}
			reversed := make([]engineio.Packet, len(packets))
			for i, p := range packets {
				reversed[len(packets)-1-i] = p
			}
			return reversed
		}),
	)
}
