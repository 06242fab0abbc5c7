package protocol

import (
	"encoding/json"
	"slices"
	"strings"
)

// SamePacket reports whether two packets have exactly the same head, and JSON of the same value after it.
func SamePacket(got, want string) bool {
	g, gotErr := ParsePacket(got)
	w, wantErr := ParsePacket(want)
	if gotErr != nil || wantErr != nil { // Engine.IO packets are compared verbatim
		return wantErr != nil && got == want
	}
	if strings.TrimSuffix(got, g.Data) != strings.TrimSuffix(want, w.Data) {
		return false
	}
	return g.Data == w.Data || g.Data != "" && w.Data != "" && sameData(g, w)
}

// membersOf names, for the packets whose data is an object, the members that the protocol defines. Other members are
// allowed: the document shows these objects and does not forbid more.
var membersOf = map[byte][]string{
	Connect:      {"sid", "pid"},
	ConnectError: {"message", "data"},
}

// sameData compares the JSON of two packets of the same type by value.
func sameData(got, want *Packet) bool {
	if SameJSON(got.Data, want.Data) {
		return true
	}
	known, open := membersOf[got.Type]
	var members, wanted map[string]json.RawMessage
	if !open || json.Unmarshal([]byte(got.Data), &members) != nil || json.Unmarshal([]byte(want.Data), &wanted) != nil {
		return false
	}
	for name := range members {
		if _, asked := wanted[name]; !asked && !slices.Contains(known, name) {
			delete(members, name)
		}
	}
	rest, err := json.Marshal(members)
	return err == nil && SameJSON(string(rest), want.Data)
}
