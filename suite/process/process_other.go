//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// Apart does nothing here: there are no process groups.
func Apart(*exec.Cmd) {}

// Terminate kills a process: there is no way to ask it to end.
func Terminate(p *os.Process) error { return p.Kill() }

// Kill ends a process at once.
func Kill(p *os.Process) error { return p.Kill() }
