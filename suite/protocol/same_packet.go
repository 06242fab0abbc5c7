package protocol

import (
	"encoding/json"
	"slices"
	"strings"
)

// SamePacket reports whether two packets have the same head, to the character, and JSON of the same value behind it.
func SamePacket(got, want string) bool {
	g, gotErr := ParsePacket(got)
	w, wantErr := ParsePacket(want)
	if gotErr != nil || wantErr != nil { // a packet of Engine.IO is what it is
		return wantErr != nil && got == want
	}
	if strings.TrimSuffix(got, g.Data) != strings.TrimSuffix(want, w.Data) {
		return false
	}
	return g.Data == w.Data || g.Data != "" && w.Data != "" && sameData(g, w)
}

// membersOf names, for the packets whose data is an object, the members that the protocol has. Others may be there: the
// document shows these objects and forbids no further members.
var membersOf = map[byte][]string{
	Connect:      {"sid", "pid"},
	ConnectError: {"message", "data"},
}

// sameData compares the JSON of two packets of one type by its value.
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
