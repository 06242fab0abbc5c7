package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"example.test/conformance/suite/doctor"
	"example.test/conformance/suite/wire"
)

// TestDoctorBearsHostileServers lets the doctor examine one in four hostile servers briefly: it must end, and show no secret.
func TestDoctorBearsHostileServers(t *testing.T) {
	t.Parallel()
	examineHostiles(t, oneIn(4, allHostiles(t)))
}

// TestDoctorBearsEveryHostileServer does that with all of them.
func TestDoctorBearsEveryHostileServer(t *testing.T) {
	thorough(t)
	examineHostiles(t, allHostiles(t))
}

func examineHostiles(t *testing.T, all []hostile) {
	t.Helper()
	slots := make(chan struct{}, 8)
	var group sync.WaitGroup
	for _, h := range all {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			target, stop, err := h.target(t)
			defer stop()
			if err != nil {
				t.Error(err)
				return
			}
			target.Budget = &wire.Budget{}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			begun := time.Now()
			text, err := json.Marshal(doctor.Examine(ctx, target, doctor.Options{}, nil))
			if err != nil {
				t.Errorf("%s: %v", h.name, err)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("%s took %s", h.name, took)
			}
			for _, spelled := range spelledSecrets() {
				if at := strings.Index(string(text), spelled); at >= 0 {
					t.Errorf("%s: the secret is shown as %q: …%s…", h.name, spelled, text[max(at-100, 0):min(at+100, len(text))])
					return
				}
			}
		})
	}
	group.Wait()
}
