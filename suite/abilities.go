package suite

import (
	"fmt"
	"slices"
)

// Abilities of a server beside the features of the contract, by the names that --without takes. A server of Socket.IO may
// offer them or not: that is its operator's choice.
const (
	PollingTransport   = "polling"
	WebSocketTransport = "websocket"
	UpgradeAbility     = "upgrade" // from polling to WebSocket
	CORSAbility        = "cors"    // pages of other origins
)

// Abilities that a run may leave out by name.
var Abilities = []string{PollingTransport, WebSocketTransport, UpgradeAbility, CORSAbility}

// Removable are the names that a run may leave out: features of the contract, and abilities.
func Removable() []string { return append(slices.Clone(Features), Abilities...) }

// leavesOut says why cases do not look at a feature or an ability; empty where they do.
func (env *Environment) leavesOut(name string) string { return LeavesOut(env.Without, name) }

// LeavesOut says why a run does not ask for a feature or an ability, by the names that it leaves out; empty where it does.
func LeavesOut(without []string, name string) string {
	if !slices.Contains(without, name) {
		return ""
	}
	return fmt.Sprintf("the run leaves out %s (%s)", name, FlagWithout(name))
}

// FlagWithout is the flag that leaves a feature or an ability out.
func FlagWithout(name string) string {
	switch name {
	case PollingTransport:
		return "--transports websocket"
	case WebSocketTransport:
		return "--transports polling"
	}
	return "--without " + name
}
