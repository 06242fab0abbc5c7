package reporter

import (
	"embed"
	"fmt"
	"html/template"
	"strings"

	"example.test/conformance/suite/result"
)

//go:embed page
var pageFiles embed.FS

// pageTemplates are the pages, and the parts that they share.
var pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"visible":      func(v any) string { return Visible(fmt.Sprint(v)) },
	"line":         func(v any) string { return VisibleLine(fmt.Sprint(v)) },
	"milliseconds": Milliseconds,
	"count":        Count,
	"word":         func(v any) string { return Outcome(result.Outcome(fmt.Sprint(v))) },
	"lower":        strings.ToLower,
	"tall":         tall,
}).ParseFS(pageFiles, "page/*.html"))

func asset(name string) string {
	content, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(content)
}
