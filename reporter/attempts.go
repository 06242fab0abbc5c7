package reporter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.test/conformance/suite/result"
)

// Bounds of what the reports say of the attempts at one case.
const (
	mostGroups   = 6 // of attempts that saw the same
	mostAttempt  = 300
	mostRepeated = 8 // cases that a line names
)

// attemptGroup is attempts at a case that saw the same, the first of them with its place in the history.
type attemptGroup struct {
	numbers []int // from 1
	first   int
	says    string
}

// attemptGroups are the attempts at a case that was repeated, those that saw the same together; none of any other one.
func attemptGroups(c result.CaseResult) (all []attemptGroup) {
	if len(c.History) < 2 {
		return nil
	}
	for i := range c.History {
		says := saw(&c.History[i])
		at := slices.IndexFunc(all, func(g attemptGroup) bool { return g.says == says })
		if at < 0 {
			all = append(all, attemptGroup{first: i, says: says})
			at = len(all) - 1
		}
		all[at].numbers = append(all[at].numbers, i+1)
	}
	return all
}

// saw says what an attempt saw, and where it was another one than usual.
func saw(a *result.Attempt) string {
	where := ""
	switch {
	case a.Control:
		where = "at the embedded reference: "
	case a.Swept:
		where = "in the records at the end of the run: "
	case a.By != "":
		where = "by " + a.By + ": "
	case a.Alone:
		where = "with nothing beside it: "
	}
	text := "good"
	switch n := len(a.Evidence); {
	case n > 1:
		text = fmt.Sprintf("%s (%s), and %d more", a.Evidence[0].Words(), a.Evidence[0].Kind, n-1)
	case n == 1:
		text = fmt.Sprintf("%s (%s)", a.Evidence[0].Words(), a.Evidence[0].Kind)
	case a.Crash != "":
		text = "the suite itself broke: " + firstLine(a.Crash)
	case a.Cut != "":
		text = "cut short: " + a.Cut
	case a.Inapplicable+a.Unverified+a.Missed != "":
		text = a.Inapplicable + a.Unverified + a.Missed
	case a.Answer != "":
		text = "good: " + a.Answer
	}
	return VisibleLine(oneLine(where+text, mostAttempt))
}

// attempts says in a line each what the attempts at a repeated case saw: "1, 3: good".
func attempts(c result.CaseResult) string {
	var lines []string
	groups := attemptGroups(c)
	for i, g := range groups {
		if i == mostGroups {
			lines = append(lines, fmt.Sprintf("and %d that saw other things, which results.json has", len(c.History)-seenBefore(groups[:i])))
			break
		}
		lines = append(lines, ranges(g.numbers)+": "+g.says)
	}
	return strings.Join(lines, "\n")
}

func seenBefore(groups []attemptGroup) (n int) {
	for _, g := range groups {
		n += len(g.numbers)
	}
	return n
}

// ranges are numbers that rise, in words: "1, 3 to 5".
func ranges(numbers []int) string {
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

// repeated says in a sentence which cases passed only when they were repeated, since the machine, the load or the connection
// to the application kept the first attempt from counting; as a list of one sentence or none.
func repeated(r *result.Results) []string {
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
	return []string{fmt.Sprintf("Repeated, since nothing could be said of the first attempt, and passed then: %s. The reports say why, and what each attempt saw.", names)}
}
