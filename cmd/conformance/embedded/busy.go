package embedded

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"example.test/conformance/reference/application"
)

// Signs that a machine is busy.
const (
	busyLoad  = 4                     // runnable processes for each processor
	sleeps    = 100                   // to find out whether the machine stands still
	sleep     = 2 * time.Millisecond  // of each
	lateSleep = 60 * time.Millisecond // how late one of them may end
)

// seenBusy remembers that the machine was busy: one process may ask for many clusters.
var seenBusy atomic.Bool

// Busy reports whether this machine is too busy for the short timers of the embedded reference. It takes 200 ms, or more on
// a busy machine.
func Busy() bool {
	if !seenBusy.Load() && looksBusy() {
		seenBusy.Store(true)
	}
	return seenBusy.Load()
}

func looksBusy() bool {
	var load float64
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(text), &load)
	}
	if load > float64(busyLoad*runtime.NumCPU()) {
		return true
	}
	for range sleeps {
		begun := time.Now()
		time.Sleep(sleep)
		if time.Since(begun) > sleep+lateSleep {
			return true
		}
	}
	return false
}

// Fitting returns options with timers that this machine can keep: those of [Patient] if it is busy.
func Fitting(options application.Options) application.Options {
	if Busy() {
		return Patient(options)
	}
	return options
}

// Patient returns options with timers that a busy machine can keep. Timers that are already set stay.
func Patient(options application.Options) application.Options {
	for _, d := range []struct {
		duration *time.Duration
		value    time.Duration
	}{
		{&options.PingInterval, time.Second}, {&options.PingTimeout, 2 * time.Second},
		{&options.ConnectTimeout, 3 * time.Second}, {&options.ServerSideEmitTimeout, 3 * time.Second},
	} {
		if *d.duration == 0 {
			*d.duration = d.value
		}
	}
	return options
}

// PatientNotice tells a reader about the longer timers.
const PatientNotice = "This machine is busy, so the embedded reference has longer timers than usual: the run takes longer."
