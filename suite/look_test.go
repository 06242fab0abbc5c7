package suite

import (
	"encoding/json"
	"testing"
)

// anEntry returns a record as it came.
func anEntry(t *testing.T, raw string) Entry {
	t.Helper()
	e := Entry{Raw: raw}
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// A record that comes after a case contradicts it if it repeats an earlier one, or if the case had found none.
func TestLaterRecordsContradictACase(t *testing.T) {
	const own, other = "planet0123456789ab", "river" + "ba9876543210"
	seen := anEntry(t, `{"seq":7,"instance":"a","type":"connection_error","mark":"`+own+`1","code":0}`)
	socket := anEntry(t, `{"seq":8,"instance":"a","type":"connection","namespace":"/","sid":"x"}`)
	lost := anEntry(t, `{"seq":9,"instance":"a","type":"ack_again","namespace":"/","event":"ping"}`)
	e := &execution{it: &Case{ID: "errors/a"}, drawn: []string{own}}
	e.looksAt(&observation{target: 0}, []Entry{seen, socket, lost})
	e.looksInVain(0, []func(Entry) bool{OfType("connection_error"), WithMark(own + "1")}) // it came when the case asked again
	e.looksInVain(0, []func(Entry) bool{OfType("connection"), func(e Entry) bool { return e.Namespace == "/"+own+"2" }})
	e.looksInVain(0, []func(Entry) bool{OfType("disconnect")})
	e.looksInVain(0, []func(Entry) bool{OfType("headers"), func(e Entry) bool { return e.Args[0] == '[' }})
	l := e.look()
	for name, test := range map[string]struct {
		target int
		raw    string
		want   bool
	}{
		"the same again":                       {0, `{"seq":70,"instance":"a","type":"connection_error","mark":"` + own + `1","code":0}`, true},
		"the same of another target":           {1, `{"seq":70,"instance":"a","type":"connection_error","mark":"` + own + `1","code":0}`, false},
		"another code":                         {0, `{"seq":70,"instance":"a","type":"connection_error","mark":"` + own + `1","code":1}`, false},
		"the mark of another case":             {0, `{"seq":70,"instance":"a","type":"connection_error","mark":"` + other + `1","code":0}`, false},
		"the same socket":                      {0, `{"seq":71,"instance":"a","type":"connection","namespace":"/","sid":"x"}`, true},
		"another socket":                       {0, `{"seq":71,"instance":"a","type":"connection","namespace":"/","sid":"y"}`, false},
		"what any case may make":               {0, `{"seq":72,"instance":"a","type":"ack_again","namespace":"/","event":"ping"}`, false},
		"one where there was none":             {0, `{"seq":73,"instance":"a","type":"connection","namespace":"/` + own + `2","sid":"z"}`, true},
		"one where another case had none":      {0, `{"seq":73,"instance":"a","type":"connection","namespace":"/` + other + `2","sid":"z"}`, false},
		"a socket that left with the case":     {0, `{"seq":74,"instance":"a","type":"disconnect","namespace":"/` + own + `2","sid":"z"}`, false},
		"one that a condition was not made of": {0, `{"seq":75,"instance":"a","type":"headers","mark":"` + own + `1"}`, false},
	} {
		if got := l.contradicts(test.target, anEntry(t, test.raw)); (got != "") != test.want {
			t.Errorf("%s: contradicts returned %q", name, got)
		}
	}
}
