package suite

import "example.test/conformance/suite/result"

// The results of a run are in the package result. Its names are used here so often that they have aliases.
type (
	Level          = result.Level
	Outcome        = result.Outcome
	Verdict        = result.Verdict
	Profile        = result.Profile
	Edition        = result.Edition
	Results        = result.Results
	SuiteBuild     = result.SuiteBuild
	TargetResult   = result.TargetResult
	Counts         = result.Counts
	CaseResult     = result.CaseResult
	Source         = result.Source
	Info           = result.Info
	Implementation = result.Implementation
	KnownFailure   = result.KnownFailure
)

// The levels of cases.
const (
	Required    = result.Required
	Recommended = result.Recommended
	Observed    = result.Observed
)

// The outcomes of cases.
const (
	Passed       = result.Passed
	Failed       = result.Failed
	Warned       = result.Warned
	Noted        = result.Noted
	Unstable     = result.Unstable
	Known        = result.Known
	Stale        = result.Stale
	Inapplicable = result.Inapplicable
	Unverified   = result.Unverified
	Errored      = result.Errored
)

// The verdicts of runs.
const (
	Conformant    = result.Conformant
	NotConformant = result.NotConformant
	Excused       = result.Excused
	Partial       = result.Partial
	Unreachable   = result.Unreachable
	Broken        = result.Broken
	Incomplete    = result.Incomplete
	Interrupted   = result.Interrupted
)

// The profiles.
const (
	ProfileWire     = result.ProfileWire
	ProfileProtocol = result.ProfileProtocol
	Profile410      = result.Profile410
	ProfileCluster  = result.ProfileCluster
	ProfileBrowser  = result.ProfileBrowser
)

// The latest edition, and the format of the results.
const (
	Latest = result.Latest
	Schema = result.Schema
)

// All levels, outcomes, profiles, editions, areas and features of the contract, in the order of the reports.
var (
	Areas    = result.Areas
	Features = result.Features
	Levels   = result.Levels
	Outcomes = result.Outcomes
	Profiles = result.Profiles
	Editions = result.Editions
)

// ParseEdition reads "4.6", "4.6.2" or "v4.6".
func ParseEdition(s string) (Edition, bool) { return result.ParseEdition(s) }
