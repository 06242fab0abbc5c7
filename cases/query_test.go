package cases

import (
	"slices"
	"testing"
)

func TestSidsThatAreAlike(t *testing.T) {
	for sid, want := range map[string][]string{
		"r8AS_hGHKslucosXAASF":                 {"r8AS_hGHKslucosXAASF ", "R8as_HghkSLUCOSxaasf", "r8AS_hGHKslucosXAAS"},
		"1017":                                 {"1017 "},
		"0b5f1a2c-9d4e-4f60-8a7b-c1d2e3f40506": {"0b5f1a2c-9d4e-4f60-8a7b-c1d2e3f40506 ", "0b5f1a2c-9d4e-4f60-8a7b-c1d2e3f4050"},
	} {
		if got := alike(sid); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", sid, got, want)
		}
	}
}
