package main

import (
	"syscall"
	"testing"
	"time"
)

// resource usage of this process, including benchmarks.
func rusage(t testing.TB) syscall.Rusage {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

func processTime(t testing.TB) time.Duration {
	u := rusage(t)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory returns the peak memory of the process, in bytes. Linux counts it in KiB.
func peakMemory(t testing.TB) int64 { return rusage(t).Maxrss << 10 }
