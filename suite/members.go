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

// Unnamed knows the instances of the targets' cluster that are no targets. What they answer is nothing that a target is
// to blame for.
type Unnamed struct {
	asking sync.Mutex
	asked  time.Time // when the latest question to the cluster began
	mute   int       // how many questions in a row no target saw answered by all other targets

	mu      sync.Mutex
	unnamed []string
}

// mostMute is after how many such questions none is asked any more: each takes the timeout of an acknowledgement.
const mostMute = 2

// mostUnnamed are as many instances as are kept in mind: a target may make names up.
const mostUnnamed = 16

// found takes note of an instance.
func (m *Unnamed) found(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.unnamed, name) && len(m.unnamed) < mostUnnamed {
		m.unnamed = append(m.unnamed, name)
	}
}

// Names are those of the instances that were found so far. Nil has found none.
func (m *Unnamed) Names() []string {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.unnamed)
}

// Ask has each target ask the others for their names. What was asked since a time is not asked again. Nil asks nobody.
func (m *Unnamed) Ask(ctx context.Context, c *Capabilities, observers []*Control, patience time.Duration, since time.Time) {
	if m == nil {
		return
	}
	m.asking.Lock()
	defer m.asking.Unlock()
	if !since.After(m.asked) && !m.asked.IsZero() || m.mute >= mostMute {
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
		m.mute = 0
	}
}

// strangers are the names among the answers to whoami that are no target's. They are instances only beside the answers
// of all other targets: else a target may have answered with another name than its own. All says whether those are there.
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

// UnnamedNotice says which instances of the cluster are no targets, and what to do about it; empty where there are none.
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

// Unnamed are the names of instances that the cluster has beside the targets, as far as they are known.
func (t *T) Unnamed() []string { return t.env.Capabilities.Unnamed.Names() }

// AskUnnamed asks the cluster which instances it has beside the targets, and returns the names of all that were seen in
// the run: one may have joined, or left, a moment ago.
func (t *T) AskUnnamed() []string {
	t.env.Capabilities.Unnamed.Ask(t.ctx, t.env.Capabilities, t.env.Controls, t.Tolerance().Patience, time.Now())
	return t.Unnamed()
}

// UnverifiedOf ends a case that cannot be judged since instances of the cluster are no targets.
func (t *T) UnverifiedOf(names []string) { t.Unverified("%s", UnnamedNotice(names)) }
