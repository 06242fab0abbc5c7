package result

// Areas in the order in which reports list them.
var Areas = []string{
	"handshake", "polling", "websocket", "heartbeat", "upgrade", "encoding", "connect", "events", "acks",
	"binary", "disconnect", "errors", "headers", "namespaces", "cluster", "robustness", "browser",
}
