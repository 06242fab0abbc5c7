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

// mayImport says which of the project's own packages the packages below a folder may import, tests aside.
var mayImport = map[string][]string{
	"suite/wire":      {},
	"suite/chromium":  {},
	"suite":           {"suite/wire", "suite/chromium"},
	"suite/doctor":    {"suite", "suite/wire"},
	"cases":           {"suite", "suite/wire"},
	"reference":       {"reference"}, // and what lies below
	"reporter":        {"suite", "suite/wire"},
	"fixtures":        {},
	"cmd/conformance": {"cases", "reference", "reporter", "suite", "suite/doctor", "suite/wire"},
}

// testOnly are modules that must not be in the shipped binary.
var testOnly = []string{
	"github.com/google/go-cmp/cmp/cmpopts", "github.com/santhosh-tekuri/jsonschema", "github.com/rogpeppe/go-internal",
	"go.uber.org/goleak", "github.com/chromedp", "github.com/in-toto/attestation", "google.golang.org/protobuf",
}

func TestDependenciesPointOneWay(t *testing.T) {
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
			allowed := slices.ContainsFunc(mayImport[folder], func(one string) bool {
				return name == one || one == "reference" && strings.HasPrefix(name, "reference/")
			})
			if !allowed {
				t.Errorf("%s imports %s", own, name)
			}
		}
	}
}

func TestBinaryIsLean(t *testing.T) {
	for _, p := range packages(t, "-deps", module+"/cmd/conformance") {
		for _, unwanted := range testOnly {
			if strings.HasPrefix(p.ImportPath, unwanted) {
				t.Errorf("the binary holds %s, which only tests need", p.ImportPath)
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
