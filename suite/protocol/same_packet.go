package protocol

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// SamePacket reports whether two packets have exactly the same head, and JSON of the same value after it.
func SamePacket(got, want string) bool {
	g, w, same := sameHead(got, want)
	if g == nil { // Engine.IO packets are compared verbatim
		return same
	}
	return same && (g.Data == w.Data || g.Data != "" && w.Data != "" && sameData(g, w))
}

// sameHead reports whether two Socket.IO packets have the same head, and returns them. Where one of the texts is no such packet,
// it returns none, and reports whether they are the same text and neither is one.
func sameHead(got, want string) (g, w *Packet, same bool) {
	g, gotErr := ParsePacket(got)
	w, wantErr := ParsePacket(want)
	if gotErr != nil || wantErr != nil {
		return nil, nil, wantErr != nil && got == want
	}
	return g, w, strings.TrimSuffix(got, g.Data) == strings.TrimSuffix(want, w.Data)
}

// SameMessage reports whether two packets and their attachments mean the same: the attachments may come in any order, since
// each placeholder has the number of its own.
func SameMessage(got string, gotAttachments []string, want string, wantAttachments []string) bool {
	if SamePacket(got, want) && slices.Equal(gotAttachments, wantAttachments) {
		return true
	}
	if len(gotAttachments) != len(wantAttachments) || len(gotAttachments) < 2 {
		return false
	}
	g, w, same := sameHead(got, want)
	if g == nil || !same {
		return false
	}
	x, errX := decodeJSON(g.Data)
	y, errY := decodeJSON(w.Data)
	return errX == nil && errY == nil && sameValue(attached(x, gotAttachments), attached(y, wantAttachments))
}

// attached puts the attachments in the place of their placeholders.
func attached(v any, attachments []string) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = attached(v[i], attachments)
		}
	case map[string]any:
		if n, is := placeholder(v); is && n < len(attachments) {
			return map[string]any{"_placeholder": true, "attachment": attachments[n]}
		}
		for key := range v {
			v[key] = attached(v[key], attachments)
		}
	}
	return v
}

// placeholder returns the number of a placeholder.
func placeholder(v map[string]any) (n int, is bool) {
	number, isNumber := v["num"].(json.Number)
	if v["_placeholder"] != true || !isNumber || len(v) != 2 {
		return 0, false
	}
	n, err := strconv.Atoi(wholeNumber(string(number)))
	return n, err == nil && n >= 0
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
