package result

import (
	"encoding/json"
	"regexp"

	"example.test/conformance/suite/wire"
)

// recordNumber matches the number of a record, which differs from attempt to attempt.
var recordNumber = regexp.MustCompile(`"seq":[0-9]+`)

// Likeness returns a text that attempts at one case have in common if they saw the same, but for what differs by chance:
// words that the run draws, IDs that the target gave according to the attempt's trace, numbers of records, durations. It is
// empty for an attempt without evidence.
func (a *Attempt) Likeness(trace wire.Trace) string {
	if len(a.Evidence) == 0 {
		return ""
	}
	text, _ := json.Marshal(newEvidenceKey(a.Evidence[0], trace, nil, func(s string) string {
		return recordNumber.ReplaceAllString(unmarked(s), `"seq":‹n›`)
	}))
	return string(text)
}
