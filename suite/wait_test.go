package suite

import (
	"testing"
	"time"

	"github.com/onsi/gomega"

	"example.test/conformance/suite/result"
)

// What a case sees after letting time pass depends on timers of the target, so a busy machine may explain it.
func TestWrongContentAfterAWaitIsNotFinal(t *testing.T) {
	for name, test := range map[string]struct {
		waits bool
		want  result.Kind
	}{"at once": {false, result.Content}, "after a wait": {true, result.State}} {
		t.Run(name, func(t *testing.T) {
			a := executed(t, func(t *T) {
				if test.waits {
					t.Wait(time.Microsecond, "for a timer")
				}
				t.Expect("6", "the packet").To(gomega.Equal("1"))
			})
			if len(a.Evidence) != 1 || a.Evidence[0].Kind != test.want {
				t.Errorf("the evidence is %+v", a.Evidence)
			}
		})
	}
}
