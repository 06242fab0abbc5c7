package suite

import (
	"strings"
	"testing"
)

func TestARequirementIsListedOnce(t *testing.T) {
	renamed := map[string]string{"a/old": "a/new"}
	for _, content := range []string{"required\na/new\na/new\n", "required\na/old\nrecommended\na/new\n", "required\na/old\na/old\n"} {
		if _, err := parseRequirements(content, renamed); err == nil || !strings.Contains(err.Error(), "is there twice") {
			t.Errorf("%q: got error %v", content, err)
		}
	}
	levels, err := parseRequirements("required\na/old\nrecommended\na/other\n", renamed)
	if err != nil || levels["a/new"] != Required || levels["a/other"] != Recommended || len(levels) != 2 {
		t.Errorf("got %v, error %v", levels, err)
	}
}
