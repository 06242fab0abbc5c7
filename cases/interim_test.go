package cases

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server may send interim answers before each final one, which a case must not take for it.
func TestCasesReadFinalAnswers(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "interim_test.go" && strings.Contains(string(text), "http.ReadResponse(") {
			t.Errorf("%s reads an answer with http.ReadResponse, which returns interim ones: use wire.FinalResponse", name)
		}
	}
}
