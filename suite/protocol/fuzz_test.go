package protocol

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzParseOpen(f *testing.F) {
	for _, seed := range []string{
		`0{"sid":"x","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`,
		`0{}`, `0`, ``, `1{}`, `0null`, `0{"sid":1}`, `0{"sid":"x","pingInterval":1e400,"pingTimeout":-1}`,
		`0{"sid":"x","pingInterval":null,"pingTimeout":null}`, "0{\"sid\":\"\xff\",\"pingInterval\":1,\"pingTimeout\":1}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, packet string) {
		o, err := ParseOpen(packet)
		if (o == nil) != (err != nil) {
			t.Fatalf("%q: %v, %v", packet, o, err)
		}
		if err == nil && (o.SID == "" || o.PingInterval <= 0 || o.PingTimeout <= 0 || o.MaxPayload < 0) {
			t.Fatalf("%q was read as %+v", packet, o)
		}
	})
}

func FuzzParsePacket(f *testing.F) {
	for _, seed := range []string{
		`40`, `40{"sid":"x"}`, `40/custom,{"sid":"x"}`, `42["a",1]`, `42/custom,13["a"]`, `4313[]`, `44/x,{"message":"m"}`,
		`451-["a",{"_placeholder":true,"num":0}]`, `461-/custom,7[{"_placeholder":true,"num":0}]`, `45-[]`, `4599999999-[]`,
		`4`, ``, `47`, `4x`, `2`, `40/custom`, `42{`, "42[\"\x1e\"]", "42[\"\xff\"]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := ParsePacket(raw)
		if p == nil {
			t.Fatal("got no packet")
		}
		_, _ = p.Event()
		_ = p.SID() + p.String()
		if err != nil {
			return
		}
		if !strings.HasSuffix(raw, p.Data) || p.Count < 0 || p.Data != "" && !json.Valid([]byte(p.Data)) {
			t.Fatalf("%q was read as %+v", raw, p)
		}
		if !SamePacket(raw, raw) {
			t.Fatalf("%q is not equal to itself", raw)
		}
	})
}

func FuzzSameJSON(f *testing.F) {
	for _, seed := range [][2]string{
		{`1`, `1.0`}, {`9007199254740993`, `9007199254740992`}, {`{"a":1,"b":2}`, `{"b":2,"a":1}`}, {`1e999999999`, `1e999999999`},
		{`"é"`, `"\u00e9"`}, {`[]`, `{}`}, {`null`, ``}, {`-0`, `0`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if SameJSON(a, b) != SameJSON(b, a) {
			t.Fatalf("comparing %q and %q depends on the order", a, b)
		}
		if v, err := decodeJSON(a); err == nil && !sameValue(v, v) {
			t.Fatalf("%q is not equal to itself", a)
		}
	})
}

func FuzzPayload(f *testing.F) {
	for _, seed := range []string{"", "4a", "4a\x1e4b", "\x1e", "4a\x1ebAQID\x1e", "bA\x1eb=", "b", "b\xff", "4\xc3\x1e\xa9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		packets := ParsePayload(body)
		if len(packets) == 0 || strings.Join(packets, Separator) != body {
			t.Fatalf("%q was split into %q", body, packets)
		}
	})
}
