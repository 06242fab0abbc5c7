package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// OpenPacket is the content of the packet that answers an Engine.IO handshake.
type OpenPacket struct {
	SID          string
	Upgrades     []string
	PingInterval time.Duration
	PingTimeout  time.Duration
	MaxPayload   int64 // bytes; 0 if the server does not say
	// Fields are the members of the object, as they came.
	Fields map[string]json.RawMessage
}

// ParseOpen reads an open packet: "0" and a JSON object. It requires only what a client needs: a session ID and the two
// times.
func ParseOpen(packet string) (*OpenPacket, error) {
	if len(packet) == 0 || packet[0] != '0' {
		return nil, errors.New("it does not begin with 0, the type of an open packet")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(packet[1:]), &fields); err != nil {
		return nil, errors.New("what follows its type is not a JSON object")
	}
	o := &OpenPacket{Fields: fields}
	if json.Unmarshal(fields["sid"], &o.SID) != nil || o.SID == "" {
		return nil, errors.New("it has no sid")
	}
	if strings.ContainsFunc(o.SID, unicode.IsControl) || strings.ContainsRune(o.SID, utf8.RuneError) {
		return nil, fmt.Errorf("the open packet has a sid with invalid characters: %q", Clip(o.SID, 80))
	}
	_ = json.Unmarshal(fields["upgrades"], &o.Upgrades)
	for name, to := range map[string]*time.Duration{"pingInterval": &o.PingInterval, "pingTimeout": &o.PingTimeout} {
		var ms float64
		if json.Unmarshal(fields[name], &ms) != nil || bytes.Equal(fields[name], []byte("null")) || ms <= 0 || ms > math.MaxInt32 {
			return nil, fmt.Errorf("it has no usable %s", name)
		}
		*to = time.Duration(ms * float64(time.Millisecond))
	}
	var limit float64
	if json.Unmarshal(fields["maxPayload"], &limit) == nil && limit > 0 && limit < math.MaxInt64 {
		o.MaxPayload = int64(limit)
	}
	return o, nil
}
