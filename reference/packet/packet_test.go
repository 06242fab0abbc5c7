package packet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"example.test/conformance/reference/packet"
)

// decode decodes one text and its attachments. It fails unless the last message, and no earlier one, completes a packet.
func decode(t *testing.T, text string, attachments ...[]byte) *packet.Packet {
	t.Helper()
	var decoder packet.Decoder
	p, err := decoder.Text([]byte(text))
	for i, attachment := range attachments {
		if err != nil || p != nil {
			t.Fatalf("%s: packet %v, error %v before attachment %d", text, p, err, i)
		}
		p, err = decoder.Binary(attachment)
	}
	if err != nil || p == nil {
		t.Fatalf("%s: packet %v, error %v", text, p, err)
	}
	return p
}

func TestTextSurvivesARoundTrip(t *testing.T) {
	for _, text := range []string{
		`0`, `0{"sid":"x"}`, `0/custom,`, `0/custom,{"token":"123"}`, `1`, `1/custom,`,
		`2["message",1,-1.5,"2",true,null,{"3":[true]},[]]`,
		`2/custom,["é€😀",{"ключ":"値"}]`,
		`20["a"]`, `2/custom,9007199254740991["a"]`, `218446744073709551615["a"]`,
		`312[]`, `3/custom,13["bar"]`,
		`4/random,{"message":"Invalid namespace"}`,
		`2["message",1e400,0.10,12345678901234567890123,-0]`,
		`2["message",{"b":1,"a":2,"b":3,"__proto__":{"x":1}}]`,
		`2["message",{"_placeholder":true,"num":0}]`,
		`2["message","\ud800","a,b]}[{\"\\"]`,
		`2[5,"numeric name"]`, `2["",1]`,
	} {
		got, attachments := packet.Encode(decode(t, text))
		if string(got) != text || len(attachments) > 0 {
			t.Errorf("%s came back as %s with %d attachments", text, got, len(attachments))
		}
	}
}

func TestNormalForms(t *testing.T) {
	for text, want := range map[string]string{
		`0/custom`: `0/custom,`, `0/,`: `0`, `1/custom`: `1/custom,`, `2007["a"]`: `27["a"]`,
		"2[ \"a\" , { \"b\" :\n1 } ]": `2["a",{"b":1}]`, "2[\"\xff\"]": "2[\"\uFFFD\"]",
	} {
		if got, _ := packet.Encode(decode(t, text)); string(got) != want {
			t.Errorf("%s came back as %s, want %s", text, got, want)
		}
	}
}

func TestAttachments(t *testing.T) {
	one, two := []byte{1}, []byte{2, 3}
	for _, c := range []struct {
		text string
		in   [][]byte
		want string
		out  [][]byte
	}{
		{`51-["m",{"_placeholder":true,"num":0}]`, [][]byte{one}, `51-["m",{"_placeholder":true,"num":0}]`, [][]byte{one}},
		{`52-["m",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`, [][]byte{one, two},
			`52-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, [][]byte{two, one}},
		{`51-/custom,7["m",{"a":[{"b":{"num":0,"_placeholder":true}},1]},2]`, [][]byte{one},
			`51-/custom,7["m",{"a":[{"b":{"_placeholder":true,"num":0}},1]},2]`, [][]byte{one}},
		{`61-3[{"_placeholder":true,"num":0.0}]`, [][]byte{{}}, `61-3[{"_placeholder":true,"num":0}]`, [][]byte{{}}},
		{`51-["m",{"\u005fplaceholder":true,"num":0},{"_placeholder":false,"num":9}]`, [][]byte{one},
			`51-["m",{"_placeholder":true,"num":0},{"_placeholder":false,"num":9}]`, [][]byte{one}},
		{`51-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`, [][]byte{one},
			`52-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, [][]byte{one, one}},
		{`52-["m",1]`, [][]byte{one, two}, `2["m",1]`, nil},
	} {
		p := decode(t, c.text, c.in...)
		if p.Type == packet.BinaryEvent && !p.Binary() {
			p.Type = packet.Event
		}
		got, attachments := packet.Encode(p)
		if string(got) != c.want || fmt.Sprint(attachments) != fmt.Sprint(c.out) {
			t.Errorf("%s came back as %s %v, want %s %v", c.text, got, attachments, c.want, c.out)
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]error{
		``: packet.ErrType, `7`: packet.ErrType, `abc`: packet.ErrType,
		`0[1]`: packet.ErrPayload, `0"x"`: packet.ErrPayload, `0null`: packet.ErrPayload, `0{bad`: packet.ErrPayload, `0,`: packet.ErrPayload, `0x,`: packet.ErrPayload,
		`1{"a":1}`: packet.ErrPayload,
		`2`:        packet.ErrPayload, `2/custom,`: packet.ErrPayload, `2[]`: packet.ErrPayload, `2{}`: packet.ErrPayload, `2"x"`: packet.ErrPayload, `21`: packet.ErrPayload, `2null`: packet.ErrPayload,
		`2["a"`: packet.ErrPayload, `2["a"]]`: packet.ErrPayload, `2[{}]`: packet.ErrPayload, `2[null]`: packet.ErrPayload, `2[[]]`: packet.ErrPayload, `2[true]`: packet.ErrPayload,
		`2abc["a"]`: packet.ErrPayload, `2-1["a"]`: packet.ErrPayload, `21.5["a"]`: packet.ErrPayload, `218446744073709551616["a"]`: packet.ErrID,
		`2["connect"]`: packet.ErrPayload, `2["connect_error"]`: packet.ErrPayload, `2["disconnect"]`: packet.ErrPayload, `2["disconnecting"]`: packet.ErrPayload, `2["newListener"]`: packet.ErrPayload, `2["removeListener"]`: packet.ErrPayload,
		`31`: packet.ErrPayload, `31{}`: packet.ErrPayload, `4`: packet.ErrPayload,
		`5["x"]`: packet.ErrAttachment, `5-["x"]`: packet.ErrAttachment, `5abc-["x"]`: packet.ErrAttachment, `51.5-["x"]`: packet.ErrAttachment, `5-1-["x"]`: packet.ErrAttachment,
		`50-["x"]`: packet.ErrAttachment, `511-["x"]`: packet.ErrTooMany, `59999999999-["x"]`: packet.ErrAttachment,
	} {
		var decoder packet.Decoder
		if p, err := decoder.Text([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%s: packet %v, error %v, want %v", text, p, err, want)
		}
	}
	for _, num := range []string{`1`, `-1`, `"0"`, `0.5`, `null`} {
		var decoder packet.Decoder
		decoder.Text([]byte(`51-["x",{"_placeholder":true,"num":` + num + `}]`))
		if p, err := decoder.Binary(nil); !errors.Is(err, packet.ErrAttachment) {
			t.Errorf("num %s: packet %v, error %v", num, p, err)
		}
	}
}

func TestTurns(t *testing.T) {
	var decoder packet.Decoder
	if _, err := decoder.Binary([]byte{1}); !errors.Is(err, packet.ErrBinary) {
		t.Errorf("binary first: %v", err)
	}
	decoder.Text([]byte(`51-["x",{"_placeholder":true,"num":0}]`))
	if _, err := decoder.Text([]byte(`2["y"]`)); !errors.Is(err, packet.ErrText) {
		t.Errorf("text while an attachment is awaited: %v", err)
	}
}

func TestTenAttachmentsAreAccepted(t *testing.T) {
	var args []string
	var attachments [][]byte
	for i := range packet.MaxAttachments {
		args = append(args, fmt.Sprintf(`{"_placeholder":true,"num":%d}`, i))
		attachments = append(attachments, []byte{byte(i)})
	}
	p := decode(t, `510-["x",`+strings.Join(args, ",")+`]`, attachments...)
	if len(p.Data) != 11 || !bytes.Equal(p.Data[10].Attachments()[0], []byte{9}) {
		t.Errorf("got %v", p.Data)
	}
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
		n    int
	}{
		{"<a&b>", `"<a&b>"`, 0}, {nil, `null`, 0}, {json.Number("1.50"), `1.50`, 0},
		{map[string]any{"b": []byte{1}, "a": []any{1, []byte{2}}}, `{"a":[1,"Ag=="],"b":"AQ=="}`, 2},
		{[]byte{255}, `"/w=="`, 1}, {json.RawMessage(`{ "a":1 }`), `{"a":1}`, 0}, {packet.Value{}, `null`, 0},
	} {
		value, err := packet.Of(c.in)
		text, _ := value.MarshalJSON()
		if err != nil || string(text) != c.want || len(value.Attachments()) != c.n {
			t.Errorf("%v: %s with %d attachments, error %v", c.in, text, len(value.Attachments()), err)
		}
	}
	if _, err := packet.Of(func() {}); err == nil {
		t.Error("a function was encoded")
	}
	var data []byte
	if err := packet.Attachment([]byte{7}).Decode(&data); err != nil || !bytes.Equal(data, []byte{7}) {
		t.Errorf("decoded %v, error %v", data, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`0`, `51-/a,1["x",{"_placeholder":true,"num":0}]`, `2["a",{"b":[1]}]`, `3/x,9[]`} {
		f.Add([]byte(seed), []byte{1})
	}
	f.Fuzz(func(t *testing.T, text, attachment []byte) {
		var decoder packet.Decoder
		p, err := decoder.Text(text)
		if p == nil && err == nil {
			p, _ = decoder.Binary(attachment)
		}
		if p == nil {
			return
		}
		if p.Type >= packet.BinaryEvent && !p.Binary() {
			return
		}
		first, attachments := packet.Encode(p)
		var again packet.Decoder
		q, err := again.Text(first)
		for _, a := range attachments {
			q, err = again.Binary(a)
		}
		if q == nil {
			if len(attachments) > packet.MaxAttachments {
				return
			}
			t.Fatalf("%q became %q, which is refused: %v", text, first, err)
		}
		if second, _ := packet.Encode(q); !bytes.Equal(first, second) {
			t.Fatalf("%q, then %q", first, second)
		}
	})
}

func TestMembers(t *testing.T) {
	value, err := packet.Of(json.RawMessage(`{ "a\"b" : [1,{"x":2}], "é": "\\", "c\\": {}, "a\"b": [3] , "d": {"e":"}\"{,"} }`))
	if err != nil {
		t.Fatal(err)
	}
	members, err := value.Members()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for key, member := range members {
		got[key] = member.String()
	}
	want := map[string]string{`a"b`: `[3]`, `é`: `"\\"`, `c\`: `{}`, "d": `{"e":"}\"{,"}`}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	with, _ := packet.Of(map[string]any{"a": []any{1, []byte{2}}, "b": []byte{3}})
	if members, err = with.Members(); err != nil || !bytes.Equal(members["a"].Attachments()[0], []byte{2}) || !bytes.Equal(members["b"].Attachments()[0], []byte{3}) {
		t.Errorf("%v, error %v", members, err)
	}
	for _, text := range []string{`[]`, `1`, `"{}"`, `null`} {
		if _, err := packet.Raw([]byte(text)).Members(); err == nil {
			t.Errorf("%s has members", text)
		}
	}
	if none, err := packet.Raw([]byte(`{}`)).Members(); err != nil || len(none) > 0 {
		t.Errorf("{}: %v, error %v", none, err)
	}
}

func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b\\":{"c":"\"}"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]json.RawMessage
		err := json.Unmarshal(text, &want)
		value, problem := packet.Of(json.RawMessage(text))
		if err != nil || problem != nil || want == nil {
			return
		}
		members, err := value.Members()
		if err != nil || len(members) != len(want) {
			t.Fatalf("%q: %v, error %v", text, members, err)
		}
		for key, one := range want {
			var compact bytes.Buffer
			if json.Compact(&compact, one); members[key].String() != compact.String() {
				t.Errorf("%q: %s, not %s", key, members[key], compact.String())
			}
		}
	})
}
