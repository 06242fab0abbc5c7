package suite

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Environment is what a case stands on: the targets and what is known of them. A case knows no more, so that it can be
// executed by itself.
type Environment struct {
	Targets      []*wire.Target
	Capabilities *Capabilities // what the targets can show, with their timers
	Tolerance    Tolerance
	Edition      Edition
	Auth         string   // a JSON object that each CONNECT carries whose case is not about what it carries
	Without      []string // what the user took out by name
	Seed         int64    // of what is drawn
	Lifecycle    Lifecycle
	Browser      Browser
	Client       *ClientBundle
	// Doubted reports whether a rule was seen broken, so that a step which takes it for granted is not tried.
	// Nil where nothing is doubted.
	Doubted func(rule string) bool

	// Served says that Client is the one that the first target serves.
	Served bool
	// MaxSessions is how many sessions the cases have open at once; 0 for no limit.
	MaxSessions int
	// Controls are the connections to the control namespaces of the targets, in their order; see [NewControls].
	Controls []*Control
	// Broker listens at the broker of the targets' cluster; nil where nobody does.
	Broker Broker
	// Probes say how the targets answer at the moment; nil where nobody asks them.
	Probes Probes
	// Stalls are the standstills of this machine; nil where nobody looks for them.
	Stalls *Stalls

	begun     sync.Map // how often each case was executed, by its ID
	opened    sync.Once
	seats     seats      // of the sessions that are open at once; nil for no bound
	crossings *crossings // nil where nobody listens at the targets' broker
}

// Probes are small questions that the targets are asked at a steady pace, whatever the cases do. What a case waits for is
// absent only where the targets have answered enough of them meanwhile.
type Probes interface {
	// Absent returns how much longer to wait until what is owed since a time may be said to be absent; 0 or less where it
	// may be now: calm then says whether nothing stood still for long enough meanwhile, taken together. Most is how long a
	// calm target is given at the most.
	Absent(since, now time.Time, most time.Duration) (more time.Duration, calm bool)
	// Soonest is the shortest time after which something may be said to be absent.
	Soonest() time.Duration
}

// open makes what the cases share, once.
func (env *Environment) open() {
	env.opened.Do(func() { env.seats, env.crossings = newSeats(env.MaxSessions), newCrossings(env.Broker) })
}

// begin numbers the executions of a case from 1.
func (env *Environment) begin(c *Case) int64 {
	n, _ := env.begun.LoadOrStore(c.ID, &atomic.Int64{})
	return n.(*atomic.Int64).Add(1)
}

// Execute makes one attempt at a case, with nothing but an environment around it.
func Execute(ctx context.Context, env *Environment, c *Case) result.Attempt {
	recorder := wire.NewRecorder(env.Targets...)
	a, _ := env.Attempt(ctx, c, recorder, nil)
	a.Trace = recorder.Seal()
	return a
}
