package runner

import (
	"time"

	"example.test/conformance/suite"
)

// Watcher is told what happens during a run. Calls may come from several goroutines.
type Watcher interface {
	Notice(sentence string)                   // what a reader must know now: the target is too far away for its timers, or gone
	Planned(total int)                        // cases that will run
	Started(id string, longest time.Duration) // longest: the case's own estimate of its longest wait, 0 when none
	Finished(result suite.CaseResult)
	Done()
}
