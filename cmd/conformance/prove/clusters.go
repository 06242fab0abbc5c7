package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// A proof has many runs, and mostly waits for messages that never come. So its runs are smaller than a user's: they have
// less patience and smaller crowds, from which the faults of a crowd already act. The largest message, in bytes, is smaller,
// too: the cases about large messages depend on what the target accepts.
const (
	patience   = 2 * time.Second
	crowd      = 160
	sessions   = 40
	maxPayload = 100_000
)

// mostInstances is one more than a cluster needs: with two, one other instance would be all of the others.
const mostInstances = 3

// clusters are the reference servers that a proof runs the wire cases against.
type clusters struct {
	needs   map[string]int // instances that a case needs
	whole   bool
	known   map[int]*suite.Capabilities // of the reference, by the number of instances
	leftOut []string

	mu     sync.Mutex
	blocks map[string]int // of a run of all cases, by the fault
}

func newClusters(ctx context.Context, cases []*suite.Case, whole bool) (*clusters, error) {
	c := &clusters{needs: map[string]int{}, whole: whole, known: map[int]*suite.Capabilities{}, blocks: map[string]int{}}
	for _, one := range cases {
		c.needs[one.ID] = one.Needs.Targets
		if one.Needs.Targets > 2 {
			c.leftOut = append(c.leftOut, fmt.Sprintf("%s needs %d instances, and takes part only with the faults between servers", one.ID, one.Needs.Targets))
		}
	}
	for _, instances := range []int{2, mostInstances} {
		config, stop, err := start(ctx, nil, instances)
		if err != nil {
			return nil, err
		}
		c.known[instances] = runner.Discover(ctx, config)
		stop()
	}
	return c, nil
}

// instances returns how many instances the cases need to catch a fault. Each further one costs time, so a whole matrix has
// more than two only for the faults between servers.
func (c *clusters) instances(broken *fault.Fault, ids []string) int {
	if c.whole && broken != nil && !strings.HasPrefix(broken.Name, "cluster/") {
		return 2
	}
	if slices.ContainsFunc(ids, func(id string) bool { return c.needs[id] > 2 }) {
		return mostInstances
	}
	return 2
}

// busyBefore reports whether this machine was busy before the proof began: a proof itself makes much load.
var busyBefore = sync.OnceValue(embedded.Busy)

// start starts a reference cluster with a fault, or without one if it is nil.
func start(ctx context.Context, broken *fault.Fault, instances int) (runner.Config, func(), error) {
	busy := busyBefore()
	return embedded.Start(ctx, func() application.Options {
		options := application.Options{Instances: instances, MaxPayload: maxPayload}
		if busy {
			options = embedded.Patient(options)
		}
		if broken != nil {
			broken.Apply(&options)
		}
		return options
	})
}

// run runs cases against a new cluster with that fault.
func (c *clusters) run(ctx context.Context, broken *fault.Fault, ids []string, enough func(id string, s Seen) bool) (map[string]Seen, error) {
	instances := c.instances(broken, ids)
	config, stop, err := start(ctx, broken, instances)
	if err != nil {
		return nil, err
	}
	defer stop()
	config.Profile, config.Edition, config.Known = suite.ProfileCluster, suite.Latest, c.known[instances]
	config.Only = ids
	config.Tolerance = suite.DefaultTolerance
	config.Tolerance.Patience, config.Tolerance.Crowd, config.Tolerance.Sessions = patience, crowd, sessions
	config.Once, config.InProcess = broken != nil, true
	all, causes, err := runUntil(ctx, config, ids, enough)
	if err == nil && c.whole && broken != nil && len(ids) == len(c.needs) {
		c.mu.Lock()
		c.blocks[broken.Name] = len(result.Together(causes, func(c result.CommonCause) result.CommonCause { return c }))
		c.mu.Unlock()
	}
	return all, err
}

// runUntil runs the cases of a configuration until they have ended or enough returns true. It returns what was seen of each,
// and the causes of what was seen broken.
func runUntil(ctx context.Context, config runner.Config, ids []string, enough func(id string, s Seen) bool) (map[string]Seen, []result.CommonCause, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if enough != nil {
		config.Judged = func(t result.Trial) {
			d := t.Judge()
			if enough(t.Case, Seen{Outcome: d.Outcome, By: d.Decisive}) {
				cancel()
			}
		}
	}
	results, err := runner.RunDirectly(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	all := map[string]Seen{}
	for _, c := range results.Cases {
		if !slices.Contains(ids, c.ID) {
			continue
		}
		s := Seen{Outcome: c.Outcome, Reason: c.Reason}
		if len(c.Evidence) > 0 {
			s.By, s.Words = &c.Evidence[0], c.Evidence[0].Words()
		}
		all[c.ID] = s
	}
	return all, results.Causes, nil
}
