package wording

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"example.test/conformance/suite/result"
)

// Bounds of what the reports say of the attempts at one case.
const (
	mostAttempt  = 300
	mostRepeated = 8 // cases that a line names
)

// AttemptGroup is a group of attempts at a case that saw the same.
type AttemptGroup struct {
	Numbers []int  // from 1
	First   int    // the index of the first of them in the history
	Says    string // what they saw, in a harmless line
}

// MostGroups is how many groups of attempts a report shows.
const MostGroups = 6

// waited matches how long something took, which differs from attempt to attempt.
var waited = regexp.MustCompile(`[0-9.]+ ms`)

// AttemptGroups returns the attempts at a case that was repeated. Attempts that saw the same form a group, whatever words and
// IDs differ by chance, and however long it took. It returns none for other cases.
func AttemptGroups(c result.CaseResult) (all []AttemptGroup) {
	if len(c.History) < 2 {
		return nil
	}
	of := map[string]int{} // the index of a group, by what its attempts have in common
	for i := range c.History {
		a, trace := &c.History[i], c.History[i].Trace
		if len(trace) == 0 { // it is the one that counts
			trace = c.Trace
		}
		says := saw(a)
		common := waited.ReplaceAllString(says, "")
		if len(a.Evidence) > 0 {
			common = fmt.Sprintln(where(a), len(a.Evidence), a.Likeness(trace))
		}
		at, known := of[common]
		if !known {
			at = len(all)
			of[common], all = at, append(all, AttemptGroup{First: i, Says: says})
		}
		all[at].Numbers = append(all[at].Numbers, i+1)
	}
	return all
}

// where says how an attempt was made, if it was not an ordinary one: "against the embedded reference: ".
func where(a *result.Attempt) string {
	switch {
	case a.Control:
		return "against the embedded reference: "
	case a.Swept:
		return "in the records at the end of the run: "
	case a.By != "":
		return "by " + a.By + ": "
	case a.Alone:
		return "with nothing else running: "
	}
	return ""
}

// saw says what an attempt saw, and where, if it was not an ordinary attempt.
func saw(a *result.Attempt) string {
	text := "good"
	switch n := len(a.Evidence); {
	case n > 1:
		text = fmt.Sprintf("%s (%s), and %d more", a.Evidence[0].Words(), a.Evidence[0].Kind, n-1)
	case n == 1:
		text = fmt.Sprintf("%s (%s)", a.Evidence[0].Words(), a.Evidence[0].Kind)
	case a.Crash != "":
		text = "the suite itself broke: " + FirstLine(a.Crash)
	case a.Cut != "":
		text = "cut short: " + a.Cut
	case a.Inapplicable+a.Unverified+a.Missed != "":
		text = a.Inapplicable + a.Unverified + a.Missed
	case a.Answer != "":
		text = "good: " + a.Answer
	}
	return VisibleLine(OneLine(where(a)+text, mostAttempt))
}

// Attempts says what the attempts at a repeated case saw, in one harmless line for each group: "1, 3: good".
func Attempts(c result.CaseResult) string {
	var lines []string
	groups := AttemptGroups(c)
	for i, g := range groups {
		if i == MostGroups {
			lines = append(lines, fmt.Sprintf("and %d that saw other things, which results.json has", len(c.History)-seenBefore(groups[:i])))
			break
		}
		lines = append(lines, Ranges(g.Numbers)+": "+g.Says)
	}
	return strings.Join(lines, "\n")
}

func seenBefore(groups []AttemptGroup) (n int) {
	for _, g := range groups {
		n += len(g.Numbers)
	}
	return n
}

// Ranges puts a list of rising numbers into words: "1, 3 to 5".
func Ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		switch {
		case j > i+1:
			parts = append(parts, fmt.Sprintf("%d to %d", numbers[i], numbers[j]))
		case j == i+1:
			parts = append(parts, strconv.Itoa(numbers[i]), strconv.Itoa(numbers[j]))
		default:
			parts = append(parts, strconv.Itoa(numbers[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// Repeated says which cases passed only when they were repeated, since the machine, the load or the connection to the
// application kept the first attempt from counting. It returns a list of one sentence or none.
func Repeated(r *result.Results) []string {
	var ids []string
	for _, c := range r.Cases {
		if c.Outcome == result.Passed && len(c.History) > 1 {
			ids = append(ids, VisibleLine(Clip(c.ID, 200)))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names := strings.Join(ids[:min(len(ids), mostRepeated)], ", ")
	if n := len(ids) - mostRepeated; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	return []string{fmt.Sprintf("Passed when repeated, since the first attempt did not count: %s. The reports say why, and what each attempt saw.", names)}
}
