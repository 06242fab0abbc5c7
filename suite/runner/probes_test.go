package runner

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// asks returns probes over one medium, sent and answered at those milliseconds; a negative time means no answer.
func asks(p *prober, zero time.Time, all ...[2]int) {
	for _, one := range all {
		n, _ := p.begin(zero.Add(time.Duration(one[0]) * ms))
		if one[1] >= 0 {
			p.end(n, zero.Add(time.Duration(one[1])*ms), 400, nil)
		}
	}
}

// steady returns probes at the usual pace, each answered after that many milliseconds.
func steady(from, until, took int) (all [][2]int) {
	for at := from; at < until; at += 100 {
		all = append(all, [2]int{at, at + took})
	}
	return all
}

func aProbe() (*probes, *prober, time.Time) {
	p := &probes{away: map[int]*result.Away{}, heard: func(int) time.Time { return time.Time{} }}
	p.add(0, result.OverPolling, nil)
	return p, p.all[0], time.Now()
}

func TestAbsenceIsMeasuredByProbes(t *testing.T) {
	for name, test := range map[string]struct {
		asks  [][2]int
		after int // in milliseconds after the message was due
		want  bool
	}{
		"many answers in time":                {steady(5, 2000, 2), 2001, true},
		"less than the time":                  {steady(5, 1900, 2), 1901, false},
		"the time with few answers":           {steady(1500, 2000, 2), 2001, false},
		"answers to earlier probes":           {steady(-1000, 100, 2), 2001, false},
		"slow answers":                        {steady(5, 2500, 150), 2500, false},
		"slow answers over a longer time":     {steady(5, 3000, 150), 3100, true},
		"a standstill does not count":         {append([][2]int{{5, 800}}, steady(805, 2100, 2)...), 2105, false},
		"nor does one that goes on":           {append(steady(5, 1500, 2), [2]int{1505, -1}), 2505, false},
		"more than the patience is not asked": {steady(5, 5800, 300), 5900, true},
	} {
		t.Run(name, func(t *testing.T) {
			p, one, zero := aProbe()
			one.base = 2 * ms
			asks(one, zero, test.asks...)
			if more, _ := p.Absent(zero, zero.Add(time.Duration(test.after)*ms), 5*time.Second); (more == 0) != test.want {
				t.Errorf("got %v more", more)
			}
		})
	}
}

func TestProbesNoticeStandstills(t *testing.T) {
	p, one, zero := aProbe()
	asks(one, zero, [2]int{0, 2}, [2]int{100, 102}, [2]int{200, 700}, [2]int{300, 702}, [2]int{800, 850}, [2]int{900, -1})
	all := p.standstills(zero.Add(1500 * ms))
	if len(all) != 3 {
		t.Fatalf("got %d standstills: %+v", len(all), all)
	}
	var spans []result.Span
	for _, s := range all {
		if s.Of != result.OfTarget || s.Over != result.OverPolling {
			t.Errorf("%+v", s)
		}
		spans = append(spans, s.Span)
	}
	if got := result.Union(spans, result.Span{From: zero, Until: zero.Add(2 * time.Second)}); got != 500*ms+598*ms {
		t.Errorf("got a standstill of %v", got)
	}
}

func TestProbesOfAFarTargetAreNotLate(t *testing.T) {
	p, one, zero := aProbe()
	asks(one, zero, steady(0, 2000, 800)...)
	if all := p.standstills(zero.Add(3 * time.Second)); len(all) > 0 {
		t.Errorf("a round trip of 800 ms counts as a standstill: %+v", all)
	}
	if n, ok := one.begin(zero); !ok || n == 0 {
		t.Error("no further probe is sent")
	}
}

func TestProbesNoticeOverload(t *testing.T) {
	p, one, zero := aProbe()
	n, _ := one.begin(zero)
	one.end(n, zero.Add(5*ms), 503, nil)
	all := p.overloads()
	if len(all) != 1 || all[0].Status != 503 || all[0].Over != result.OverPolling {
		t.Errorf("%+v", all)
	}
	if count, _ := p.since(zero.Add(-ms)); count != 0 {
		t.Error("a refusal by an overload counts as an answer")
	}
}

func TestProbesNoticeATargetThatIsGone(t *testing.T) {
	refuse := func(one *prober, at time.Time) {
		n, _ := one.begin(at)
		one.end(n, at.Add(ms), 0, fmt.Errorf("dial: %w", syscall.ECONNREFUSED))
	}
	t.Run("refused for two seconds", func(t *testing.T) {
		p, one, zero := aProbe()
		p.add(0, result.OverControl, nil) // has no say in it
		var told []bool
		p.changed = func(_ result.Away, gone bool) { told = append(told, gone) }
		refuse(one, zero)
		p.look(zero.Add(1900 * ms))
		if p.awayNow() != nil {
			t.Fatal("the target is gone too early")
		}
		refuse(one, zero.Add(1900*ms))
		p.look(zero.Add(2100 * ms))
		away := p.awayNow()
		if away == nil || !away.From.Equal(zero) {
			t.Fatalf("the target is not gone: %+v", away)
		}
		asks(one, zero, [2]int{3000, 3002})
		p.look(zero.Add(3100 * ms))
		if p.awayNow() != nil || len(p.aways()) != 1 || len(told) != 2 || !told[0] || told[1] {
			t.Errorf("the target is not back: %+v, told %v", p.aways(), told)
		}
	})
	t.Run("refused once", func(t *testing.T) {
		p, one, zero := aProbe()
		refuse(one, zero)
		asks(one, zero, [2]int{100, 102})
		p.look(zero.Add(5 * time.Second))
		if p.awayNow() != nil {
			t.Error("the target is gone")
		}
	})
	for name, test := range map[string]struct {
		heard, slowest, at int
		want               bool
	}{
		"no byte for five seconds":             {1000, 2, 6100, true},
		"no byte for less":                     {1000, 2, 5900, false},
		"a slow one is given longer":           {1000, 900, 8000, false},
		"a slow one that is silent for longer": {1000, 900, 10200, true},
	} {
		t.Run(name, func(t *testing.T) {
			p, one, zero := aProbe()
			p.heard = func(int) time.Time { return zero.Add(time.Duration(test.heard) * ms) }
			asks(one, zero, [2]int{0, test.slowest}, [2]int{test.heard, -1})
			p.look(zero.Add(time.Duration(test.at) * ms))
			if (p.awayNow() != nil) != test.want {
				t.Errorf("got away %+v", p.awayNow())
			}
		})
	}
	t.Run("there for as long as bytes came", func(t *testing.T) {
		p, one, zero := aProbe()
		heard := zero.Add(2500 * ms)
		p.heard = func(int) time.Time { return heard }
		asks(one, zero, [2]int{0, 2}, [2]int{100, -1})
		p.look(zero.Add(8 * time.Second))
		if away := p.awayNow(); away == nil || away.By.Before(heard) {
			t.Errorf("what began before %v did not end it: %+v", heard, away)
		}
	})
	t.Run("stopped on purpose", func(t *testing.T) {
		p, one, zero := aProbe()
		resume := p.pause()
		refuse(one, zero)
		p.look(zero.Add(3 * time.Second))
		if p.awayNow() != nil {
			t.Error("the target is gone")
		}
		resume()
		p.look(zero.Add(3 * time.Second))
		if p.awayNow() != nil {
			t.Error("the target is gone because of refusals while it was stopped")
		}
		refuse(one, zero.Add(3*time.Second))
		p.look(zero.Add(6 * time.Second))
		if p.awayNow() == nil {
			t.Error("the target is not gone")
		}
	})
}

func TestProbesAskUntilTheyAreTold(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 450*ms)
	defer cancel()
	p := &probes{away: map[int]*result.Away{}, heard: func(int) time.Time { return time.Time{} }}
	p.add(0, result.OverPolling, func(context.Context) (int, error) { return 400, nil })
	p.add(0, result.OverWebSocket, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, errors.New("x") })
	p.watch(ctx)
	if n := len(p.all[0].answers); n < 2 || n > 6 {
		t.Errorf("sent %d probes in 450 ms", n)
	}
	if len(p.all[1].answers) != 0 {
		t.Error("an error counts as an answer")
	}
}

// A wait that the machine interrupts repeatedly goes on until there was enough calm in between.
func TestAbsenceNeedsCalm(t *testing.T) {
	for name, test := range map[string]struct {
		stall, every int // milliseconds
		after        int
		want, calm   bool
	}{
		"a calm machine":                     {0, 500, 2001, true, true},
		"half of the wait stood still":       {250, 500, 2001, false, false},
		"and twice the time has passed":      {250, 500, 4301, true, true},
		"nearly all of the wait stood still": {450, 500, 2001, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			p, one, zero := aProbe()
			one.base = 2 * ms
			asks(one, zero, steady(5, test.after, 2)...)
			p.stalls = &suite.Stalls{}
			for at := 0; test.stall > 0 && at < test.after; at += test.every {
				p.stalls.Note(zero.Add(time.Duration(at)*ms), zero.Add(time.Duration(at+test.stall)*ms))
			}
			more, calm := p.Absent(zero, zero.Add(time.Duration(test.after)*ms), 5*time.Second)
			if (more == 0) != test.want || calm != test.calm {
				t.Errorf("got %v more, calm %t", more, calm)
			}
		})
	}
}
