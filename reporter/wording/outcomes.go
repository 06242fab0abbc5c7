package wording

import (
	"slices"

	"example.test/conformance/suite/result"
)

var words = map[result.Outcome]string{
	result.Passed: "Passed", result.Failed: "Failed", result.Unverified: "Unverified", result.Errored: "Error", result.Warned: "Warned", result.Inapplicable: "Inapplicable",
	result.Known: "Known failure", result.Stale: "Stale", result.Noted: "Noted", result.Unstable: "Unstable",
}

// Outcome returns the name of an outcome at the beginning of a line: "Known failure".
func Outcome(o result.Outcome) string {
	if w := words[o]; w != "" {
		return w
	}
	return string(o)
}

var explanations = map[result.Outcome]string{
	result.Failed: "The rule was seen broken.", result.Errored: "The suite itself broke.", result.Unverified: "It belongs to the profile, but could not be judged.",
	result.Known: "The rule was seen broken, as the list of known failures says.", result.Stale: "The rule was kept, though the list of known failures holds the case.",
	result.Noted: "The answer to an open question is not the one of the documents.", result.Unstable: "Bad once, good when it was repeated.",
	result.Warned: "A recommended rule was seen broken.", result.Passed: "The rule was kept.", result.Inapplicable: "It belongs to another edition or profile, or to a feature that the target does not declare.",
}

// Meaning says in a sentence what an outcome means.
func Meaning(o result.Outcome) string { return explanations[o] }

var tones = map[result.Verdict]result.Outcome{
	result.Conformant: result.Passed, result.Partial: result.Passed, result.Excused: result.Known, result.NotConformant: result.Failed, result.Incomplete: result.Unverified,
	result.Unreachable: result.Errored, result.Broken: result.Errored, result.Interrupted: result.Warned,
}

// Tone returns the outcome whose colour a verdict is shown in. It is empty for an unknown verdict.
func Tone(v result.Verdict) result.Outcome { return tones[v] }

// CountRow is how many cases had an outcome: by level, in the order of [result.Levels], and in total.
type CountRow struct {
	Outcome     result.Outcome
	Explanation string
	ByLevel     []int
	All         int
}

// CountRows counts the cases by outcome and level. It leaves out outcomes that no case has and that most runs do not have.
func CountRows(r *result.Results) []CountRow {
	var rows []CountRow
	for _, o := range result.Outcomes {
		row := CountRow{Outcome: o, Explanation: Meaning(o), ByLevel: make([]int, len(result.Levels))}
		for _, c := range r.Cases {
			if c.Outcome != o {
				continue
			}
			row.All++
			if i := slices.Index(result.Levels, c.Level); i >= 0 {
				row.ByLevel[i]++
			}
		}
		if row.All == 0 && (o == result.Known || o == result.Stale || o == result.Unstable) { // most runs have none
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// Areas returns the areas of the cases, in the order of the cases.
func Areas(r *result.Results) []string {
	var all []string
	seen := map[string]bool{}
	for _, c := range r.Cases {
		if !seen[c.Area] {
			seen[c.Area] = true
			all = append(all, c.Area)
		}
	}
	return all
}
