package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// asServe matches how a script runs `conformance serve`.
var asServe = regexp.MustCompile(`(?m)^listens \d+ `)

// Every flag of every subcommand is used in a script of testdata, after its subcommand.
func TestScriptsUseEveryFlag(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var scripts strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts.Write(text)
	}
	commands := regexp.MustCompile(`(?m)^\S* ?(?:exits \d+|conformance) ?(.*)$`).FindAllStringSubmatch(asServe.ReplaceAllString(scripts.String(), "conformance serve "), -1)
	used := map[string]bool{}
	for _, c := range commands {
		words := strings.Fields(c[1])
		name := "run"
		if len(words) > 0 && !strings.HasPrefix(words[0], "-") {
			name = words[0]
		}
		for _, word := range words {
			flag, _, _ := strings.Cut(word, "=")
			used[name+" "+flag] = true
		}
	}
	for _, s := range subcommands() {
		flagsOf(s).VisitAll(func(f *pflag.Flag) {
			if !used[s.name+" --"+f.Name] && (f.Shorthand == "" || !used[s.name+" -"+f.Shorthand]) {
				t.Errorf("no script uses %s --%s", s.name, f.Name)
			}
		})
	}
}

// Every subcommand that takes arguments shows examples in its help.
func TestHelpHasExamples(t *testing.T) {
	for _, s := range subcommands() {
		asked := &flagsAsked{}
		_, _ = s.run(t.Context(), nil, asked, os.Stderr)
		if !strings.Contains(asked.flags.after, "conformance") && s.name != "version" {
			t.Errorf("the help of %s shows no example", s.name)
		}
	}
}

// The help of every subcommand fits a terminal of 80 columns.
func TestHelpFits80Columns(t *testing.T) {
	for _, s := range subcommands() {
		var help strings.Builder
		if _, err := s.run(t.Context(), []string{"--help"}, &help, os.Stderr); !errors.Is(err, pflag.ErrHelp) {
			t.Errorf("%s --help: %v", s.name, err)
		}
		for line := range strings.Lines(help.String()) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("the help of %s is too wide: %s", s.name, line)
			}
		}
	}
}
