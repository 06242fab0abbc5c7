package suite

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Environment is what a case needs to run: the targets and what is known about them. A case depends on nothing else, so it
// can be executed by itself.
type Environment struct {
	Targets      []*wire.Target
	Capabilities *Capabilities // what the targets offer, with their timers
	Tolerance    Tolerance
	Edition      Edition
	Auth         string   // a JSON object that each CONNECT carries, except in cases about that data
	Without      []string // what the user left out by name
	Seed         int64    // of the drawn words
	Lifecycle    Lifecycle
	Browser      Browser
	Client       *ClientBundle
	// Doubted reports whether a rule was seen broken, so that steps which take it for granted are not tried. It is nil if
	// nothing is doubted.
	Doubted func(rule string) bool

	// Served means that Client is the bundle that the first target serves.
	Served bool
	// MaxSessions limits how many sessions the cases have open at once; 0 means no limit.
	MaxSessions int
	// Controls are the connections to the control namespaces of the targets, in their order; see [NewControls].
	Controls []*Control
	// Broker listens at the broker of the targets' cluster; nil if nobody does.
	Broker Broker
	// Probes say how well the targets answer at the moment; nil if there are no probes.
	Probes Probes
	// Stalls are the standstills of this machine; nil if nobody looks for them.
	Stalls *Stalls

	begun     sync.Map // how often each case was executed, by its ID
	opened    sync.Once
	seats     seats        // of the sessions that are open at once; nil for no limit
	ahead     atomic.Int64 // connections that are open ahead
	crossings *crossings   // nil if nobody listens at the targets' broker
}

// Probes are small requests that the targets are sent at a steady pace, whatever the cases do. A case may call a message
// absent only if the targets have answered enough probes meanwhile.
type Probes interface {
	// Absent returns how much longer to wait before what has been due since a time may be called absent. If that is 0 or
	// less, it may be called absent now, and calm says whether nothing stood still for long enough meanwhile, in total. Most
	// is the longest time that a calm target is given.
	Absent(since, now time.Time, most time.Duration) (more time.Duration, calm bool)
	// Soonest returns the shortest time after which something may be called absent.
	Soonest() time.Duration
}

// open creates what the cases share, once.
func (env *Environment) open() {
	env.opened.Do(func() { env.seats, env.crossings = newSeats(env.MaxSessions), newCrossings(env.Broker) })
}

// begin numbers the executions of a case from 1.
func (env *Environment) begin(c *Case) int64 {
	n, _ := env.begun.LoadOrStore(c.ID, &atomic.Int64{})
	return n.(*atomic.Int64).Add(1)
}

// Execute makes one attempt at a case. It needs nothing but an environment.
func Execute(ctx context.Context, env *Environment, c *Case) result.Attempt {
	recorder := wire.NewRecorder(env.Targets...)
	a, _ := env.Attempt(ctx, c, recorder, nil)
	a.Trace = recorder.Seal()
	return a
}
