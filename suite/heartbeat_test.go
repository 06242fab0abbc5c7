package suite

import (
	"testing"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// The end of a session is evidence only if its pongs came in time.
func TestAnEndByTheHeartbeatIsNoEvidence(t *testing.T) {
	open := &protocol.OpenPacket{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}
	for name, test := range map[string]struct {
		ended        time.Duration // since the last pong
		ignoresPings bool
		lost         bool
	}{
		"in time":                        {499 * time.Millisecond, false, false},
		"late":                           {500 * time.Millisecond, false, true},
		"late, with pings unanswered":    {900 * time.Millisecond, true, false},
		"in time, with pings unanswered": {100 * time.Millisecond, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := executed(t, func(t *T) {
				now := time.Now()
				p := t.follow(open, now, test.ignoresPings, true)
				p.end(now.Add(test.ended))
				t.notByHeartbeat(p)
			})
			if lost := len(a.Evidence) == 1 && a.Evidence[0].Kind == result.SessionLost; lost != test.lost || a.Failed() != test.lost {
				t.Errorf("the attempt is %+v", a)
			}
		})
	}
}

// The suite has kept the deadlines of a session if the server cannot have ended it for lack of a pong or a CONNECT.
func TestPulseKnowsWhetherAllDeadlinesWereKept(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * time.Millisecond) }
	for name, test := range map[string]struct {
		prompt, joined bool
		pings          []int
		pongs          []int
		messages       []int // that come before all pings
		end            int
		want           bool
	}{
		"pongs in time":                            {true, true, []int{300, 600}, []int{310, 610}, nil, 900, true},
		"a pong that was late":                     {true, true, []int{300, 900}, []int{550, 910}, nil, 950, false},
		"no pong to a ping that has just come":     {true, true, []int{300}, nil, nil, 400, true},
		"no pong to a ping":                        {true, true, []int{300}, nil, nil, 600, false},
		"a server that never pinged":               {true, true, nil, nil, nil, 2000, true},
		"the same, after messages":                 {true, true, nil, nil, []int{10, 20}, 2000, true},
		"the same, seen by polls":                  {false, true, nil, nil, nil, 2000, false},
		"a ping that came late":                    {true, true, []int{490}, []int{491}, nil, 505, false},
		"a ping that came late, and no end":        {true, true, []int{490}, []int{491}, nil, 800, true},
		"messages that held the ping up":           {true, true, nil, nil, []int{100, 410, 480}, 501, false},
		"pongs in time, but no namespace":          {true, false, []int{300, 600, 900}, []int{301, 601, 901}, nil, 1100, false},
		"no namespace, and no time for it yet":     {true, false, []int{300}, []int{301}, nil, 400, true},
		"polls whose pongs came within both times": {false, true, nil, []int{400, 800}, nil, 1200, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := &heartbeat{prompt: test.prompt, joined: test.joined, limit: 500 * time.Millisecond, timeout: 200 * time.Millisecond, asked: at(0), last: at(0)}
			for _, message := range test.messages {
				p.heard(at(message))
			}
			for i, pong := range test.pongs {
				if i < len(test.pings) {
					p.heard(at(test.pings[i]))
					p.ping(at(test.pings[i]))
				}
				p.beat(at(pong), at(pong))
			}
			for _, ping := range test.pings[min(len(test.pongs), len(test.pings)):] {
				p.heard(at(ping))
				p.ping(at(ping))
			}
			p.end(at(test.end))
			if got := p.kept(1000 * time.Millisecond); got != test.want {
				t.Errorf("kept returned %t", got)
			}
		})
	}
}

func TestPulseKnowsWhetherAPongWasLate(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * time.Millisecond) }
	for name, test := range map[string]struct {
		beats [][2]int
		end   int
		want  time.Duration
	}{
		"none at all":          {nil, 700, -200 * time.Millisecond},
		"an early end":         {nil, 400, 100 * time.Millisecond},
		"all in time":          {[][2]int{{300, 301}, {600, 601}}, 900, 199 * time.Millisecond},
		"one late":             {[][2]int{{300, 301}, {820, 830}}, 900, -30 * time.Millisecond},
		"one slowly written":   {[][2]int{{300, 520}}, 600, -20 * time.Millisecond},
		"late before the end":  {[][2]int{{300, 301}}, 900, -100 * time.Millisecond},
		"beats after the end":  {[][2]int{{300, 301}, {2000, 2001}}, 400, 199 * time.Millisecond},
		"a pong after the end": {[][2]int{{450, 451}}, 440, 60 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			p := &heartbeat{limit: 500 * time.Millisecond, last: at(0)}
			for _, beat := range test.beats {
				if beat[0] > test.end {
					p.end(at(test.end))
				}
				p.beat(at(beat[0]), at(beat[1]))
			}
			p.end(at(test.end))
			if got, over := p.spare(); got != test.want || !over {
				t.Errorf("spare returned %v, over %t; want %v", got, over, test.want)
			}
		})
	}
}

// A refused request does not mean that the session ended if a later request is answered: the heartbeat may end it after
// that.
func TestASessionThatGoesOnHasNotEnded(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * time.Millisecond) }
	p := &heartbeat{limit: 500 * time.Millisecond, timeout: 200 * time.Millisecond, asked: at(0), last: at(0)}
	p.end(at(300))
	p.alive(at(290)) // read after the refusal
	if _, over := p.spare(); !over {
		t.Error("an older answer undid the end")
	}
	p.alive(at(310))
	p.ping(at(320))
	p.beat(at(330), at(331))
	if _, over := p.spare(); over || p.beats() != 1 {
		t.Errorf("the session is over: %t; it has %d pongs", over, p.beats())
	}
	p.end(at(900))
	if spare, over := p.spare(); !over || spare != -70*time.Millisecond {
		t.Errorf("got over %t, %v to spare", over, spare)
	}
}

// A session that has joined no namespace ends at connectTimeout whatever it sent: that it ended says nothing about a rule.
func TestAnEndAtConnectTimeoutIsNoEndAtOnce(t *testing.T) {
	open := &protocol.OpenPacket{PingInterval: time.Hour, PingTimeout: time.Hour}
	for name, test := range map[string]struct {
		joined bool
		ended  time.Duration // since the session was asked for, as a part of connectTimeout
		missed bool
	}{
		"before it":              {false, -time.Millisecond, false},
		"at it":                  {false, 0, true},
		"at it, in a namespace":  {true, 0, false},
		"long after it, unknown": {false, time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := executed(t, func(t *T) {
				asked := time.Now()
				p := t.follow(open, asked, false, true)
				if test.joined {
					p.join()
				}
				p.end(asked.Add(t.Timings().ConnectTimeout + test.ended))
				t.endedAtOnce(p, asked, 0)
			})
			if missed := a.Missed != ""; missed != test.missed {
				t.Errorf("the attempt is %+v", a)
			}
		})
	}
}
