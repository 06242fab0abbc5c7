package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// guides are the documents whose command lines are tested.
var guides = []string{
	"README.md", ".github/RUNNING.md", ".github/CERTIFYING.md", ".github/CONTRIBUTING.md", "fixtures/YOUR-SERVER.md", "fixtures/README.md",
}

// triedElsewhere maps the beginnings of lines that this test leaves out to the reason.
var triedElsewhere = map[string]string{
	"go run ./cmd/conformance":             "it is the command that the other lines run",
	"go test ./...":                        "this test is a part of it",
	"go install ":                          "it changes the machine",
	"cd fixtures/":                         "it starts servers: the tests of fixtures do",
	"node ":                                "it starts servers: the tests of fixtures do",
	"conformance verify":                   "it needs a certificate of a whole run: certify.txtar makes one",
	"conformance serve --redis":            "it needs Redis: the tests of adapters start it so",
	"conformance -t https://a.example":     "it needs TLS: tls_test.go has that",
	"conformance -t http://127.0.0.1:3000": "it needs an old version of socket.io: versions_test.go starts each",
	"docker ":                              "it needs Docker",
}

// shortRun keeps a run from a guide short: the test only checks that the line is understood.
const shortRun = "only: errors/unknown-*\n"

// TestGuides tries each line of each guide that a reader may type, against reference servers instead of those in the
// examples. None may be wrong usage, or end for a reason other than a verdict.
func TestGuides(t *testing.T) {
	t.Parallel()
	scripted(t)
	scripts := t.TempDir()
	for _, guide := range guides {
		text, err := os.ReadFile(filepath.Join("../..", guide))
		if err != nil {
			t.Fatal(err)
		}
		script := "serves 2\n"
		for _, line := range typed(string(text)) {
			if elsewhere(line) == "" {
				script += fmt.Sprintf("types '%s'\n", strings.ReplaceAll(line, "'", "''"))
			}
		}
		name := strings.NewReplacer("/", "_", ".", "_").Replace(strings.TrimSuffix(guide, ".md")) + ".txtar"
		if err := os.WriteFile(filepath.Join(scripts, name), []byte(script+"\n-- .conformance.yaml --\n"+shortRun), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{Dir: scripts, Cmds: map[string]func(*testscript.TestScript, bool, []string){"serves": serves, "types": types}})
}

// typed returns the lines that a reader types: those after a prompt in console blocks.
func typed(text string) (lines []string) {
	for _, block := range regexp.MustCompile("(?ms)^```console$(.*?)^```$").FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			if line, prompted := strings.CutPrefix(line, "$ "); prompted {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	return lines
}

// elsewhere returns why a line is not tried; empty if it is.
func elsewhere(line string) string {
	for begins, why := range triedElsewhere {
		if strings.HasPrefix(line, begins) {
			return why
		}
	}
	return ""
}

// types runs a line in a shell, with the servers of the script instead of those of the example: types LINE.
func types(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: types LINE")
	}
	line := strings.NewReplacer(
		"http://localhost:3000", ts.Getenv("A"), "ws://localhost:3000", ts.Getenv("A"), "http://localhost:3001", ts.Getenv("B"), "https://chat.example", ts.Getenv("A"), "http://chat.example", ts.Getenv("A"),
	).Replace(args[0])
	err := ts.Exec("sh", "-c", line)
	code := 0
	if err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &code); scanErr != nil {
			ts.Fatalf("%v", err)
		}
	}
	switch code {
	case 0, 1, 5: // any verdict
	default:
		ts.Fatalf("%s: exit code %d", line, code)
	}
}
