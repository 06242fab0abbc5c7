package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// Unnamed holds the instances of the targets' cluster that are not targets. No target is to blame for their answers.
type Unnamed struct {
	asking sync.Mutex
	asked  time.Time // when the latest query to the cluster began
	mute   int       // how many queries in a row no target saw answered by all other targets
	whole  bool      // some query was answered by all of them

	mu      sync.Mutex
	unnamed []member
	vain    time.Time // when somebody asked again and found nobody
}

// member is an instance, and when the suite first learned of it.
type member struct {
	name  string
	since time.Time
}

// How many queries in a row may go without an answer from all other targets before no more are made: each takes the timeout
// of an acknowledgement. The number is larger if an earlier query was answered by all, since a busy machine may then be the
// reason.
const (
	mostMute     = 2
	mostMuteBusy = 20
)

// How often the cluster is asked again for instances that would explain an answer, how long after the question before, and
// for how long it is not worth doing if nobody was found: every answer of a server that gives wrong ones is unexplained.
const (
	askedAgain  = 3
	joiningTime = 200 * time.Millisecond
	vainTime    = 5 * time.Second
)

// mostUnnamed is how many instances are remembered: a target may invent names.
const mostUnnamed = 16

// found notes an instance.
func (m *Unnamed) found(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := func(one member) bool { return one.name == name }
	if !slices.ContainsFunc(m.unnamed, known) && len(m.unnamed) < mostUnnamed {
		m.unnamed = append(m.unnamed, member{name, time.Now()})
	}
}

// Names returns the names of the instances that were found so far. A nil Unnamed has none.
func (m *Unnamed) Names() []string { return m.after(time.Time{}) }

// after returns the names of the instances that were found after a time.
func (m *Unnamed) after(since time.Time) (names []string) {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range m.unnamed {
		if one.since.After(since) {
			names = append(names, one.name)
		}
	}
	return names
}

// Ask has each target ask the others for their names. It does nothing if they were asked after the given time. A nil Unnamed
// asks nobody.
func (m *Unnamed) Ask(ctx context.Context, c *Capabilities, observers []*Control, patience time.Duration, since time.Time) {
	if m == nil {
		return
	}
	m.asking.Lock()
	defer m.asking.Unlock()
	most := mostMute
	if m.whole {
		most = mostMuteBusy
	}
	if !since.After(m.asked) && !m.asked.IsZero() || m.mute >= most {
		return
	}
	m.asked = time.Now()
	var group sync.WaitGroup
	var whole atomic.Bool
	for i, o := range observers {
		if !c.DeclaresAt(i, ServerSideEmitAck) {
			continue
		}
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, patience+c.EmitTimeout(i))
			defer cancel()
			answer, err := o.Command(ctx, "server_side_emit", map[string]any{"namespace": "/", "event": "whoami", "args": []any{}, "ack": true})
			if err != nil {
				return
			}
			names, all := strangers(answer, c.Info, i)
			if all {
				whole.Store(true)
			}
			for _, name := range names {
				name = protocol.Clip(o.target.Redact(name), mostName)
				result.Sanitise(&name, o.target.Redact)
				m.found(name)
			}
		})
	}
	group.Wait()
	if m.mute++; whole.Load() {
		m.mute, m.whole = 0, true
	}
}

// strangers returns the names among the answers to whoami that belong to no target. They count as instances only if all
// other targets answered, too: otherwise a target may have answered with a name other than its own. All says whether they
// did.
func strangers(answer json.RawMessage, infos []*Info, from int) (names []string, all bool) {
	var r struct{ Responses []json.RawMessage }
	_ = json.Unmarshal(answer, &r)
	seen := map[string]bool{}
	for _, one := range r.Responses {
		var name string
		if json.Unmarshal(one, &name) == nil && name != "" {
			seen[name] = true
		}
	}
	for i, info := range infos {
		if info == nil || i != from && !seen[info.Instance] {
			return nil, false
		}
	}
	for name := range seen {
		if !slices.ContainsFunc(infos, func(info *Info) bool { return info.Instance == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, true
}

// worthAsking reports whether nobody has asked again in vain just now.
func (m *Unnamed) worthAsking() bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Since(m.vain) > vainTime
}

func (m *Unnamed) askedInVain() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vain = time.Now()
}

// UnnamedNotice says which instances of the cluster are not targets, and what to do about it. It is empty if there are none.
func UnnamedNotice(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	switch len(quoted) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("the cluster has an instance %s that was not named; give its URL with -t", quoted[0])
	default:
		return fmt.Sprintf("the cluster has the instances %s that were not named; give the URL of each with -t", strings.Join(quoted, ", "))
	}
}

// Unnamed returns the known names of instances that the cluster has besides the targets.
func (t *T) Unnamed() []string { return t.env.Capabilities.Unnamed.Names() }

// UnnamedSince returns those of them that were not known at a time: they may have joined the cluster after it.
func (t *T) UnnamedSince(since time.Time) []string { return t.env.Capabilities.Unnamed.after(since) }

// AskUnnamed asks the cluster which instances it has besides the targets. It returns the names of all that were seen in the
// run: one may have joined or left just now.
func (t *T) AskUnnamed() []string {
	t.env.Capabilities.Unnamed.Ask(t.ctx, t.env.Capabilities, t.env.Controls, t.Tolerance().Patience, time.Now())
	return t.Unnamed()
}

// AskUnnamedUntil does the same, and asks again a few times if the names do not explain what a case saw: an instance that has
// just joined may answer one question before the cluster counts it in the next.
func (t *T) AskUnnamedUntil(explained func(names []string) bool) []string {
	names := t.AskUnnamed()
	if explained(names) || !t.env.Capabilities.Unnamed.worthAsking() {
		return names
	}
	for range askedAgain {
		select {
		case <-time.After(joiningTime):
		case <-t.ctx.Done():
		}
		if names = t.AskUnnamed(); explained(names) {
			return names
		}
	}
	t.env.Capabilities.Unnamed.askedInVain()
	return names
}

// UnverifiedByUnnamed ends a case that cannot be judged because instances of the cluster are not targets.
func (t *T) UnverifiedByUnnamed(names []string) { t.Unverified("%s", UnnamedNotice(names)) }
