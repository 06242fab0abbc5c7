package suite

import (
	"encoding/json"
	"time"

	"example.test/conformance/suite/wire"
)

// Schema names the format of [Results] as JSON. It changes when a reader of
// the old format would misread the new one.
const Schema = "conformance-results/1"

// Level says how binding a rule is.
type Level string

const (
	// Required is a rule of the documents that the official server keeps too. Breaking it gates.
	Required Level = "required"
	// Recommended is a SHOULD, or what the official server does where the documents are silent.
	// Breaking it gates under --strict.
	Recommended Level = "recommended"
	// Observed is a question on which the documents and the official server, or versions of it,
	// disagree. The answer is recorded and never gates.
	Observed Level = "observed"
)

// Levels in the order in which reports list them.
var Levels = []Level{Required, Recommended, Observed}

// Outcome is what became of one case.
type Outcome string

const (
	Passed       Outcome = "passed"       // the rule was seen kept
	Failed       Outcome = "failed"       // the rule was seen broken
	Warned       Outcome = "warned"       // a recommended or observed rule was seen broken
	Known        Outcome = "known"        // broken as the list of known failures says: it does not gate
	Stale        Outcome = "stale"        // kept, though the list of known failures holds it: it gates
	Inapplicable Outcome = "inapplicable" // not of this edition or profile, or of a feature that the target does not declare
	Unverified   Outcome = "unverified"   // in the profile, but it could not be judged
	Errored      Outcome = "error"        // the suite itself broke
)

// Outcomes in the order in which reports list them: what asks for attention first.
var Outcomes = []Outcome{Failed, Stale, Errored, Unverified, Warned, Known, Passed, Inapplicable}

// Verdict is the answer to the run's one question.
type Verdict string

const (
	Conformant    Verdict = "conformant"
	NotConformant Verdict = "not conformant"
	Excused       Verdict = "conformant but for known failures"
	Unreachable   Verdict = "unreachable" // no Engine.IO server answered at a target
	Broken        Verdict = "error"       // the suite itself broke
	Incomplete    Verdict = "incomplete"  // something in the profile could not be judged
	Interrupted   Verdict = "interrupted"
)

// ExitCode of a run with that verdict.
func (v Verdict) ExitCode() int {
	switch v {
	case Conformant, Excused:
		return 0
	case NotConformant:
		return 1
	case Unreachable:
		return 3
	case Incomplete:
		return 5
	case Interrupted:
		return 130
	default:
		return 4
	}
}

// Results is the whole of a run, as reports show it and results.json keeps it.
type Results struct {
	Schema  string     `json:"schema"`
	Suite   SuiteBuild `json:"suite"`
	Command string     `json:"command"` // the command line that repeats the run, secrets left out

	Edition  string   `json:"edition"` // "4.8"
	Profile  Profile  `json:"profile"`
	Strict   bool     `json:"strict"`
	LeftOut  []string `json:"leftOut,omitempty"` // what edition, profile and filters leave out, a sentence each
	Only     []string `json:"only,omitempty"`    // globs of the cases that were selected
	Skip     []string `json:"skip,omitempty"`    // globs of the cases that were left out
	Shard    string   `json:"shard,omitempty"`   // "2/5" where the run is a part of a larger one
	Rounds   int      `json:"rounds,omitempty"`  // how often each case ran, where that is more than once
	Seed     int64    `json:"seed"`
	Verdict  Verdict  `json:"verdict"`
	Summary  string   `json:"summary"` // the verdict in one sentence
	ExitCode int      `json:"exitCode"`

	StartedAt  time.Time `json:"startedAt"`
	DurationMs float64   `json:"durationMs"`

	Targets []TargetResult `json:"targets"`
	Counts  Counts         `json:"counts"`
	Cases   []CaseResult   `json:"cases"` // in the order of areas and IDs
}

// SuiteBuild says which suite ran.
type SuiteBuild struct {
	Version   string `json:"version"`
	Commit    string `json:"commit"`
	Go        string `json:"go"`
	Catalogue string `json:"catalogue,omitempty"` // of its cases, as [CatalogueDigest] has it
}

// TargetResult is what was found out about one target before the cases ran.
type TargetResult struct {
	URL      string     `json:"url"` // without credentials
	Found    []string   `json:"found,omitempty"`
	Info     *Info      `json:"info,omitempty"`  // what its conformance application declares
	Error    string     `json:"error,omitempty"` // why it could not be tested
	Trace    wire.Trace `json:"trace,omitempty"` // of that finding out
	Embedded bool       `json:"embedded,omitempty"`
}

// Counts of cases by level and outcome.
type Counts map[Level]map[Outcome]int

// Total of an outcome over all levels.
func (c Counts) Total(o Outcome) (n int) {
	for _, byOutcome := range c {
		n += byOutcome[o]
	}
	return n
}

// CaseResult is what became of one case, and the evidence for it.
type CaseResult struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Area   string   `json:"area"`
	Level  Level    `json:"level"`
	Since  string   `json:"since"`
	Source Source   `json:"source"`
	Faults []string `json:"faults,omitempty"` // the faults of the reference server that prove the case

	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`  // of inapplicable and unverified, and the answer of an observed case
	Message string  `json:"message,omitempty"` // of a broken rule or an error, whole

	// What the message says, taken apart where it can be.
	Step     string `json:"step,omitempty"`     // what was being done
	Expected string `json:"expected,omitempty"` // what the rule asks for
	Received string `json:"received,omitempty"` // what came

	Rerun      string     `json:"rerun,omitempty"` // the command that runs this case alone
	StartedAt  time.Time  `json:"startedAt,omitzero"`
	DurationMs float64    `json:"durationMs"`
	Site       string     `json:"site,omitempty"`     // where in the cases the broken expectation stands
	Attempts   int        `json:"attempts,omitempty"` // more than one where the first failed while others were under way: the last counts
	Trace      wire.Trace `json:"trace,omitempty"`

	KnownFailure *KnownFailure   `json:"knownFailure,omitempty"` // the entry of the list of known failures that names it
	Rounds       map[Outcome]int `json:"rounds,omitempty"`       // how often it came to what, where the run repeats its cases: the worst is the outcome
}

// Source is where a rule comes from.
type Source struct {
	Document string `json:"document"`
	Section  string `json:"section"`
	URL      string `json:"url"`
}

// Info is the answer of the conformance application to the command info (CONTRACT.md, section 4).
type Info struct {
	Contract       int    `json:"contract"`
	Instance       string `json:"instance"`
	Implementation struct {
		Name     string `json:"name"`
		Version  string `json:"version"`
		Language string `json:"language"`
	} `json:"implementation"`
	Features              []string          `json:"features"`
	Edition               string            `json:"edition,omitempty"`
	ConnectTimeout        float64           `json:"connectTimeout"`        // milliseconds
	ServerSideEmitTimeout float64           `json:"serverSideEmitTimeout"` // milliseconds
	Startup               []json.RawMessage `json:"startup,omitempty"`
}
