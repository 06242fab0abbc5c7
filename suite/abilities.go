package suite

import (
	"fmt"
	"slices"
)

// Abilities of a server other than the features of the contract, by the names that --without takes. A Socket.IO server may
// offer them or not: that is its operator's choice.
const (
	PollingTransport   = "polling"
	WebSocketTransport = "websocket"
	UpgradeAbility     = "upgrade" // from polling to WebSocket
	CORSAbility        = "cors"    // for pages of other origins
)

// Abilities that a run may leave out by name.
var Abilities = []string{PollingTransport, WebSocketTransport, UpgradeAbility, CORSAbility}

// Removable returns the names that a run may leave out: features of the contract, and abilities.
func Removable() []string { return append(slices.Clone(Features), Abilities...) }

// leavesOut says why the run skips a feature or an ability. It is empty if the run does not skip it.
func (env *Environment) leavesOut(name string) string { return LeavesOut(env.Without, name) }

// LeavesOut says why a run skips a feature or an ability, given the names that it leaves out. It is empty if the run does
// not skip it.
func LeavesOut(without []string, name string) string {
	if !slices.Contains(without, name) {
		return ""
	}
	return fmt.Sprintf("the run leaves out %s (%s)", name, FlagWithout(name))
}

// FlagWithout returns the flag that leaves a feature or an ability out.
func FlagWithout(name string) string {
	switch name {
	case PollingTransport:
		return "--transports websocket"
	case WebSocketTransport:
		return "--transports polling"
	}
	return "--without " + name
}
