//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// Apart keeps an interrupt at the terminal from a command, and lets it be ended with all that it starts. It is called before
// the command is started.
func Apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Terminate asks a process, with all that it started, to end. The process was started [Apart].
func Terminate(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

// Kill ends a process at once, with all that it started. The process was started [Apart].
func Kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
