package suite

import (
	"testing"

	"example.test/conformance/suite/protocol"
)

func FuzzOffsets(f *testing.F) {
	for _, seed := range []string{
		`42["auth",{},"o"]`, `42["message-back",1,"o"]`, `451-["a",{"_placeholder":true,"num":0},"o"]`, `42["o"]`, `427["a","o"]`, `40{"pid":"b"}`,
		`42/a,["auth",{},"o"]`, `42["auth",{}, "o" ] `, `42["\u2028","\"]"]`, `45-["a"]`, `42`, ``, "42[\"\xff\",\"o\"]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if got := (&recovery{}).seen(raw); got != raw {
			t.Fatalf("%q became %q, but the session offers no recovery", raw, got)
		}
		r := &recovery{offered: map[string]bool{"/": true, "/a": true}}
		got := r.seen(raw)
		if got == raw {
			return
		}
		before, _ := protocol.ParsePacket(raw)
		after, err := protocol.ParsePacket(got)
		if err != nil || after.Type != before.Type || after.Count != before.Count || after.Namespace != before.Namespace || after.ID != before.ID {
			t.Fatalf("%q became %q: %v", raw, got, err)
		}
		name, args := before.Event()
		left, rest := after.Event()
		if left != name || len(rest) != len(args)-1 {
			t.Fatalf("%q became %q", raw, got)
		}
	})
}
