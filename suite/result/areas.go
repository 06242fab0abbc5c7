package result

// Areas lists the areas in the order of the reports.
var Areas = []string{
	"handshake", "polling", "websocket", "heartbeat", "upgrade", "encoding", "connect", "events", "acks",
	"binary", "disconnect", "errors", "headers", "namespaces", "cluster", "robustness", "browser",
}
