package process_test

import (
	"io"
	"os/exec"
	"strings"
	"testing"

	"example.test/conformance/suite/process"
)

func TestLastLine(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "one": "one", "one\ntwo\n\n": "two", "one\n two \n": "two", strings.Repeat("x\n", 1<<14) + "last\n": "last",
	} {
		var tail process.Tail
		_, _ = io.WriteString(&tail, said)
		if got := tail.LastLine(); got != want {
			t.Errorf("for %.20q, got the last line %q", said, got)
		}
	}
}

// The child keeps the pipe open: the pipe ends when both have ended.
func TestKillEndsWhatWasStarted(t *testing.T) {
	for name, end := range map[string]func(*exec.Cmd) error{
		"kill":      func(c *exec.Cmd) error { return process.Kill(c.Process) },
		"terminate": func(c *exec.Cmd) error { return process.Terminate(c.Process) },
	} {
		t.Run(name, func(t *testing.T) {
			shell, err := exec.LookPath("sh")
			if err != nil {
				t.Skip(err)
			}
			c := exec.Command(shell, "-c", "sleep 600 & echo started; wait")
			process.Apart(c)
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := out.Read(make([]byte, 16)); err != nil {
				t.Fatal(err)
			}
			if err := end(c); err != nil {
				t.Fatal(err)
			}
			_, _ = io.ReadAll(out)
			if c.Wait() == nil {
				t.Error("the process ended by itself")
			}
		})
	}
}
