package suite

// IDs of the cases whose rules other cases take for granted. Where one of these fails, the cases
// that stumble over the same step are unverified, not failed.
const (
	OpensOverPolling   = "handshake/polling-open-packet"
	OpensOverWebSocket = "handshake/websocket-open-packet"
	Upgrades           = "upgrade/probe-then-upgrade"
	ConnectsToMain     = "connect/main-namespace"
	ConnectsToCustom   = "connect/custom-namespace"
	ControlAnswers     = "connect/control-namespace"
	DeliversToOthers   = "cluster/delivers-to-the-other-instance"
)

// Prerequisites are those cases. They land before all others start.
var Prerequisites = []string{
	OpensOverPolling, OpensOverWebSocket, Upgrades, ConnectsToMain, ConnectsToCustom, ControlAnswers, DeliversToOthers,
}
