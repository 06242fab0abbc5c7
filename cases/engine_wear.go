package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// A fault may show only after a server has opened many sessions, for example when a table is full. The crowd is larger than
// in any other case.
const (
	wornSessions = 300
	wornLanes    = 20
)

// wear opens many sessions over polling, which nobody polls. It ends every other one when all sessions of a lane are open.
func wear(t *T) {
	t.NeedsSessions(wornSessions)
	t.Together(wornLanes, func(t *T, lane int) {
		var sids []string
		for i := lane; i < wornSessions; i += wornLanes {
			r := t.GET("?EIO=4&transport=polling")
			t.Expect(r.Status, "the status of the answer to handshake %d", i+1).To(Equal(200))
			sids = append(sids, t.OpenPacket(protocol.ParsePayload(r.Body)[0]).SID)
		}
		for i, sid := range sids {
			if i%2 == 0 {
				t.POST("?EIO=4&transport=polling&sid="+Escaped(sid), "1")
			}
		}
	})
}

// afterTheCrowd are the checks after the crowd, which run all at once.
var afterTheCrowd = []func(t *T){
	func(t *T) { // the heartbeat
		nextPing(t, stay(t, WithoutPongs()))
	},
	func(t *T) { // echo and acknowledgement
		c := t.Client(OverWebSocket)
		c.Connect("/")
		for n := range 3 {
			c.Send(fmt.Sprintf(`42["message",%d]`, n))
			c.Expect(fmt.Sprintf(`42["message-back",%d]`, n))
			c.Send(fmt.Sprintf(`42%d["message-with-ack",%d]`, n, n))
			c.Expect(fmt.Sprintf(`43%d[%d]`, n, n))
		}
		c.Echoes("/")
	},
	func(t *T) { // polling
		c := t.Client(OverPolling)
		c.Connect("/")
		packets := strings.Split(burst(3), protocol.Separator)
		c.Polling.Send(strings.Join(packets, protocol.Separator))
		for _, want := range echoes(3) {
			c.Expect("42" + want)
		}
	},
	func(t *T) { // the upgrade
		c := t.Client(OverPolling)
		c.Connect("/")
		w := c.Polling.Beside()
		w.Send("2probe")
		t.Expect(w.Receive(), "the answer to the probe").To(Equal("3probe"))
		r := c.Polling.GET()
		t.Expect(r.Status, "the status of a poll during the upgrade").To(Equal(200))
		w.Send("5")
		w.Send(`42["message",1]`)
		t.Expect(w.Receive(), "the first packet over the WebSocket").To(MatchPacket(`42["message-back",1]`))
	},
}

var _ = Add(Case{
	ID: "robustness/after-the-crowd", Level: Required, Needs: echo, Waits: PingIntervals(1),
	Rules: rules(manyMayConnectAtOnce, pingHasNoPayload, eventArrivesUnchanged, ackKeepsID, ackOnce, probeAnswered, upgradePacketMovesSession),
	Title: "sends pings, echoes, acknowledges, answers polls and upgrades as usual after 300 sessions have been opened",
	Run: func(t *T) {
		wear(t)
		t.Step("the heartbeat, an echo, an acknowledgement, polls and an upgrade after %d sessions", wornSessions)
		t.Together(len(afterTheCrowd), func(t *T, i int) { afterTheCrowd[i](t) })
	},
})
