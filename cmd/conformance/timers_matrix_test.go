//go:build timers

package main

import (
	"fmt"
	"testing"
	"time"

	"example.test/conformance/suite"
)

// TestTimers judges the reference and socket.io with combinations of short, medium and long timers, and prints a row for
// each. Nine cells each cover every pair of lengths of two timers. `.ci/timers` runs it.
func TestTimers(t *testing.T) {
	lengths := []time.Duration{300 * time.Millisecond, time.Second, 5 * time.Second}
	fmt.Printf("| %-26s | %-14s | %4s | %10s | %7s |\n", "server and timers in ms", "verdict", "exit", "unverified", "seconds")
	for _, server := range []string{"reference", "socket.io"} {
		for i := range lengths {
			for j := range lengths {
				x := timers{lengths[i], lengths[j], lengths[(i+j)%len(lengths)]}
				t.Run(fmt.Sprintf("%s-%v", server, x), func(t *testing.T) {
					start := time.Now()
					r := x.judge(t, server)
					fmt.Printf("| %-26s | %-14s | %4d | %10d | %7.1f |\n", fmt.Sprintf("%s %v", server, x), r.Verdict, r.ExitCode,
						r.Counts.Total(suite.Unverified), time.Since(start).Seconds())
				})
			}
		}
	}
}
