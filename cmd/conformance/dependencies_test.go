package main

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "example.test/conformance"

// mayImport says which of the project's own packages the packages below a folder may import, except in tests.
var mayImport = map[string][]string{
	"suite/wire":       {},
	"suite/protocol":   {},
	"suite/process":    {},
	"suite/result":     {"suite/wire"},
	"suite":            {"suite/protocol", "suite/result", "suite/wire"},
	"suite/browser":    {"suite", "suite/browser", "suite/process", "suite/protocol", "suite/wire"},
	"suite/runner":     {"suite", "suite/protocol", "suite/result", "suite/wire"},
	"suite/doctor":     {"suite/protocol", "suite/wire"},
	"suite/gotest":     {"cases", "reporter/wording", "suite", "suite/result", "suite/runner", "suite/wire"},
	"suite/contract":   {"suite", "suite/protocol", "suite/result", "suite/wire"},
	"cases":            {"suite", "suite/protocol", "suite/wire"},
	"reference":        {"reference"},
	"reporter":         {"reporter/compare", "reporter/wording", "suite/result", "suite/wire"},
	"reporter/attest":  {"reporter/wording", "suite/protocol", "suite/result", "suite/wire"},
	"reporter/compare": {"reporter/wording", "suite/result"},
	"reporter/html":    {"reporter/compare", "reporter/wording", "suite/result", "suite/wire"},
	"reporter/wording": {"suite/protocol", "suite/result", "suite/wire"},
	"fixtures":         {},
	"cmd/conformance": {
		"cases", "cmd/conformance/embedded", "cmd/conformance/prove", "reference", "reporter", "reporter/attest", "reporter/compare", "reporter/html",
		"reporter/wording",
		"suite", "suite/browser", "suite/contract", "suite/doctor", "suite/process", "suite/result", "suite/runner", "suite/wire",
	},
	"cmd/conformance/embedded": {"reference", "suite/runner", "suite/wire"},
	"reporter/internal/sample": {"reporter/compare", "suite/result", "suite/wire"},
	"cmd/conformance/prove":    {"cmd/conformance/embedded", "reference", "suite", "suite/browser", "suite/result", "suite/runner"},
}

// below lists the folders that also stand for all packages below them.
var below = map[string]bool{"reference": true, "suite/browser": true}

// testOnly lists modules that must not be in the shipped binary.
var testOnly = []string{
	"github.com/google/go-cmp/cmp/cmpopts", "github.com/santhosh-tekuri/jsonschema", "github.com/rogpeppe/go-internal",
	"go.uber.org/goleak", "github.com/in-toto/attestation", "google.golang.org/protobuf",
}

func TestDependenciesPointOneWay(t *testing.T) {
	used := map[string]bool{} // "a folder, what it imports"
	for _, p := range packages(t, module+"/...") {
		own := strings.TrimPrefix(p.ImportPath, module+"/")
		folder := own
		for mayImport[folder] == nil && folder != "." {
			folder = path.Dir(folder)
		}
		if folder == "." {
			t.Errorf("%s has no row in the table", own)
			continue
		}
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, module+"/")
			if !ours || name == folder {
				continue
			}
			i := slices.IndexFunc(mayImport[folder], func(one string) bool { return name == one || below[one] && strings.HasPrefix(name, one+"/") })
			if i < 0 {
				t.Errorf("%s imports %s", own, name)
				continue
			}
			used[folder+", "+mayImport[folder][i]] = true
		}
	}
	for folder, all := range mayImport {
		for _, one := range all {
			if !used[folder+", "+one] {
				t.Errorf("%s does not import %s, although the table allows it", folder, one)
			}
		}
	}
}

func TestBinaryIsLean(t *testing.T) {
	for _, p := range packages(t, "-deps", module+"/cmd/conformance") {
		for _, unwanted := range testOnly {
			if strings.HasPrefix(p.ImportPath, unwanted) {
				t.Errorf("the binary contains %s, which only tests need", p.ImportPath)
			}
		}
	}
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T, args ...string) (all []listedPackage) {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listedPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}
