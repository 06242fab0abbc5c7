package result

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/suite/wire"
)

// CommonCause is one deviation of the target that one or more cases have met: their failures have equal evidence.
type CommonCause struct {
	// ID depends only on what was seen: the same deviation has the same ID in each run, whichever cases see it.
	ID       string  `json:"id"`
	Sentence string  `json:"sentence"` // what was expected and what came, by the witness
	Witness  string  `json:"witness"`  // the ID of the case that shows it best
	Outcome  Outcome `json:"outcome"`  // of the witness
	// Cases are the IDs of all cases that met it, the witness first.
	Cases []string `json:"cases"`
	// Unjudged are cases that could not be judged because they take for granted what one of Cases saw broken.
	Unjudged []string `json:"unjudged,omitempty"`
	// Maybe names causes that may be the same one: their cases check the same rule, or the same value came for the same
	// subject, or a packet differs from the expected one in the same arguments.
	Maybe []string `json:"maybe,omitempty"`
}

// causeOutcomes are the outcomes of cases that saw a rule broken, the most telling one first.
var causeOutcomes = []Outcome{Failed, Unstable, Warned, Known}

// wireOrder lists the profiles, those closest to the wire first.
var wireOrder = append(slices.Clone(Profiles), ProfileBrowser)

// group holds the cases of one cause while they are sorted.
type group struct {
	key        evidenceKey
	difference string // of the packets of the witness, from [packetDifference]
	form       string // of what the witness met, from [brokenForm]
	cases      []*CaseResult
}

// sentence says what the best witness saw and, if known, after which request.
func (g *group) sentence() string {
	c := g.cases[0]
	words := atDifference(c.Evidence[0]).Words() + "."
	if g.key.Subject == theAnswer {
		return "Upon a " + g.key.About + ": " + words
	}
	if after, sent := strings.CutPrefix(g.key.About, sentLast); sent && c.Evidence[0].Kind == Absence {
		return "After " + sentKinds.Replace(after) + " was sent: " + words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// sentKinds turns the kinds of packets that are no types into words for a sentence.
var sentKinds = strings.NewReplacer("no packet", "something other than a packet", "nothing", "an empty packet", "attachment", "an attachment")

// evidenceTrace returns the trace that holds what the evidence of a case is about. It is that of another case if that case
// saw the rule broken in a step that takes it for granted.
func evidenceTrace(c *CaseResult, traces map[string]wire.Trace) wire.Trace {
	if len(c.Trace) == 0 && len(c.History) > 0 {
		return traces[c.History[len(c.History)-1].By]
	}
	return c.Trace
}

// theAnswer is the subject if a complete answer came and the trace says to which request: what the case calls that request
// makes no difference.
const theAnswer = "the answer"

// Causes groups the cases that saw a rule broken by their decisive evidence: those whose evidence has an equal kind,
// relation, subject, expected and received value, and is about an equal kind of request or packet, have one cause.
// Accidental differences between cases do not count: drawn removes from a text what the run has drawn, and the IDs that the
// target gave, according to the traces, are removed, too. If the expected value came within a list or twice, it does not
// matter which value it was, or after which request. Causes are sorted by the outcomes and levels of their witnesses, and
// then by the number of cases, largest first.
func Causes(cases []CaseResult, drawn func(string) string) []CommonCause {
	answers := answered(cases)
	traces := map[string]wire.Trace{}
	for i := range cases {
		traces[cases[i].ID] = cases[i].Trace
	}
	groups := map[evidenceKey]*group{}
	var all []*group
	for i := range cases {
		c := &cases[i]
		if len(c.Evidence) == 0 || !slices.Contains(causeOutcomes, c.Outcome) {
			continue
		}
		key := newEvidenceKey(c.Evidence[0], evidenceTrace(c, traces), answers, drawn)
		g := groups[key]
		if g == nil {
			g = &group{key: key}
			groups[key], all = g, append(all, g)
		}
		g.cases = append(g.cases, c)
	}
	for _, g := range all {
		about := kindsOf(g)
		slices.SortFunc(g.cases, func(a, b *CaseResult) int { return betterWitness(a, b, about) })
		g.difference = packetDifference(g.cases[0].Evidence[0])
		g.form = brokenForm(g.cases[0].Evidence[0])
	}
	slices.SortFunc(all, func(a, b *group) int {
		x, y := a.cases[0], b.cases[0]
		return cmp.Or(
			slices.Index(causeOutcomes, x.Outcome)-slices.Index(causeOutcomes, y.Outcome),
			slices.Index(Levels, x.Level)-slices.Index(Levels, y.Level),
			newerLast(x)-newerLast(y),
			len(b.cases)-len(a.cases),
			betterWitness(x, y, nil))
	})
	blocked := unjudged(cases)
	var causes []CommonCause
	for _, g := range all {
		witness := g.cases[0]
		one := CommonCause{ID: g.key.id(), Sentence: g.sentence(), Witness: witness.ID, Outcome: witness.Outcome, Maybe: related(g, all)}
		for _, c := range g.cases {
			one.Cases = append(one.Cases, c.ID)
			one.Unjudged = append(one.Unjudged, blocked[c.ID]...)
		}
		slices.Sort(one.Unjudged)
		one.Unjudged = slices.Compact(one.Unjudged)
		causes = append(causes, one)
	}
	return causes
}

// betterWitness orders cases with the same cause: required before recommended, then the one whose rule names what the failure
// is about, then nearest to the wire, then smallest. Many cases that send a POST see that its answer is wrong, but a reader
// learns more from a rule about the answers to POSTs. About is what [kindsOf] returns.
func betterWitness(a, b *CaseResult, about []string) int {
	return cmp.Or(
		slices.Index(Levels, a.Level)-slices.Index(Levels, b.Level),
		newerLast(a)-newerLast(b),
		slices.Index(causeOutcomes, a.Outcome)-slices.Index(causeOutcomes, b.Outcome),
		speaksOf(b.Title, about)-speaksOf(a.Title, about),
		slices.Index(wireOrder, a.Profile)-slices.Index(wireOrder, b.Profile),
		traceless(a)-traceless(b),
		len(a.Trace)-len(b.Trace),
		strings.Compare(a.ID, b.ID))
}

// kinds matches the names of methods and packet types, and the statuses of answers.
var kinds = regexp.MustCompile(`\b(?:[A-Z_]{3,}|[1-5][0-9][0-9])\b`)

// kindsOf returns the methods, packets and statuses that the failure of a cause is about. A GET of a session is a poll.
func kindsOf(g *group) []string {
	about := strings.ReplaceAll(g.key.About, "GET of a session", "POLL")
	if v := g.cases[0].Evidence[0].Expected.Value; v != nil {
		about += " " + v.Text
	}
	return kinds.FindAllString(about, -1)
}

// speaksOf returns how many of them a rule names.
func speaksOf(title string, about []string) (n int) {
	named := strings.Fields(strings.ToUpper(title))
	for _, kind := range about {
		if slices.ContainsFunc(named, func(word string) bool { return strings.TrimRight(word, "S,") == kind }) {
			n++
		}
	}
	return n
}

// traceless returns 1 for a case whose evidence was seen by another case, so that its own trace shows nothing.
func traceless(c *CaseResult) int {
	if len(c.Trace) == 0 {
		return 1
	}
	return 0
}

// newerLast returns 1 for a case that is newer than the requirement set.
func newerLast(c *CaseResult) int {
	if c.Newer {
		return 1
	}
	return 0
}

// unjudged returns the cases that could not be judged, by the case that saw broken what they take for granted. If that case
// itself could not be judged, for the same reason, the one at the end of the chain counts.
func unjudged(cases []CaseResult) map[string][]string {
	by := map[string]string{}
	for _, c := range cases {
		if c.Outcome == Unverified && c.Because != nil && c.Because.Cause == CauseRule {
			by[c.ID] = c.Because.Case
		}
	}
	all := map[string][]string{}
	for _, c := range cases {
		at := by[c.ID]
		for range len(by) { // a chain has no more links than that, and a cycle ends
			next := by[at]
			if next == "" {
				break
			}
			at = next
		}
		if at != "" {
			all[at] = append(all[at], c.ID)
		}
	}
	return all
}

// related returns the IDs of other causes that may be the same one.
func related(of *group, all []*group) (ids []string) {
	rules := map[string]bool{}
	for _, c := range of.cases {
		if len(c.Rules) > 0 {
			rules[c.Rules[0]] = true
		}
	}
	for _, g := range all {
		if g == of {
			continue
		}
		sameRule := slices.ContainsFunc(g.cases, func(c *CaseResult) bool { return len(c.Rules) > 0 && rules[c.Rules[0]] })
		sameDifference := of.difference != "" && g.difference == of.difference
		sameForm := of.form != "" && g.form == of.form
		if sameRule || sameDifference || sameForm || g.key.Subject == of.key.Subject && g.key.Received == of.key.Received {
			ids = append(ids, g.key.id())
		}
	}
	return ids
}

// Together puts each cause of a list to the first one before it that it may be the same as. Of tells what the elements of the
// list are causes of.
func Together[C any](list []C, of func(C) CommonCause) (groups [][]C) {
	first := map[string]int{} // the group of a cause, by its ID
	for _, one := range list {
		cause := of(one)
		if i, ok := first[cause.ID]; ok {
			groups[i] = append(groups[i], one)
			continue
		}
		for _, id := range cause.Maybe {
			if _, ok := first[id]; !ok {
				first[id] = len(groups)
			}
		}
		groups = append(groups, []C{one})
	}
	return groups
}

// evidenceKey is what failures of one cause have in common. Its values are JSON.
type evidenceKey struct {
	Kind     Kind
	Subject  string
	Expected string // the relation and its values
	Received string
	About    string // the kind of the request or packet
}

// idBytes is how many bytes of the hash are enough for the causes of a run.
const idBytes = 4

func (k evidenceKey) id() string {
	text, _ := json.Marshal(k)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:idBytes])
}

func newEvidenceKey(f Failure, trace wire.Trace, answers answers, drawn func(string) string) evidenceKey {
	given := givenIDs(trace)
	neutral := func(s string) string { return addresses.ReplaceAllString(given(drawn(s)), "‹address›") }
	about := aboutOf(trace, f)
	subject := f.Subject
	if about.request != "" && f.Received.Form == Response {
		subject = theAnswer
	} else {
		subject = quoting(trace, subject)
	}
	f = withoutAckID(f)
	key := evidenceKey{Kind: f.Kind, Subject: neutral(subject)}
	if became := deformation(f); became != "" {
		key.Expected, key.Received = string(f.Expected.Relation), became
		return key
	}
	expected, _ := json.Marshal(f.Expected.Map(neutral))
	received, _ := json.Marshal(untimed(f.Received.Map(neutral)))
	key.Expected, key.Received, key.About = string(expected), string(received), neutral(answers.kind(about, f))
	return key
}

// ackID matches the ID of an acknowledgement in the head of a packet. The target chooses it when it asks for one.
var ackID = regexp.MustCompile(`^(4(?:2|5[0-9]+-)(?:/[^,]*,)?)([0-9]+)(\[)`)

// withoutAckID returns the failure without the ID of an acknowledgement, if the expected and the received packet have the
// same ID.
func withoutAckID(f Failure) Failure {
	if f.Expected.Relation != IsPacket || f.Expected.Value == nil {
		return f
	}
	a, b := ackID.FindStringSubmatch(f.Expected.Value.Text), ackID.FindStringSubmatch(f.Received.Text)
	if a == nil || b == nil || a[2] != b[2] {
		return f
	}
	without := func(s string) string { return ackID.ReplaceAllString(s, "$1‹id›$3") }
	f.Expected, f.Received = f.Expected.Map(without), f.Received.Map(without)
	return f
}

// brokenForm says what a failure may share with failures about other subjects: the server kept something open that had to
// end, or the expected value came in the same wrong form. It is empty for all other failures.
func brokenForm(f Failure) string {
	if f.Expected.Relation == Ends && !f.Expected.Not && f.Received.Form == Open {
		return string(Open)
	}
	return deformation(f)
}

var figures = regexp.MustCompile(`[0-9]+`)

// untimed returns a value without what a clock measured. The text of an end contains such figures.
func untimed(v Value) Value {
	v.Took = 0
	if v.Form == End {
		v.Text = figures.ReplaceAllString(v.Text, "‹n›")
	}
	if v.Form == List {
		v.Items = slices.Clone(v.Items)
		for i := range v.Items {
			v.Items[i] = untimed(v.Items[i])
		}
	}
	return v
}
