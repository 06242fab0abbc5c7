package html

import (
	"embed"
	"fmt"
	"html/template"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

//go:embed page
var pageFiles embed.FS

// pageTemplates are the pages and the parts that they share.
var pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"visible":      func(v any) string { return wording.Visible(fmt.Sprint(v)) },
	"line":         func(v any) string { return wording.VisibleLine(fmt.Sprint(v)) },
	"milliseconds": wording.Milliseconds,
	"count":        wording.Count,
	"word":         func(v any) string { return wording.Outcome(result.Outcome(fmt.Sprint(v))) },
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
