package suite

import "time"

// Watcher is told what happens during a run. Calls may come from several goroutines.
type Watcher interface {
	Planned(total int)                        // cases that will run
	Started(id string, longest time.Duration) // longest: the case's own estimate of its longest wait, 0 when none
	Landed(result CaseResult)
	Done()
}
