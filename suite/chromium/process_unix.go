//go:build unix

package chromium

import (
	"os"
	"os/exec"
	"syscall"
)

// apart keeps an interrupt at the terminal from the browser, and lets it be ended with all that it started.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
