package runner

import (
	"io"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"

	"example.test/conformance/suite"
)

// ginkgoVerdict is the outcome of Ginkgo's run; the verdict is made from the cases' own results.
type ginkgoVerdict struct{ failed bool }

func (v *ginkgoVerdict) Fail() { v.failed = true }

// ginkgo hands the cases to Ginkgo, for its tree, labels, order and interrupts. Each It waits for its case, which is already
// running, and reports its outcome.
func (s *scheduler) ginkgo() {
	formatter.ColorableStdOut, formatter.ColorableStdErr = io.Discard, io.Discard
	byArea := map[string][]planned{}
	for _, p := range s.all {
		byArea[p.Area()] = append(byArea[p.Area()], p)
	}
	for _, area := range suite.Areas {
		if len(byArea[area]) == 0 {
			continue
		}
		ginkgo.Describe(area, ginkgo.Label(area), func() {
			for _, p := range byArea[area] {
				labels := ginkgo.Label(string(p.Level), "profile:"+string(p.Profile()), "since:"+string(p.Since))
				ginkgo.It(p.ID+" "+p.Title, labels, func(ctx ginkgo.SpecContext) { s.await(ctx, p.ID) })
			}
		})
	}
	ginkgo.BeforeSuite(s.startCases)
	s.beneath(s.runSpecs)
}

// beneath runs the cases under Ginkgo and waits for it, unless the run ends early: Ginkgo then writes a report of every
// goroutine, which takes seconds and which nobody reads.
func (s *scheduler) beneath(run func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		run()
	}()
	select {
	case <-over:
		if !s.allFinished() { // Ginkgo leaves specs out only on an interrupt
			s.cancel(suite.ErrInterrupted)
		}
	case <-s.ctx.Done():
	}
	s.startCases() // Ginkgo may not have started them
	s.wait()
}

func (s *scheduler) runSpecs() {
	specs, reporting := ginkgo.GinkgoConfiguration()
	specs.RandomSeed, specs.RandomizeAllSpecs = s.config.Seed, true
	specs.Timeout = 24 * time.Hour // the run's own timeout ends the cases, not Ginkgo
	specs.GracePeriod = time.Second
	reporting.NoColor, reporting.Succinct, reporting.SilenceSkips = true, true, true
	ginkgo.RunSpecs(&ginkgoVerdict{}, "Socket.IO conformance", specs, reporting)
}

// await is the body of a case's It.
func (s *scheduler) await(ctx ginkgo.SpecContext, id string) {
	select {
	case <-s.finished[id]:
	case <-ctx.Done():
		s.cancel(suite.ErrInterrupted)
		<-s.finished[id]
	}
	s.mu.Lock()
	r := s.results[id]
	s.mu.Unlock()
	switch r.Outcome {
	case suite.Failed, suite.Errored:
		ginkgo.Fail(r.Message + kinds(r))
	case suite.Unverified:
		ginkgo.Fail("unverified: " + r.Reason)
	case suite.Inapplicable:
		ginkgo.Skip(r.Reason)
	case suite.Warned, suite.Noted, suite.Unstable:
		ginkgo.AddReportEntry(string(r.Outcome), kinds(r))
	}
}
