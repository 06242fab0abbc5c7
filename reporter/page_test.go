package reporter

import (
	"bytes"
	"strings"
	"testing"
	"text/template/parse"
)

// render renders a text as a page of its own.
func render(t *testing.T, text string, data any) string {
	t.Helper()
	names := map[string]any{}
	for name := range pageFuncs {
		names[name] = true
	}
	trees, err := parse.Parse("page", text, "{{", "}}", names)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&pages{trees, pageFuncs}).execute(&b, "page", data); err != nil {
		return "error: " + err.Error()
	}
	return b.String()
}

func TestPagesEscapeWhatTheyShow(t *testing.T) {
	type inner struct{ Name string }
	data := struct {
		inner
		Hostile string
		Script  string
		Web     string
		Raw     markup
		List    []inner
		None    []inner
		Pointer *inner
		Number  int
		Pairs   [][2]string
	}{
		inner{"n"}, `<script>"'&`, "java\tscript:alert(1)", "https://example.test/?a=1&b=2#c", "<b>", []inner{{"a"}, {"b"}}, nil, nil, 3,
		[][2]string{{"k", "v"}},
	}
	for text, want := range map[string]string{
		`{{.Hostile}}`:                                                  `&lt;script&gt;&#34;&#39;&amp;`,
		`<a title="{{.Hostile}}">`:                                      `<a title="&lt;script&gt;&#34;&#39;&amp;">`,
		`<a href="{{.Web}}">`:                                           `<a href="https://example.test/?a=1&amp;b=2#c">`,
		`<a href="{{.Script}}">`:                                        `<a href="#">`,
		`<a href="{{"javascript:alert(1)"}}">`:                          `<a href="#">`,
		`<a href="{{"JaVaScRiPt:x"}}">`:                                 `<a href="#">`,
		`<a href="{{"data:text/html,x"}}">`:                             `<a href="#">`,
		`<a href="{{" javascript:x"}}">`:                                `<a href="#">`,
		`{{.Raw}}`:                                                      `<b>`,
		`{{.Name}}{{.Number}}`:                                          `n3`,
		`{{range .List}}{{.Name}},{{end}}`:                              `a,b,`,
		`{{range .None}}x{{else}}none{{end}}`:                           `none`,
		`{{range $i, $l := .List}}{{$i}}{{$l.Name}}{{$.Number}}{{end}}`: `0a31b3`,
		`{{with .Pointer}}x{{else}}nil{{end}}`:                          `nil`,
		`{{if gt .Number 2}}{{count (len .List) "case"}}{{end}}`:        `2 cases`,
		`{{range .Pairs}}{{index . 0}}={{index . 1}}{{end}}`:            `k=v`,
		`{{if or .None .Number}}{{.Hostile | lower}}{{end}}`:            `&lt;script&gt;&#34;&#39;&amp;`,
		`{{define "x"}}[{{.}}]{{end}}{{template "x" .Name}}`:            `[n]`,
	} {
		if got := render(t, text, data); got != want {
			t.Errorf("%s was rendered as %s, not %s", text, got, want)
		}
	}
	if got := render(t, `{{.Missing}}`, data); !strings.HasPrefix(got, "error: ") {
		t.Errorf("a field that is not there was rendered as %s", got)
	}
}
