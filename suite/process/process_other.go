//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// Apart does nothing here: there are no groups of processes.
func Apart(*exec.Cmd) {}

// Terminate ends a process at once: there is no way to ask it to.
func Terminate(p *os.Process) error { return p.Kill() }

// Kill ends a process at once.
func Kill(p *os.Process) error { return p.Kill() }
