package cases_test

import (
	"testing"
	"testing/fstest"

	"example.test/conformance/suite"
)

// An ID that was frozen stays, or leads to the one that the case has today.
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
				t.Errorf("the requirement set %s holds %s, which is no case: keep the ID, or say in renamed what became of it", set.Name, id)
			}
		}
		if digest, ok := suite.RequirementDigest(set.Name); !ok || digest != set.Digest {
			t.Errorf("the digest of %s is %q", set.Name, digest)
		}
	}
}

// Sets that a script cannot have written are refused, and the newest is known by its numbers.
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
					t.Errorf("%s: it was taken", name)
				}
			}()
			suite.AddRequirements(files, nil)
		}()
	}
}
