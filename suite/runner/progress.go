package runner

import (
	"time"

	"example.test/conformance/suite"
)

// Watcher is notified of what happens during a run. Calls may come from several goroutines.
type Watcher interface {
	Notice(sentence string)                   // what the user must know now: the target is too far away for its timers, or gone
	Planned(total int)                        // cases that will run
	Started(id string, longest time.Duration) // longest is the case's estimate of its longest wait, or 0
	Finished(result suite.CaseResult)
	Done()
}
