package cases

import (
	"encoding/json"
	"fmt"
	"strings"
)

// valueGroup is a group of values that servers get wrong for the same reason. Every echo, every acknowledgement and every
// answer of a client carries them.
type valueGroup struct {
	slug, title string
	deep        bool // deeper than some libraries can read
	binary      bool // with attachments
	// values returns the values that fit: it leaves out those for whose size fits returns false.
	values func(fits func(bytes int) bool) []data
}

var valueGroups = []valueGroup{
	{slug: "keys", title: "objects with keys that are numbers, empty, reserved words or names of object members", values: listed(keyValues...)},
	{slug: "dates", title: "strings with dates, with and without fractions of a second, unchanged", values: listed(dateValues...)},
	{slug: "numbers", title: "numbers at the limits of 32 and 53 bits, with exponents, and the smallest and largest", values: listed(numberValues...)},
	{slug: "text", title: "text with NUL, line separators, byte order marks and characters of every plane, in strings and in keys", values: func(func(int) bool) []data { return textValues() }},
	{slug: "nested", title: "values of every type within values of every other", values: func(func(int) bool) []data { return nestedValues() }},
	{slug: "depth", title: "arrays and objects that are 64 and 100 levels deep", deep: true, values: func(func(int) bool) []data { return deepValues(62, 64, 66, 100) }},
	{slug: "sizes", title: "strings that bring a packet's size to the limit of a buffer", values: sizedValues},
	{slug: "attachments", title: "empty attachments, those at the limits of a frame's lengths and of 64 KiB, and equal ones", binary: true, values: attachmentValues},
}

var keyValues = []string{
	`{"0":"a","1":"b"}`, `{"0":"a"}`, `{"0":1,"1":2,"length":2}`, `{"1":1,"0":0,"-1":2,"01":3,"1e3":4}`, `[{"0":{"0":[]}}]`,
	`{"":1}`, `{"":{"":[]}}`, `{" ":1,"\t":2,"a b":3}`, `{"A":1,"a":2}`, `{"a.b":1,"$set":2,"a[0]":3,"\"":4,"\\":5,"/":6,"%41":7}`,
	`{"__proto__":{"x":1}}`, `{"__proto__":null,"constructor":{"prototype":{"y":1}},"toString":1,"hasOwnProperty":false,"valueOf":null}`,
	`{"class":1,"null":2,"true":3,"function":4,"default":5,"None":6,"self":7,"nil":8,"end":9,"new":10,"this":11,"enum":12,"NaN":13}`,
	`{"type":2,"nsp":"/","data":["message"],"id":1,"attachments":1}`, `{"_placeholder":false,"num":0}`, `{"num":0}`, `{"then":1,"toJSON":2,"length":3}`,
}

var dateValues = []string{
	`"2021-05-11T00:00:00Z"`, `"2021-05-11T00:00:00.000Z"`, `"2021-05-11T12:34:56.7Z"`, `"2021-05-11T12:34:56.789Z"`, `"2021-05-11T12:34:56.123456789Z"`,
	`"2021-05-11T00:00:00+02:00"`, `"2021-05-11T00:00:00.250-08:00"`, `"2021-05-11T00:00:00"`, `"2021-05-11"`, `"20210511T000000Z"`, `"12:34:56"`,
	`"/Date(1620684000000)/"`, `"Tue, 11 May 2021 00:00:00 GMT"`, `"0001-01-01T00:00:00"`, `{"at":"2021-05-11T00:00:00.000Z","list":["2021-05-11T00:00:00.5Z"]}`,
}

var numberValues = []string{
	`2147483647`, `2147483648`, `-2147483648`, `-2147483649`, `4294967295`, `4294967296`, `9007199254740991`, `9007199254740992`, `-9007199254740992`,
	`0`, `-0`, `-1`, `1.0`, `0.1`, `1E+2`, `1e-7`, `1e20`, `1e21`, `100000000000000000000`, `5e-324`, `2.2250738585072014e-308`, `1.7976931348623157e308`,
	`[255,256,-128,-129,32767,32768,65535,65536]`,
}

// textValues returns strings, both plain and escaped, and keys with the same text.
func textValues() (all []data) {
	texts := []string{
		"\x00", "a\x00b", "\x1e", "a\x1eb", "\x7f", "\u0085", "\u2028", "a\u2029b", "\ufeff", "\ufeffa", "a\ufeff", "\u200b\u200d", "\u202eabc",
		"e\u0301", "\u212b", "ﬁ", "İıſ", "\ue000", "\ufffd", "\ufffe\uffff", "\r\n", "\r", "\u00a0 a ", "it's '' 'quoted'", "'); --", "$1 ${x} {{x}} %s %d", "👩‍👩‍👧‍👦🇪🇺",
	}
	for plane := range rune(17) {
		texts = append(texts, "a"+string(plane<<16+0x1234)+"b")
	}
	for _, text := range texts {
		written, _ := json.Marshal(text)
		// encoding/json escapes the line separators, but JSON allows them unescaped.
		plain := strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(string(written))
		all = append(all, data{json: `[` + plain + `,` + escaped(text) + `,{` + plain + `:1}]`})
	}
	return all
}

// escaped encodes text as JSON with an escape for each UTF-16 code unit.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r > 0xffff {
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
			continue
		}
		fmt.Fprintf(&b, `\u%04X`, r)
	}
	return `"` + b.String() + `"`
}

func nestedValues() (all []data) {
	shapes := []string{`{"k":%s}`, `[%s]`, `[[%s]]`, `[%[1]s,%[1]s,{"k":{"k":%[1]s}},{"k":[%[1]s]},[{"k":%[1]s}],[[%[1]s]],{"a":%[1]s,"b":[%[1]s,{"c":%[1]s}]}]`}
	for _, kind := range []string{`{}`, `[]`, `""`, `"s"`, `0`, `1.5`, `true`, `false`, `null`} {
		for _, shape := range shapes {
			all = append(all, data{json: fmt.Sprintf(shape, kind)})
		}
	}
	return all
}

func deepValues(depths ...int) (all []data) {
	for _, depth := range depths {
		all = append(all,
			data{json: strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth)},
			data{json: strings.Repeat(`{"k":`, depth) + `1` + strings.Repeat(`}`, depth)},
			data{json: strings.Repeat(`[{"k":`, depth/2) + `"in"` + strings.Repeat(`}]`, depth/2)})
	}
	return all
}

// sized returns a string that makes the event message a packet of that many bytes.
func sized(bytes int) data {
	const head = len(`42["message",""]`)
	text := strings.Repeat("x", bytes%2) + strings.Repeat("é", bytes) // two bytes each, so that some are at a limit
	return data{json: `"` + text[:(bytes-head)/2*2+(bytes%2)] + `"`}
}

// sizedValues returns values for packet sizes at the limits, for received packets and for sent ones, whose event name is
// five letters longer.
func sizedValues(fits func(int) bool) (all []data) {
	for _, bytes := range []int{
		120, 121, 122, 125, 126, 127, 1024, 4096, 8192, 16384, 65531, 65536,
	} {
		if fits(bytes) {
			all = append(all, sized(bytes))
		}
	}
	return all
}

func attachmentValues(fits func(int) bool) (all []data) {
	for _, bytes := range []int{0, 1, 2, 3, 125, 126, 127, 256, 65535, 65536} {
		if fits(bytes*4/3 + 100) {
			all = append(all, data{placeholder(0), []string{strings.Repeat(every, bytes/256+1)[:bytes]}})
		}
	}
	for first := 0; first < 64; first += 8 { // each base64 letter at the beginning
		var placeholders, contents []string
		for i := range 8 {
			placeholders, contents = append(placeholders, placeholder(i)), append(contents, string([]byte{byte(first+i) << 2, 1}))
		}
		all = append(all, data{`[` + strings.Join(placeholders, ",") + `]`, contents})
	}
	pair := `[` + placeholder(0) + `,` + placeholder(1) + `]`
	return append(all,
		data{pair, []string{"\x00same", "\x00same"}}, data{pair, []string{"", ""}}, data{pair, []string{"", "behind it"}},
		data{`[` + placeholder(0) + `,null,"",{"k":` + placeholder(1) + `}]`, []string{"\xff", "\xff"}})
}

// listed returns values that always fit.
func listed(values ...string) func(func(int) bool) []data {
	return func(func(int) bool) (all []data) {
		for _, value := range values {
			all = append(all, data{json: value})
		}
		return all
	}
}
