package html

import (
	"fmt"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Bounds of the traces of further attempts.
const (
	mostTraces   = 3       // of further attempts
	attemptTrace = 8 << 10 // of each of them
)

// attemptView is a group of attempts at a case on the page, with the trace of the first of them.
type attemptView struct {
	Numbers, Says string
	Trace         *traceView
}

func newAttempts(c result.CaseResult, cluster bool) (all []attemptView) {
	traces := 0
	for i, g := range wording.AttemptGroups(c) {
		if i == wording.MostGroups {
			break
		}
		v := attemptView{Numbers: wording.Ranges(g.Numbers), Says: g.Says}
		if a := &c.History[g.First]; a.Failed() && traces < mostTraces && c.Outcome != result.Passed {
			v.Trace = newTrace(fmt.Sprintf("%s, attempt %d", wording.VisibleLine(wording.Clip(c.ID, 200)), g.First+1), a.Trace, attemptTrace, cluster)
			if v.Trace != nil {
				traces++
			}
		}
		all = append(all, v)
	}
	return all
}
