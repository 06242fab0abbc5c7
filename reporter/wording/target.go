package wording

import (
	"strings"

	"example.test/conformance/suite/result"
)

// Implementation names what runs at a target, in a harmless line: "socket.io 4.8.4 on uws (JavaScript)".
func Implementation(info *result.Info) string {
	text := VisibleLine(Clip(strings.TrimSpace(info.Implementation.Name+" "+info.Implementation.Version), 160))
	if engine := info.Implementation.Engine; engine != "" {
		text += " on " + VisibleLine(Clip(engine, 80))
	}
	if info.Implementation.Language != "" {
		text += " (" + VisibleLine(Clip(info.Implementation.Language, 80)) + ")"
	}
	return text
}

// RoundTrips says how long an exchange with a target takes at least. It is empty if that was not measured.
func RoundTrips(t result.TargetResult) string {
	if t.RoundTrip == nil {
		return ""
	}
	var parts []string
	if ms := t.RoundTrip.PollingMs; ms > 0 {
		parts = append(parts, Milliseconds(ms)+" over polling")
	}
	if ms := t.RoundTrip.WebSocketMs; ms > 0 {
		parts = append(parts, Milliseconds(ms)+" over WebSocket")
	}
	return strings.Join(parts, ", ")
}
