package suite_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// said holds the words for a mismatch, for each matcher that the cases use.
var said = map[string][]struct {
	actual  any
	matcher types.GomegaMatcher
	words   string
}{
	"And": {
		{503, And(BeNumerically(">=", 400), BeNumerically("<", 500)), `expected it to be at least 400 and less than 500, got 503`},
		{[]string(nil), And(Not(BeNil()), BeEmpty()), `expected it to be there and empty, got nothing`},
	},
	"BeAssignableToTypeOf": {{7.0, BeAssignableToTypeOf(""), `expected it to be a string, got 7`}},
	"BeElementOf":          {{"3", BeElementOf("6", "1", "2"), `expected it to be "6", "1" or "2", got "3"`}},
	"BeEmpty": {
		{"boom", BeEmpty(), `expected it to be empty, got "boom"`},
		{"", Not(BeEmpty()), `expected it not to be empty, got an empty text`},
		{[]suite.Entry{{Raw: `{"seq":1}`}}, BeEmpty(), `expected it to be empty, got [{"seq":1}]`},
		{[]suite.Message{{Data: `42["a"]`}, {Data: "\x01", Binary: true}}, BeEmpty(), `expected it to be empty, got [42["a"], the bytes 01]`},
	},
	"BeFalse": {{true, BeFalse(), `expected it to be false, got true`}},
	"BeNil": {
		{new("timeout"), BeNil(), `expected it to be absent, got "timeout"`},
		{(*suite.WebSocket)(nil), Not(BeNil()), `expected it to be there, got nothing`},
		{&suite.WebSocket{}, BeNil(), `expected it to be absent, but it was still open`},
	},
	"BeNumerically": {
		{158400 * time.Microsecond, BeNumerically(">=", 270*time.Millisecond), `expected it to be at least 270 ms, got 158 ms`},
		{503, BeNumerically("<=", 3), `expected it to be at most 3, got 503`},
	},
	"BeTrue":           {{false, BeTrue(), `expected it to be true, got false`}},
	"BeZero":           {{2, BeZero(), `expected it to be zero, got 2`}},
	"ConsistOf":        {{[]string{`42["b"]`}, ConsistOf(suite.MatchPacket(`42["a"]`), "x", Equal("y")), `expected it to consist of the packet 42["a"], "x" and "y", got [42["b"]]`}},
	"ContainElement":   {{[]string{"2"}, ContainElement(BeElementOf("6", "1")), `expected it to contain one of "6" or "1", got ["2"]`}},
	"ContainElements":  {{[]string{"a"}, ContainElements("content-type", "x"), `expected it to contain "content-type" and "x", got ["a"]`}},
	"ContainJSON":      {{json.RawMessage(`{"a":1}`), suite.ContainJSON(`{"b":1}`), `expected it to be an object that holds {"b":1}, got {"a":1}`}},
	"ContainSubstring": {{"br", ContainSubstring("gzip"), `expected it to contain "gzip", got "br"`}},
	"Equal":            {{413, Equal(400), `expected it to be 400, got 413`}, {byte('3'), Equal(byte('2')), `expected it to be "2", got "3"`}, {"<b>: bold", Equal("x"), `expected it to be "x", got "<b>: bold"`}, {[]string{"a"}, Equal([]string{"a", "b"}), `expected it to be ["a", "b"], got ["a"]`}},
	"HaveEach":         {{map[string]int{"a": 2}, HaveEach(1), `expected it to contain only 1, got {"a":2}`}},
	"HaveKey":          {{map[string]bool{"s": true}, Not(HaveKey("s")), `expected it not to have the key "s", got {"s":true}`}},
	"HaveLen":          {{[]string{"a"}, HaveLen(2), `expected it to have the length 2, got 1: ["a"]`}},
	"HaveOccurred":     {{error(nil), HaveOccurred(), `expected it to be an error, got nothing`}, {errors.New("EOF"), Not(HaveOccurred()), `expected it not to be an error, got EOF`}},
	"HavePrefix":       {{`44{"message":"no"}`, HavePrefix("40{"), `expected it to begin with "40{", got 44{"message":"no"}`}},
	"Last":             {{158 * time.Millisecond, nil, ""}},
	"MatchJSONValue":   {{`{"code":1}`, suite.MatchJSONValue(`{"code":0}`), `expected it to have the JSON value {"code":0}, got {"code":1}`}},
	"MatchPacket":      {{`42["b"]`, suite.MatchPacket(`42["a"]`), `expected it to be the packet 42["a"], got 42["b"]`}, {&protocol.Packet{Raw: `451-["b"]`, Attachments: []string{"\x01"}}, suite.MatchPacket(`451-["a"]`, "\x01\x02"), `expected it to be the packet 451-["a"] + 01 02, got 451-["b"] + 01`}},
	"MatchRegexp":      {{"text/html", MatchRegexp(`^text/plain`), `expected it to match the pattern "^text/plain", got "text/html"`}},
	"Not":              {{"a", Not(Equal("a")), `expected it not to be "a", got "a"`}},
	"Or":               {{"c", Or(Equal("a"), HavePrefix("b")), `expected it to be "a" or begin with "b", got "c"`}},
	"Succeed":          {{errors.New("EOF"), Succeed(), `expected it to succeed, got EOF`}},
}

// ofOurs matches what must not appear in words for readers who may not know Go.
var ofOurs = regexp.MustCompile(`%!|<\*?(string|int|bool|float64|suite|wire)\b|suite\.|wire\.|json\.|\\"|Expected\n|RawMessage|0x[0-9a-f]{8}|map\[`)

func TestWordsOfEachMatcher(t *testing.T) {
	for name, all := range said {
		for _, one := range all {
			if one.matcher == nil {
				continue
			}
			if ok, err := one.matcher.Match(one.actual); ok || err != nil {
				t.Errorf("%s must not match %v: %v", name, one.actual, err)
			}
			f := result.Failure{Kind: result.Content, Subject: "it", Expected: suite.Describe(one.matcher), Received: suite.ValueOf(one.actual)}
			got := f.Words()
			if got != one.words {
				t.Errorf("%s: got the words\n%s\nwant\n%s", name, got, one.words)
			}
			if ofOurs.MatchString(got) || unnamed(f.Expected) {
				t.Errorf("%s: the words are %s", name, got)
			}
		}
	}
}

func unnamed(e result.Expectation) bool {
	for _, one := range e.Of {
		if unnamed(one) {
			return true
		}
	}
	return e.Relation == result.Unnamed
}

// Each matcher that the cases use is in the table, so its words are tested.
func TestWordsOfAllMatchersAreKnown(t *testing.T) {
	used := map[string]token.Position{}
	for _, folder := range []string{"../cases", "."} {
		names, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is && expects(call) {
					for _, matcher := range matchersIn(call.Args[0]) {
						used[matcher] = files.Position(call.Pos())
					}
				}
				return true
			})
		}
	}
	if len(used) < 20 {
		t.Errorf("only %d matchers were found", len(used))
	}
	for name, at := range used {
		if said[name] == nil {
			t.Errorf("%s: the table has no words for %s", at, name)
		}
	}
	for name := range said {
		if _, is := used[name]; !is && name != "Not" && name != "HaveOccurred" && name != "Succeed" {
			t.Errorf("no case uses %s", name)
		}
	}
}

// expects reports whether a call is to To or NotTo.
func expects(call *ast.CallExpr) bool {
	selector, is := call.Fun.(*ast.SelectorExpr)
	return is && len(call.Args) == 1 && (selector.Sel.Name == "To" || selector.Sel.Name == "NotTo")
}

// matchersIn returns the names of the functions that make a matcher. The operands of a matcher do not count.
func matchersIn(e ast.Expr) (names []string) {
	call, is := e.(*ast.CallExpr)
	if !is {
		return nil
	}
	name := ""
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
	}
	if name == "" || !ast.IsExported(name) {
		return nil
	}
	names = append(names, name)
	switch name {
	case "And", "Or", "Not", "ConsistOf", "ContainElement", "ContainElements", "HaveEach":
		for _, arg := range call.Args {
			names = append(names, matchersIn(arg)...)
		}
	}
	return names
}

// Timers say by how much they missed their bounds, absences how long the wait was, and ends how they came.
func TestWordsOfKinds(t *testing.T) {
	start := time.Unix(0, 0)
	wait := result.Span{From: start, Until: start.Add(5 * time.Second)}
	ms := func(n int) result.Value { return suite.ValueOf(time.Duration(n) * time.Millisecond) }
	least, most := ms(270), ms(450)
	for _, test := range []struct {
		failure result.Failure
		words   string
	}{
		{
			result.Failure{Kind: result.Absence, Subject: "the noop", Expected: result.Expectation{Relation: result.Comes}, Received: result.Value{Form: result.Nothing}, Span: wait},
			"expected the noop to come, got nothing within 5000 ms",
		},
		{
			result.Failure{Kind: result.Absence, Subject: "the session", Expected: result.Expectation{Relation: result.Ends}, Received: result.Value{Form: result.Open}, Span: wait},
			"expected the session to end, but it was still open after 5000 ms",
		},
		{
			result.Failure{Kind: result.State, Subject: "the connection", Expected: result.Expectation{Relation: result.StaysOpen}, Received: suite.ValueOf(suite.End{Code: 1000})},
			"expected the connection to stay open, but it ended: a close frame with code 1000",
		},
		{
			result.Failure{Kind: result.Early, Subject: "the time", Expected: result.Expectation{Relation: result.Lasts, Value: &least, Most: &most}, Received: ms(200), Outside: 70 * time.Millisecond},
			"expected the time to be between 270 ms and 450 ms, got 200 ms, 70 ms too short",
		},
		{
			result.Failure{Kind: result.Overdue, Subject: "the time", Expected: result.Expectation{Relation: result.Lasts, Value: &least, Most: &most}, Received: ms(500), Outside: 50 * time.Millisecond},
			"expected the time to be between 270 ms and 450 ms, got 500 ms, 50 ms too long",
		},
		{
			result.Failure{Kind: result.Content, Subject: "the status of the answer", Expected: suite.Describe(Equal(400)), Received: suite.ValueOf(&suite.Response{Status: 200, Body: "ok"})},
			"expected the status of the answer to be 400, got 200 with the body ok",
		},
	} {
		if got := test.failure.Words(); got != test.words {
			t.Errorf("got the words\n%s\nwant\n%s", got, test.words)
		}
	}
}
