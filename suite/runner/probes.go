package runner

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

const (
	probePace    = 100 * time.Millisecond // between probes over one medium
	probeLimit   = 30 * time.Second       // how long to wait for the answer to a probe
	probesOpen   = 8                      // unanswered ones over one medium, at most
	probeWorth   = 100 * time.Millisecond // an answer must be this late before something counts as standing still
	probeMute    = 500 * time.Millisecond // if an answer takes longer, the wait for what is due does not count meanwhile
	probeMemory  = 10 * time.Minute       // how long answers are remembered
	probesShare  = 4                      // probes get one in this many of the connections that --max-rate allows
	slowestProbe = 2 * time.Second        // the longest time between two probes over one medium at a low rate
)

// How many probes, and over what time, are enough to call something absent that did not come meanwhile.
const (
	enoughProbes = 10
	enoughTime   = 2 * time.Second
	// longestOfCalm is how many times longer a wait may become while things stand still.
	longestOfCalm = 4
	enoughSpare   = 20 // times the slowest probe: several steps take longer than one probe
)

// probes sends small requests to the targets at a steady pace. All cases share it: it says how long an answer takes at this
// moment, on this machine, at this distance.
type probes struct {
	all    []*prober
	stalls *suite.Stalls              // of this machine; nil if nobody looks for them
	heard  func(target int) time.Time // when any connection to a target last carried a byte

	mu   sync.Mutex
	away map[int]*result.Away // targets that are gone now
	past []result.Away
	// changed, if not nil, is called when a target is gone and when it is back.
	changed func(away result.Away, gone bool)
	paused  int       // how many cases that stop instances are running
	looked  time.Time // when look last ran
	awake   time.Time // since when this machine has not stood still, as far as look can tell
}

// prober probes one target over one medium.
type prober struct {
	target int
	over   result.Medium
	// ask sends a probe and waits for the answer. Status is that of an HTTP answer, or 0.
	ask func(context.Context) (status int, err error)
	// paced waits until a probe may open a connection; nil if the probes open none.
	paced func(context.Context) (context.Context, error)
	every time.Duration // between two probes

	mu        sync.Mutex
	base      time.Duration // the shortest answer
	open      map[int]time.Time
	asked     int
	answers   []answered // in the order in which they came
	overloads []result.Overload
	answer    time.Time // when the latest answered probe was sent
	refused   time.Time // since when connections are refused; zero if they are not
	refusedBy time.Time // when the first of those refusals came
}

// answered is a probe that was answered.
type answered struct{ sent, got time.Time }

// newProbes returns the probes of a run: over the control connection, if there is one, and over each transport that the
// target offers.
func newProbes(targets []*wire.Target, c *suite.Capabilities, observers []*suite.Control) *probes {
	p := &probes{away: map[int]*result.Away{}}
	for i, target := range targets {
		offers := func(name string) bool {
			return i >= len(c.Targets) || c.Targets[i].Lacks[name] == "" && c.Targets[i].Unclear[name] == ""
		}
		if offers(suite.PollingTransport) {
			p.add(i, result.OverPolling, func(ctx context.Context) (int, error) { return askPolling(ctx, target) })
		}
		if offers(suite.WebSocketTransport) {
			p.add(i, result.OverWebSocket, func(ctx context.Context) (int, error) { return askWebSocket(ctx, target) })
		}
		if i < len(c.Info) && c.Info[i] != nil {
			o := observers[i]
			p.add(i, result.OverControl, func(ctx context.Context) (int, error) {
				_, _, err := o.Flush(ctx)
				return 0, err
			})
		}
	}
	for _, one := range p.all {
		if one.over != result.OverControl {
			target := targets[one.target]
			one.paced = func(ctx context.Context) (context.Context, error) { return target.Await(ctx, "") }
		}
	}
	p.heard = func(i int) time.Time { return targets[i].Heard() }
	return p
}

func (p *probes) add(target int, over result.Medium, ask func(context.Context) (int, error)) {
	p.all = append(p.all, &prober{target: target, over: over, every: probePace, ask: ask, open: map[int]time.Time{}})
}

// slow limits the probes that open connections to a share of that many connections per second; 0 for no limit.
func (p *probes) slow(rate int) {
	if rate <= 0 {
		return
	}
	for _, one := range p.all {
		if one.paced != nil {
			one.every = max(probePace, min(slowestProbe, time.Duration(len(p.all)*probesShare)*time.Second/time.Duration(rate)))
		}
	}
}

// probeSession is a session that no server knows: the probe is refused and leaves nothing behind.
const probeSession = "conformance-probe"

func askPolling(ctx context.Context, target *wire.Target) (int, error) {
	r, err := target.Do(ctx, wire.NewRecorder(), wire.Request{Method: "GET", Path: suite.PollingQuery + "&sid=" + probeSession})
	if err != nil {
		return 0, err
	}
	return r.Status, nil
}

func askWebSocket(ctx context.Context, target *wire.Target) (int, error) {
	socket, r, err := target.Upgrade(ctx, wire.NewRecorder(), suite.WebSocketQuery+"&sid="+probeSession, nil)
	switch {
	case socket != nil: // a server may refuse the session over the WebSocket
		socket.Break()
		return 0, nil
	case r != nil:
		return r.Status, nil
	}
	return 0, err
}

// watch sends probes until the context ends.
func (p *probes) watch(ctx context.Context) {
	var group sync.WaitGroup
	for _, one := range p.all {
		group.Go(func() { one.watch(ctx) })
	}
	group.Go(func() {
		ticker := time.NewTicker(probePace)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-ticker.C:
				p.look(now)
			}
		}
	})
	group.Wait()
}

func (p *prober) watch(ctx context.Context) {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	var group sync.WaitGroup
	defer group.Wait()
	for {
		ctx := ctx
		if p.paced != nil {
			var err error
			if ctx, err = p.paced(ctx); err != nil {
				return
			}
		}
		if n, ok := p.begin(time.Now()); ok {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, probeLimit)
				defer cancel()
				status, err := p.ask(ctx)
				p.end(n, time.Now(), status, err)
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// begin records a probe. It is not ok if too many are open.
func (p *prober) begin(now time.Time) (n int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) >= probesOpen {
		return 0, false
	}
	p.asked++
	p.open[p.asked] = now
	return p.asked, true
}

// end records the result of a probe.
func (p *prober) end(n int, now time.Time, status int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := p.open[n]
	delete(p.open, n)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		if p.refused.IsZero() {
			p.refused, p.refusedBy = sent, now
		}
		return
	case err != nil:
		return
	}
	p.refused = time.Time{}
	if sent.After(p.answer) {
		p.answer = sent
	}
	if busy(status) {
		p.overloads = append(p.overloads, result.Overload{
			Span: result.Span{From: sent.Add(-probePace), Until: now.Add(probePace)}, Status: status, Target: p.target, Over: p.over,
		})
		return
	}
	if took := now.Sub(sent); p.base == 0 || took < p.base {
		p.base = took
	}
	p.answers = append(p.answers, answered{sent, now})
	if len(p.answers)%1000 == 0 {
		p.answers = slices.DeleteFunc(p.answers, func(a answered) bool { return now.Sub(a.got) > probeMemory })
	}
}

// busy reports whether a status means that a server, or something in front of it, is overloaded.
func busy(status int) bool { return status == 429 || status == 502 || status == 503 || status == 504 }

// late returns the spans in which probes went unanswered for longer than worth plus three times the shortest answer so far.
func (p *prober) late(worth time.Duration, now time.Time) (all []result.Standstill) {
	p.mu.Lock()
	defer p.mu.Unlock()
	worth += 3 * p.base
	add := func(sent, got time.Time) {
		if got.Sub(sent) > worth {
			all = append(all, result.Standstill{Span: result.Span{From: sent.Add(p.base), Until: got}, Of: result.OfTarget, Target: p.target, Over: p.over})
		}
	}
	for _, a := range p.answers {
		add(a.sent, a.got)
	}
	for _, sent := range p.open {
		add(sent, now)
	}
	return all
}

// standstills returns the standstills of the targets so far.
func (p *probes) standstills(now time.Time) []result.Standstill { return p.late(probeWorth, now) }

// late returns the spans in which probes of any target went unanswered for longer than that.
func (p *probes) late(worth time.Duration, now time.Time) (all []result.Standstill) {
	for _, one := range p.all {
		all = append(all, one.late(worth, now)...)
	}
	return all
}

// overloads returns the overloads of the targets so far.
func (p *probes) overloads() (all []result.Overload) {
	for _, one := range p.all {
		one.mu.Lock()
		all = append(all, one.overloads...)
		one.mu.Unlock()
	}
	return all
}

// since returns how many probes sent after a time were answered, over the medium with the fewest, and how slow the slowest
// answer was.
func (p *probes) since(from time.Time) (count int, slowest time.Duration) {
	first := true
	for _, one := range p.all {
		one.mu.Lock()
		n := 0
		for i := len(one.answers) - 1; i >= 0; i-- {
			a := one.answers[i]
			if a.got.Before(from) {
				break
			}
			slowest = max(slowest, a.got.Sub(a.sent))
			if a.sent.After(from) {
				n++
			}
		}
		one.mu.Unlock()
		if first || n < count {
			count, first = n, false
		}
	}
	return count, slowest
}

// recent returns how long the slowest probe of a span took, or has taken so far, and how long a probe takes at least.
func (p *probes) recent(from, now time.Time) (slowest, base time.Duration) {
	for _, one := range p.all {
		one.mu.Lock()
		base = max(base, one.base)
		for i := len(one.answers) - 1; i >= 0 && one.answers[i].got.After(from); i-- {
			slowest = max(slowest, one.answers[i].got.Sub(one.answers[i].sent))
		}
		for _, sent := range one.open {
			slowest = max(slowest, now.Sub(sent))
		}
		one.mu.Unlock()
	}
	return slowest, base
}

// moving returns how much of the time since a moment passed without a probe so late that the target may have been stopped.
func (p *probes) moving(from, now time.Time) time.Duration {
	return p.without(p.late(probeMute, now), from, now)
}

// calm returns how much of the time since a moment passed with nothing standing still, neither a target nor this machine, as
// the judgement sees it.
func (p *probes) calm(from, now time.Time) time.Duration {
	return p.without(append(p.standstills(now), p.stalls.Until(now)...), from, now)
}

func (p *probes) without(all []result.Standstill, from, now time.Time) time.Duration {
	spans := make([]result.Span, len(all))
	for i, s := range all {
		spans[i] = s.Span
	}
	return now.Sub(from) - result.Union(spans, result.Span{From: from, Until: now})
}

// Soonest implements [suite.Probes].
func (p *probes) Soonest() time.Duration { return enoughTime }

// Absent implements [suite.Probes]: the targets have to answer enough probes sent after since, and must have had enough
// time. If the machine or a target stands still repeatedly, the wait goes on until there was enough calm in between, unless
// that would take several times as long.
func (p *probes) Absent(since, now time.Time, most time.Duration) (more time.Duration, calm bool) {
	count, slowest := p.since(since)
	need := min(max(enoughTime, enoughSpare*slowest), max(most, enoughTime))
	if moving := p.moving(since, now); moving < need {
		return max(need-moving, 10*time.Millisecond), false
	}
	if count < enoughProbes && len(p.all) > 0 {
		return probePace, false
	}
	calmly := p.calm(since, now)
	if calmly >= enoughTime {
		return 0, true
	}
	// At the rate so far: if something stands still all the time, no longer wait would be calm enough.
	whole := now.Sub(since).Seconds() * enoughTime.Seconds() / max(calmly.Seconds(), 0.001)
	if whole < longestOfCalm*need.Seconds() {
		return max(enoughTime-calmly, 10*time.Millisecond), false
	}
	return 0, false
}
