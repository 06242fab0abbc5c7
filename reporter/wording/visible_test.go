package wording_test

import (
	"testing"
	"unicode"

	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/reporter/wording"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ümlaut, 漢字, 🙂":  "plain, ümlaut, 漢字, 🙂",
		"a\r\nb\tc":             "a\nb\tc",
		"a\rb\x00\x1e\x7f":      "a⟨CR⟩b⟨NUL⟩⟨RS⟩⟨DEL⟩",
		"\u202eabc\u2066\u200b": "⟨U+202E⟩abc⟨U+2066⟩⟨U+200B⟩",
		"\xff\xed\xa0\x80":      "⟨0xFF⟩⟨0xED⟩⟨0xA0⟩⟨0x80⟩",
		"\ufffd\ufeff\u2028":    "�⟨U+FEFF⟩⟨U+2028⟩",
		"\u00a0\ufffe\u0085":    "⟨U+00A0⟩⟨U+FFFE⟩⟨U+0085⟩",
		"e\u0301":               "e\u0301",
	} {
		if got := wording.Visible(in); got != want {
			t.Errorf("%q is shown as %q, not %q", in, got, want)
		}
	}
	if got := wording.VisibleLine("a\r\n\tb"); got != "a⟨CR⟩⟨LF⟩⟨TAB⟩b" {
		t.Errorf("a line is %q", got)
	}
}

func FuzzVisible(f *testing.F) {
	f.Add(sample.HostileText)
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range wording.VisibleLine(s) {
			if !unicode.IsGraphic(c) {
				t.Fatalf("%U is not visible", c)
			}
		}
		for _, c := range wording.Visible(s) {
			if !unicode.IsGraphic(c) && c != '\n' && c != '\t' {
				t.Fatalf("%U is not visible", c)
			}
		}
	})
}
