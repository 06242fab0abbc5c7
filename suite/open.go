package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// OpenPacket is the content of the packet that answers an Engine.IO handshake.
type OpenPacket struct {
	SID          string
	Upgrades     []string
	PingInterval time.Duration
	PingTimeout  time.Duration
	MaxPayload   int64 // bytes; 0 where the server does not say
	// Fields as they came.
	Fields map[string]json.RawMessage
}

// ParseOpen reads an open packet: "0" and a JSON object. It asks only for what a client cannot do
// without: a session ID and the two times.
func ParseOpen(packet string) (*OpenPacket, error) {
	if len(packet) == 0 || packet[0] != '0' {
		return nil, fmt.Errorf("%q does not begin with 0, the type of an open packet", clip(packet, 80))
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(packet[1:]), &fields); err != nil {
		return nil, fmt.Errorf("what follows the type is no JSON object: %w", err)
	}
	o := &OpenPacket{Fields: fields}
	if json.Unmarshal(fields["sid"], &o.SID) != nil || o.SID == "" {
		return nil, errors.New("the open packet has no sid")
	}
	_ = json.Unmarshal(fields["upgrades"], &o.Upgrades)
	for name, to := range map[string]*time.Duration{"pingInterval": &o.PingInterval, "pingTimeout": &o.PingTimeout} {
		var ms float64
		if json.Unmarshal(fields[name], &ms) != nil || bytes.Equal(fields[name], []byte("null")) || ms <= 0 || ms > math.MaxInt32 {
			return nil, fmt.Errorf("the open packet has no usable %s", name)
		}
		*to = time.Duration(ms * float64(time.Millisecond))
	}
	var limit float64
	if json.Unmarshal(fields["maxPayload"], &limit) == nil && limit > 0 && limit < math.MaxInt64 {
		o.MaxPayload = int64(limit)
	}
	return o, nil
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
