package prove

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Proof says which case fails with which fault, by which expectation, and what is not proven.
type Proof struct {
	// Catches are in the order of their faults and then of their cases.
	Catches []Catch `json:"catches"`
	// RulesWithoutFault are rules that a case checks but no fault breaks.
	RulesWithoutFault []Gap `json:"rulesWithoutFault"`
	// UncaughtFaults are faults that no case of the broken rule catches.
	UncaughtFaults []Gap `json:"uncaughtFaults"`
	// UnprovenCases are cases that fail with no fault of their rules.
	UnprovenCases []Gap `json:"unprovenCases"`
	// RedWithoutFault are cases that fail without any fault.
	RedWithoutFault []Gap `json:"redWithoutFault"`
	// LeftOpen are cases and faults that may be gaps, but a busy machine kept cases from being judged.
	LeftOpen []Gap `json:"leftOpen,omitempty"`
	// LeftOut says which cases and faults took no part, and why.
	LeftOut []string `json:"leftOut,omitempty"`
	// Difference is the difference from an earlier matrix, if there is one.
	Difference *Difference `json:"difference,omitempty"`
	// Blocks are how many blocks a reader sees of a run of all cases against a fault, by its name: one for each cause, with those
	// that may be the same.
	Blocks map[string]int `json:"blocks,omitempty"`
	// Rules, Faults and Cases are how many of them took part.
	Rules      int     `json:"rules"`
	Faults     int     `json:"faults"`
	Cases      int     `json:"cases"`
	DurationMs float64 `json:"durationMs"`

	busy                  bool
	cases                 []*suite.Case
	faults                []fault.Fault
	someFaults, someCases bool
	seen                  map[Pair]Seen
	byChance              []Pair
}

// Catch is a case that failed with a fault of one of its rules, in an expectation of its own.
type Catch struct {
	Fault   string         `json:"fault"`
	Rule    string         `json:"rule"` // the rule that the fault breaks
	Case    string         `json:"case"`
	Outcome result.Outcome `json:"outcome"`
	Kind    result.Kind    `json:"kind"` // of the evidence: a lost session proves little
	Words   string         `json:"words"`
	Site    string         `json:"site"` // of the expectation in the cases
}

// Gap is something that was not proven.
type Gap struct {
	Of  string `json:"of"` // the ID of a rule or a case, or the name of a fault
	Why string `json:"why"`
}

func (g Gap) String() string { return strings.TrimSuffix(g.Of+": "+g.Why, ": ") }

// Complete reports whether the proof has no gap, apart from those that a busy machine leaves open, and misses nothing that
// an earlier one had seen.
func (p *Proof) Complete() bool {
	if p.Difference != nil && len(p.Difference.Missed) > 0 {
		return false
	}
	return len(p.RulesWithoutFault)+len(p.UncaughtFaults)+len(p.UnprovenCases)+len(p.RedWithoutFault) == 0
}

// Matrix returns the matrix of the proof: of all cases, if they ran against each fault.
func (p *Proof) Matrix() Matrix {
	m := Matrix{}
	for _, f := range p.faults {
		m[f.Name] = map[string]Chance{}
	}
	for pair, s := range p.seen {
		if s.red() {
			m.Add(pair.Fault, pair.Case, Always)
		}
	}
	for _, pair := range p.byChance {
		m.Add(pair.Fault, pair.Case, Sometimes)
	}
	return m
}

// Against compares the matrix of the proof with an earlier one, for the faults and cases of the proof.
func (p *Proof) Against(earlier Matrix) {
	present := map[string]bool{}
	for _, c := range p.cases {
		present[c.ID] = true
	}
	d := p.Matrix().Differences(earlier, func(id string) bool { return present[id] })
	if p.someFaults {
		d.Gone = nil
	}
	p.Difference = &d
}

// conclude derives the catches and the gaps from what was seen.
func (p *Proof) conclude() {
	broken, checked, red := map[string]int{}, map[string][]string{}, map[string]bool{}
	for _, c := range p.cases {
		for _, rule := range c.RuleIDs() {
			checked[rule] = append(checked[rule], c.ID)
		}
	}
	for _, f := range p.faults {
		broken[f.Breaks]++
		caught, open := false, false
		var instead []string
		for _, id := range checked[f.Breaks] {
			s := p.seen[Pair{f.Name, id}]
			if !s.own() {
				open = open || p.open(s)
				instead = append(instead, id+" "+s.String())
				continue
			}
			caught, red[id] = true, true
			p.Catches = append(p.Catches, Catch{f.Name, f.Breaks, id, s.Outcome, s.By.Kind, s.Words, s.By.Site})
		}
		switch {
		case caught, p.someCases && !p.someFaults:
		case f.Breaks == "":
			p.UncaughtFaults = append(p.UncaughtFaults, Gap{f.Name, "it names no rule that it breaks"})
		case len(checked[f.Breaks]) == 0:
			p.UncaughtFaults = append(p.UncaughtFaults, Gap{f.Name, fmt.Sprintf("no case checks %s, which it breaks", f.Breaks)})
		case open:
			p.LeftOpen = append(p.LeftOpen, Gap{f.Name, "it is open whether a case catches it: " + strings.Join(instead, ", ")})
		default:
			p.UncaughtFaults = append(p.UncaughtFaults, Gap{f.Name, fmt.Sprintf("no case of %s catches it: %s", f.Breaks, strings.Join(instead, ", "))})
		}
	}
	p.Rules, p.Faults, p.Cases = len(checked), len(p.faults), len(p.cases)
	if p.someFaults {
		return
	}
	for rule, ids := range checked {
		if broken[rule] == 0 {
			p.RulesWithoutFault = append(p.RulesWithoutFault, Gap{rule, "no fault breaks it; it is checked by " + strings.Join(ids, ", ")})
		}
	}
	slices.SortFunc(p.RulesWithoutFault, func(a, b Gap) int { return cmp.Compare(a.Of, b.Of) })
	for _, c := range p.cases {
		if red[c.ID] {
			continue
		}
		open := false
		var instead []string
		for _, f := range p.faults {
			if slices.Contains(c.RuleIDs(), f.Breaks) {
				s := p.seen[Pair{f.Name, c.ID}]
				open = open || p.open(s)
				instead = append(instead, fmt.Sprintf("with %s it %s", f.Name, s))
			}
		}
		why := "no fault of " + strings.Join(c.RuleIDs(), ", ") + " turns it red"
		if len(instead) > 0 {
			why += ": " + strings.Join(instead, ", ")
		}
		if open {
			p.LeftOpen = append(p.LeftOpen, Gap{c.ID, "it is open whether it can fail: " + strings.Join(instead, ", ")})
		} else {
			p.UnprovenCases = append(p.UnprovenCases, Gap{c.ID, why})
		}
	}
}

// Print writes the proof for readers: which expectation of which case each fault breaks, then the gaps and the figures.
func (p *Proof) Print(out io.Writer) {
	sentences := map[string]string{}
	for _, f := range p.faults {
		sentences[f.Name] = f.Sentence
	}
	last := ""
	for _, c := range p.Catches {
		if c.Fault != last {
			fmt.Fprintf(out, "%s breaks %s: %s\n", c.Fault, c.Rule, sentences[c.Fault])
			last = c.Fault
		}
		fmt.Fprintf(out, "    %s %s, %s: %s (%s)\n", c.Outcome, c.Case, c.Kind, c.Words, c.Site)
	}
	for _, list := range []struct {
		one, several string
		gaps         []Gap
	}{
		{"case that fails without a fault", "cases that fail without a fault", p.RedWithoutFault},
		{"rule that is checked but that no fault breaks", "rules that are checked but that no fault breaks", p.RulesWithoutFault},
		{"fault that no case of the broken rule catches", "faults that no case of the broken rule catches", p.UncaughtFaults},
		{"case that no fault of its rules turns red", "cases that no fault of their rules turns red", p.UnprovenCases},
		{"case or fault that this busy machine leaves open", "cases and faults that this busy machine leaves open", p.LeftOpen},
	} {
		if n := len(list.gaps); n > 0 {
			title := list.several
			if n == 1 {
				title = list.one
			}
			fmt.Fprintf(out, "\n%d %s:\n", n, title)
			for _, gap := range list.gaps {
				fmt.Fprintf(out, "  %s\n", gap)
			}
		}
	}
	if p.Difference != nil {
		p.Difference.print(out)
	}
	p.printBlocks(out)
	for _, sentence := range p.LeftOut {
		fmt.Fprintf(out, "\n%s\n", sentence)
	}
	fmt.Fprintf(out, "\n%d faults", p.Faults)
	if p.someFaults || !p.someCases {
		fmt.Fprintf(out, ", %d of them caught by a case of the rule that they break", p.Faults-len(p.UncaughtFaults))
	}
	if !p.someFaults {
		fmt.Fprintf(out, "; %d of %d rules that are checked have a fault; %d of %d cases fail with a fault of one of their rules",
			p.Rules-len(p.RulesWithoutFault), p.Rules, p.Cases-len(p.UnprovenCases), p.Cases)
	}
	fmt.Fprintf(out, "; %.1f s\n", p.DurationMs/1000)
}

func (d *Difference) print(out io.Writer) {
	for _, list := range []struct {
		title string
		pairs []Pair
	}{
		{"pairs of a fault and a case that caught it before but does not now", d.Missed},
		{"pairs of a fault and a case that catches it now but did not before", d.Gained},
	} {
		fmt.Fprintf(out, "\n%d %s\n", len(list.pairs), list.title)
		for _, pair := range list.pairs {
			fmt.Fprintf(out, "  %s\n", pair)
		}
	}
	if len(d.Gone)+len(d.New) > 0 {
		fmt.Fprintf(out, "\nfaults that no longer exist: %s\nnew faults: %s\n", strings.Join(d.Gone, ", "), strings.Join(d.New, ", "))
	}
}

// mostBlocks are as many as a reader should see of one fault.
const mostBlocks = 3

// printBlocks says how many faults there are of each number of blocks, and which have many.
func (p *Proof) printBlocks(out io.Writer) {
	if len(p.Blocks) == 0 {
		return
	}
	faults := map[int]int{}
	for _, n := range p.Blocks {
		faults[n]++
	}
	fmt.Fprintf(out, "\nblocks that a reader sees of a run of all cases against a fault:\n")
	for _, n := range slices.Sorted(maps.Keys(faults)) {
		fmt.Fprintf(out, "  %d: %d faults\n", n, faults[n])
	}
	for _, name := range slices.Sorted(maps.Keys(p.Blocks)) {
		if n := p.Blocks[name]; n > mostBlocks {
			fmt.Fprintf(out, "  %s: %d\n", name, n)
		}
	}
}
