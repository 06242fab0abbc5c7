package cases_test

import (
	"testing"
	"testing/fstest"

	"example.test/conformance/suite"
)

// A frozen ID stays, or maps to the one that the case has today.
func TestFrozenCasesAreThere(t *testing.T) {
	there := map[string]bool{}
	for _, c := range suite.Cases() {
		there[c.ID] = true
	}
	sets := suite.Requirements()
	if len(sets) == 0 {
		t.Fatal("no requirement set was frozen")
	}
	for _, set := range sets {
		for _, id := range set.IDs() {
			if !there[id] {
				t.Errorf("the requirement set %s has %s, which is not a case: keep the ID, or add it to renamed", set.Name, id)
			}
		}
		if digest, ok := suite.RequirementDigest(set.Name); !ok || digest != set.Digest {
			t.Errorf("the digest of %s is %q", set.Name, digest)
		}
	}
}

// Sets that the script cannot have written are refused, and the newest set is found by its version number.
func TestRequirementFiles(t *testing.T) {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
	for name, files := range map[string]fstest.MapFS{
		"no edition":   {"0.0.1/3.9.txt": file("required\nacks/id-zero\n")},
		"no level":     {"0.0.1/4.1.txt": file("acks/id-zero\n")},
		"a case twice": {"0.0.1/4.1.txt": file("required\nacks/id-zero\nacks/id-zero\n")},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it was accepted", name)
				}
			}()
			suite.AddRequirements(files, nil)
		}()
	}
}
