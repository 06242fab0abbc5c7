package suite

import (
	"io"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
)

// outcome of Ginkgo's run; the verdict is made of the cases' own results.
type ginkgoVerdict struct{ failed bool }

func (v *ginkgoVerdict) Fail() { v.failed = true }

// ginkgo hands the cases to Ginkgo: its tree, labels, order and interrupts. Each It waits for its
// case, which is under way already, and hands its outcome in.
func (f *flight) ginkgo() {
	formatter.ColorableStdOut, formatter.ColorableStdErr = io.Discard, io.Discard
	byArea := map[string][]planned{}
	for _, p := range f.all {
		byArea[p.Area()] = append(byArea[p.Area()], p)
	}
	for _, area := range Areas {
		if len(byArea[area]) == 0 {
			continue
		}
		ginkgo.Describe(area, ginkgo.Label(area), func() {
			for _, p := range byArea[area] {
				labels := ginkgo.Label(string(p.Level), "profile:"+string(p.Profile()), "since:"+string(p.Since))
				ginkgo.It(p.ID+" "+p.Title, labels, func(ctx ginkgo.SpecContext) { f.await(ctx, p.ID) })
			}
		})
	}
	ginkgo.BeforeSuite(f.launch)
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.RandomSeed, suite.RandomizeAllSpecs = f.config.Seed, true
	suite.Timeout = 24 * time.Hour // the run's own timeout ends the cases, not Ginkgo
	suite.GracePeriod = time.Second
	reporter.NoColor, reporter.Succinct, reporter.SilenceSkips = true, true, true
	ginkgo.RunSpecs(&ginkgoVerdict{}, "Socket.IO conformance", suite, reporter)
	if !f.allLanded() { // Ginkgo leaves specs out on an interrupt only
		f.cancel(ErrInterrupted)
	}
	f.wait()
}

// await is the body of a case's It.
func (f *flight) await(ctx ginkgo.SpecContext, id string) {
	select {
	case <-f.landed[id]:
	case <-ctx.Done():
		f.cancel(ErrInterrupted)
		<-f.landed[id]
	}
	f.mu.Lock()
	r := f.results[id]
	f.mu.Unlock()
	switch r.Outcome {
	case Failed, Errored:
		ginkgo.Fail(r.Message)
	case Unverified:
		ginkgo.Fail("unverified: " + r.Reason)
	case Inapplicable:
		ginkgo.Skip(r.Reason)
	case Warned:
		ginkgo.AddReportEntry("warned", r.Message)
	}
}
