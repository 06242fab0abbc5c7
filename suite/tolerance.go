package suite

import "time"

// Tolerance is how exact a clock the suite asks of a target, and how patient it is. All the
// tolerances of all the cases are here.
type Tolerance struct {
	// Patience is how long an answer may take that waits for no timer. Only a target that fails is
	// waited for so long.
	Patience time.Duration
	// Early is how much before its due time a timer may fire: clocks are read at both ends, and timers round.
	Early time.Duration
	// Late is how much after its due time a timer may fire on a busy machine.
	Late time.Duration
	// Crowd is how many questions a cluster must bear in flight at once.
	Crowd int
	// Sessions is how many sessions a target must bear at once.
	Sessions int
}

// DefaultTolerance is the tolerance of a run.
var DefaultTolerance = Tolerance{
	Patience: 5 * time.Second,
	Early:    30 * time.Millisecond,
	Late:     150 * time.Millisecond,
	Crowd:    1000,
	Sessions: 200,
}

// Timings are the target's own: from its open packet and its application's info. In a cluster they are those of the
// first instance, but for EmitTimeout.
type Timings struct {
	PingInterval   time.Duration
	PingTimeout    time.Duration
	ConnectTimeout time.Duration
	EmitTimeout    time.Duration // of a server-side emit's acknowledgement, the longest of all instances; see [T.EmitTimeout]
	MaxPayload     int64         // bytes; 0 where the target does not say
}

// DefaultTimings are those of socket.io, taken where a target does not say.
var DefaultTimings = Timings{
	PingInterval:   25 * time.Second,
	PingTimeout:    20 * time.Second,
	ConnectTimeout: 45 * time.Second,
	EmitTimeout:    5 * time.Second,
}

// Wait is how long a case waits for the target's timers.
type Wait func(Timings) time.Duration

// PingIntervals waits for n pings.
func PingIntervals(n int) Wait {
	return func(t Timings) time.Duration { return time.Duration(n) * t.PingInterval }
}

// HeartbeatDeadline waits until a connection that answers no ping is closed.
func HeartbeatDeadline(t Timings) time.Duration { return t.PingInterval + t.PingTimeout }

// ConnectDeadline waits until a connection that joins no namespace is closed.
func ConnectDeadline(t Timings) time.Duration { return t.ConnectTimeout }

// EmitDeadline waits until a server-side emit's acknowledgement gives up.
func EmitDeadline(t Timings) time.Duration { return t.EmitTimeout }
