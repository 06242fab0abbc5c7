//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// Apart keeps an interrupt at the terminal from reaching a command, and allows ending it with all processes that it starts.
// It must be called before the command is started.
func Apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Terminate asks a process, and all that it started, to end. The process must have been started with [Apart].
func Terminate(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

// Kill ends a process, and all that it started, at once. The process must have been started with [Apart].
func Kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
