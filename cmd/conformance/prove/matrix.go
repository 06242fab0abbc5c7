package prove

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Matrix holds the cases that fail with each fault, by the fault's name. The text of a matrix is suited to diffs: one line
// for each fault, with the cases of an area together.
//
//	acks/id-zero-unanswered: acks/id-zero
//	acks/array-unwrapped: acks/{array-argument,several-arguments} binary/array-argument
//
// A case with a question mark fails with the fault by chance: in some runs but not in others.
type Matrix map[string]map[string]Chance

// Chance says whether a case fails with a fault in each run.
type Chance bool

const (
	Always    Chance = false
	Sometimes Chance = true
)

// Add notes that a case fails with a fault.
func (m Matrix) Add(fault, id string, chance Chance) {
	if m[fault] == nil {
		m[fault] = map[string]Chance{}
	}
	m[fault][id] = chance
}

// MarshalText returns the matrix as text.
func (m Matrix) MarshalText() ([]byte, error) {
	var text bytes.Buffer
	for _, fault := range slices.Sorted(maps.Keys(m)) {
		text.WriteString(fault + ":")
		byArea := map[string][]string{}
		for _, id := range slices.Sorted(maps.Keys(m[fault])) {
			slug := path.Base(id)
			if m[fault][id] == Sometimes {
				slug += "?"
			}
			byArea[path.Dir(id)] = append(byArea[path.Dir(id)], slug)
		}
		for _, area := range slices.Sorted(maps.Keys(byArea)) {
			if slugs := byArea[area]; len(slugs) == 1 {
				text.WriteString(" " + area + "/" + slugs[0])
			} else {
				text.WriteString(" " + area + "/{" + strings.Join(slugs, ",") + "}")
			}
		}
		text.WriteByte('\n')
	}
	return text.Bytes(), nil
}

// UnmarshalText reads what [Matrix.MarshalText] returns. Lines that begin with # are comments.
func (m *Matrix) UnmarshalText(text []byte) error {
	*m = Matrix{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fault, groups, found := strings.Cut(line, ":")
		if _, twice := (*m)[fault]; !found || twice {
			return fmt.Errorf("line %d of the matrix: no fault, or a fault that is already there: %.60q", n, line)
		}
		(*m)[fault] = map[string]Chance{}
		for _, group := range strings.Fields(groups) {
			area, slugs, found := strings.Cut(group, "/")
			if !found {
				return fmt.Errorf("line %d of the matrix: %q is not a case", n, group)
			}
			slugs = strings.TrimSuffix(strings.TrimPrefix(slugs, "{"), "}")
			for slug := range strings.SplitSeq(slugs, ",") {
				bare := strings.TrimSuffix(slug, "?")
				m.Add(fault, area+"/"+bare, Chance(bare != slug))
			}
		}
	}
	return lines.Err()
}

// Difference is the difference between two matrices.
type Difference struct {
	// Missed are pairs of a fault and a case that failed with it then and passes now; Gained are pairs whose case passed
	// then and fails now. A pair that is due to chance in either matrix is neither.
	Missed, Gained []Pair
	// Gone are the faults that existed only then, New those that exist only now.
	Gone, New []string
}

// Pair is a pair of a fault and a case.
type Pair struct{ Fault, Case string }

func (p Pair) String() string { return p.Fault + " " + p.Case }

// Differences returns the differences from an earlier matrix. It compares only pairs of a fault that both have and a case
// that exists now, as exists reports.
func (m Matrix) Differences(earlier Matrix, exists func(id string) bool) (d Difference) {
	for _, fault := range slices.Sorted(maps.Keys(earlier)) {
		now, there := m[fault]
		if !there {
			d.Gone = append(d.Gone, fault)
			continue
		}
		then := earlier[fault]
		for _, id := range slices.Sorted(maps.Keys(then)) {
			if _, red := now[id]; !red && then[id] == Always && exists(id) {
				d.Missed = append(d.Missed, Pair{fault, id})
			}
		}
		for _, id := range slices.Sorted(maps.Keys(now)) {
			if _, red := then[id]; !red && now[id] == Always {
				d.Gained = append(d.Gained, Pair{fault, id})
			}
		}
	}
	for _, fault := range slices.Sorted(maps.Keys(m)) {
		if _, there := earlier[fault]; !there {
			d.New = append(d.New, fault)
		}
	}
	return d
}
