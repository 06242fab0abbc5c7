package suite

import "slices"

// IDs of the rules that steps of cases take for granted, as the argument of [T.Given]. One case for each of them shows
// whether it is kept ([Case.Shows]).
const (
	OpensOverPolling   = "engine.io/61"
	OpensOverWebSocket = "engine.io/62"
	Upgrades           = "engine.io/91"
	ConnectsToMain     = "socket.io/127"
	ConnectsToCustom   = "socket.io/130"
	ControlAnswers     = "contract/21"
	DeliversToOthers   = "announcement/29"
)

// Granted lists those rules.
var Granted = []string{
	OpensOverPolling, OpensOverWebSocket, Upgrades, ConnectsToMain, ConnectsToCustom, ControlAnswers, DeliversToOthers,
}

// Prerequisites returns the IDs of the registered cases that check a rule which others take for granted. They end before all
// others start.
func Prerequisites() (ids []string) {
	for _, c := range Cases() {
		if c.Shows != "" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// checks reports whether the case checks the rule with that ID.
func (c *Case) checks(rule string) bool {
	return slices.ContainsFunc(c.Rules, func(r *Rule) bool { return r.ID == rule })
}
