package result

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"example.test/conformance/suite/wire"
)

// Schema names the format of [Results] as JSON. It changes when a reader of
// the old format would misread the new one.
const Schema = "conformance-results/2"

// olderSchemas are the schemas of earlier versions, which this one does not read.
var olderSchemas = []string{"conformance-results/1"}

// CheckSchema refuses results whose format is not [Schema]. Version is that of the suite that wrote them.
func CheckSchema(schema, version string) error {
	switch {
	case schema == Schema:
		return nil
	case slices.Contains(olderSchemas, schema):
		with := ""
		if version != "" {
			with = " " + version
		}
		return fmt.Errorf("the results have an older format: their schema is %q, and this version of conformance reads %q. Run the suite again with this version, or read the file with the version that wrote it, conformance%s", schema, Schema, with)
	default:
		return fmt.Errorf("its schema is %q, and this version of conformance reads %q", schema, Schema)
	}
}

// Level says how binding a rule is.
type Level string

const (
	// Required is a rule of the documents that the official server keeps too. Breaking it gates.
	Required Level = "required"
	// Recommended is a SHOULD, or what the official server does if the documents are silent. Breaking it gates under
	// --strict.
	Recommended Level = "recommended"
	// Observed is a question on which the documents and the official server, or its versions, disagree. The answer is
	// recorded and never gates.
	Observed Level = "observed"
)

// Levels lists the levels in the order of the reports.
var Levels = []Level{Required, Recommended, Observed}

// Outcome is the result of one case.
type Outcome string

const (
	Passed       Outcome = "passed"       // the rule was seen kept
	Failed       Outcome = "failed"       // the rule was seen broken
	Warned       Outcome = "warned"       // a recommended rule was seen broken
	Noted        Outcome = "noted"        // an observed question was answered against the documents
	Unstable     Outcome = "unstable"     // bad once, good when repeated
	Known        Outcome = "known"        // broken, as the list of known failures says: it does not gate
	Stale        Outcome = "stale"        // kept, though it is on the list of known failures: it gates
	Inapplicable Outcome = "inapplicable" // not in this edition or profile, or needs a feature that the target does not declare
	Unverified   Outcome = "unverified"   // in the profile, but could not be judged
	Errored      Outcome = "error"        // the suite itself broke
)

// Outcomes lists the outcomes in the order of the reports: what needs attention comes first.
var Outcomes = []Outcome{Failed, Stale, Errored, Unverified, Unstable, Warned, Known, Noted, Passed, Inapplicable}

// Verdict is the result of a run.
type Verdict string

const (
	Conformant    Verdict = "conformant"
	NotConformant Verdict = "not conformant"
	Excused       Verdict = "conformant but for known failures"
	Partial       Verdict = "partial"     // nothing was seen broken in the selected cases; it says nothing about the others
	Unreachable   Verdict = "unreachable" // no Engine.IO server answered at a target
	Broken        Verdict = "error"       // the suite itself broke
	Incomplete    Verdict = "incomplete"  // something in the profile could not be judged
	Interrupted   Verdict = "interrupted"
)

// ExitCode returns the exit code of a run with that verdict.
func (v Verdict) ExitCode() int {
	switch v {
	case Conformant, Excused, Partial:
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

// Results holds everything about a run, as reports show it and results.json stores it.
type Results struct {
	Schema  string     `json:"schema"`
	Suite   SuiteBuild `json:"suite"`
	Command string     `json:"command"` // the command line that repeats the run, without secrets

	Edition string  `json:"edition"`                  // "4.8"
	Claimed bool    `json:"editionClaimed,omitempty"` // the edition is the one that the target claims, because the run named none
	Profile Profile `json:"profile"`
	Strict  bool    `json:"strict"`
	// Requirements names the set of cases that gate: the version of a release, or "latest" for all.
	Requirements string   `json:"requirements"`
	Without      []string `json:"without,omitempty"` // features and abilities that the user left out by name
	Notices      []string `json:"notices,omitempty"` // what a reader must know before the cases, one sentence each
	// Application lists what the targets' conformance applications lack of the contract, as seen before the cases ran.
	Application []Part   `json:"application,omitempty"`
	LeftOut     []string `json:"leftOut,omitempty"` // what the edition, the profile and filters leave out, a sentence each
	Only        []string `json:"only,omitempty"`    // globs of the cases that were selected
	Skip        []string `json:"skip,omitempty"`    // globs of the cases that were left out
	Shard       string   `json:"shard,omitempty"`   // "2/5" if the run is part of a larger one
	Rounds      int      `json:"rounds,omitempty"`  // how often each case ran, if more than once
	Seed        int64    `json:"seed"`
	Verdict     Verdict  `json:"verdict"`
	Summary     string   `json:"summary"` // the verdict in one sentence
	ExitCode    int      `json:"exitCode"`

	StartedAt  time.Time `json:"startedAt"`
	DurationMs float64   `json:"durationMs"`

	Targets []TargetResult `json:"targets"`
	Gone    []Departure    `json:"gone,omitempty"` // when targets were gone while cases were running
	Counts  Counts         `json:"counts"`
	// Causes are the deviations that the failed and warned cases have met, found by [Causes].
	Causes []CommonCause `json:"causes,omitempty"`
	// Clauses are the rules of the cases that have evidence.
	Clauses []Clause `json:"clauses,omitempty"`
	// Witnesses counts the cases by what their outcome rests on.
	Witnesses map[Witness]int `json:"witnesses,omitempty"`
	Cases     []CaseResult    `json:"cases"` // in the order of areas and IDs
}

// SuiteBuild says which suite ran.
type SuiteBuild struct {
	Version   string `json:"version"`
	Commit    string `json:"commit"`
	Go        string `json:"go"`
	Sources   string `json:"sources,omitempty"`   // SHA-256 of its sources, in hexadecimal
	Catalogue string `json:"catalogue,omitempty"` // of its cases, from [CatalogueDigest]
}

// TargetResult is what discovery found about one target before the cases ran.
type TargetResult struct {
	URL      string     `json:"url"` // without credentials
	Found    []string   `json:"found,omitempty"`
	Info     *Info      `json:"info,omitempty"`  // what its conformance application declares
	Error    string     `json:"error,omitempty"` // why it could not be tested
	Trace    wire.Trace `json:"trace,omitempty"` // of the discovery
	Embedded bool       `json:"embedded,omitempty"`

	RoundTrip *RoundTrip `json:"roundTrip,omitempty"`
	// Lacks is what the target was seen to refuse, and how, by the name that --without takes.
	Lacks map[string]string `json:"lacks,omitempty"`
	// Unclear is what discovery could not tell, and why: it was neither seen nor refused.
	Unclear map[string]string `json:"unclear,omitempty"`
	// Half has the transports that are unclear although the target answered as one that offers them. The cases about the
	// opening of sessions are still judged over them.
	Half map[string]bool `json:"-"`
	// TooFar says for a transport why cases that wait for a timer of the target cannot be judged over it.
	TooFar map[string]string `json:"tooFar,omitempty"`
	// Works are features that were seen to work although the application does not declare them.
	Works []string `json:"worksUndeclared,omitempty"`
}

// RoundTrip is the shortest time that an exchange with a target takes, in milliseconds.
type RoundTrip struct {
	PollingMs   float64 `json:"pollingMs,omitempty"`   // a request and its answer, over a connection of their own
	WebSocketMs float64 `json:"webSocketMs,omitempty"` // a ping frame and its pong
}

// Counts counts cases by level and outcome.
type Counts map[Level]map[Outcome]int

// Total returns the count of an outcome over all levels.
func (c Counts) Total(o Outcome) (n int) {
	for _, byOutcome := range c {
		n += byOutcome[o]
	}
	return n
}

// CaseResult is the result of one case, with its evidence.
type CaseResult struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Area  string `json:"area"`
	Level Level  `json:"level"`
	Newer bool   `json:"newer,omitempty"` // than the run's requirement set: it does not gate
	Since string `json:"since"`
	// Profile is the smallest one that covers the case.
	Profile Profile  `json:"profile,omitempty"`
	Source  Source   `json:"source"`
	Rules   []string `json:"rules,omitempty"` // IDs of the rules that it checks, the most important one first

	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`  // of inapplicable and unverified, and the answer of an observed case
	Message string  `json:"message,omitempty"` // of an error of the suite, in full
	// Witness says what the outcome rests on, if the case was judged.
	Witness Witness `json:"witness,omitempty"`
	// Evidence is the evidence that the rule is broken, the decisive piece first.
	Evidence []Failure `json:"evidence,omitempty"`

	Rerun      string     `json:"rerun,omitempty"` // the command that runs this case alone
	StartedAt  time.Time  `json:"startedAt,omitzero"`
	DurationMs float64    `json:"durationMs"`
	Attempts   int        `json:"attempts,omitempty"` // more than one if the first did not decide
	Trace      wire.Trace `json:"trace,omitempty"`    // of the attempt that counts

	// Example shows the wire when the rule is kept: the same case against the embedded reference. The case that shows a
	// cause best has one, if it could be made.
	Example wire.Trace `json:"example,omitempty"`

	Because *Because  `json:"because,omitempty"` // why the evidence alone does not explain the outcome
	Seen    *Rate     `json:"seen,omitempty"`    // in how many attempts it was bad, if there were several
	History []Attempt `json:"history,omitempty"` // all attempts, if there were several; the one that counts without its trace

	KnownFailure *KnownFailure   `json:"knownFailure,omitempty"` // the entry of the list of known failures that names it
	Rounds       map[Outcome]int `json:"rounds,omitempty"`       // how often each outcome came, if the run repeats its cases: the worst is the outcome
}

// OwedCase is a case that a run must include. Its outcome and reason are those that it has without being run; they are empty
// if it has to be run.
type OwedCase struct {
	CaseResult
	Restarts bool // it needs instances that can be stopped
}

// Departure is a time when a target was gone.
type Departure struct {
	Target   int       `json:"target"`             // its index
	How      string    `json:"how"`                // "target 1 refused all connections for 2 s"
	From     time.Time `json:"from"`               // when it was last seen
	Until    time.Time `json:"until,omitzero"`     // zero if it did not come back
	Suspects []Suspect `json:"suspects,omitempty"` // the cases that were running, the most likely one first
	Alone    bool      `json:"alone,omitempty"`    // only one case was running: it ended the target
	Started  bool      `json:"started,omitempty"`  // the run started the target again
	Error    string    `json:"error,omitempty"`    // why the run could not
}

// Suspect is a case that was running when a target went away.
type Suspect struct {
	Case string `json:"case"`
	// Last is what the case had sent last, in order and shortened. At counts from the beginning of the attempt.
	Last wire.Trace `json:"last,omitempty"`
}

// Because says why an outcome is what it is.
type Because struct {
	Cause   Cause   `json:"cause"`
	Rule    string  `json:"rule,omitempty"`    // what the case takes for granted
	Case    string  `json:"case,omitempty"`    // the case that saw the rule broken
	StoodMs float64 `json:"stoodMs,omitempty"` // how long something stood still
	Status  int     `json:"status,omitempty"`  // of an overload
	Target  int     `json:"target,omitempty"`  // the index of the target that was gone
}

// Rate is how often something was bad.
type Rate struct {
	Bad int `json:"bad"`
	Of  int `json:"of"`
}

// Source is where a rule comes from.
type Source struct {
	Document string `json:"document"`
	Section  string `json:"section"`
	URL      string `json:"url"`
}

// Info is the answer of the conformance application to the command info (CONTRACT.md, section 4).
type Info struct {
	Contract              int               `json:"contract"`
	Instance              string            `json:"instance"`
	Implementation        Implementation    `json:"implementation"`
	Features              []string          `json:"features"`
	Edition               string            `json:"edition,omitempty"`
	ConnectTimeout        float64           `json:"connectTimeout"`        // milliseconds
	ServerSideEmitTimeout float64           `json:"serverSideEmitTimeout"` // milliseconds
	Startup               []json.RawMessage `json:"startup,omitempty"`
}

// Implementation is what a target calls itself.
type Implementation struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Language string `json:"language"`
	Engine   string `json:"engine,omitempty"` // the underlying Engine.IO server and its version, if it is separate
}
