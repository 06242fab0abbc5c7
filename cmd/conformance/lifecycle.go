package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// commands stop and start the instances of a cluster that the user runs, through a shell.
type commands struct {
	stop, start string
	targets     []*wire.Target

	mu      sync.Mutex
	running []*exec.Cmd // start commands that stayed
	over    []chan error
}

// shellGrace is what a command that stayed has to end once it was asked to.
const shellGrace = 5 * time.Second

// shell makes a command: the instance's number, from 1, stands for {}.
func (c *commands) shell(ctx context.Context, line string, instance int) (*exec.Cmd, *tail) {
	number := strconv.Itoa(instance + 1)
	command := exec.CommandContext(ctx, "sh", "-c", strings.ReplaceAll(line, "{}", number))
	command.Env = append(os.Environ(), "CONFORMANCE_INSTANCE="+number, "CONFORMANCE_TARGET="+c.targets[instance].URL())
	said := &tail{}
	command.Stdout, command.Stderr = said, said
	apart(command)
	return command, said
}

// Stop runs the stop command to its end.
func (c *commands) Stop(ctx context.Context, instance int) error {
	command, said := c.shell(ctx, c.stop, instance)
	command.WaitDelay = time.Second // what it left running may keep its output open
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return failedCommand("--stop-cmd", err, said)
	}
	return nil
}

// Start runs the start command until it ends, or until the instance listens: a server that runs in the
// foreground is let run until [commands.close].
func (c *commands) Start(ctx context.Context, instance int) error {
	command, said := c.shell(context.WithoutCancel(ctx), c.start, instance)
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return failedCommand("--start-cmd", err, said)
	}
	over := make(chan error, 1)
	go func() { over <- command.Wait() }()
	c.mu.Lock()
	c.running, c.over = append(c.running, command), append(c.over, over)
	c.mu.Unlock()
	for {
		select {
		case err := <-over:
			over <- err
			if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
				return failedCommand("--start-cmd", err, said)
			}
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
		if conn, err := net.DialTimeout("tcp", c.targets[instance].Host, time.Second); err == nil {
			conn.Close()
			return nil
		}
	}
}

// close ends the start commands that stayed.
func (c *commands) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, command := range c.running {
		select {
		case <-c.over[i]:
			continue
		default:
		}
		terminate(command.Process)
		select {
		case <-c.over[i]:
		case <-time.After(shellGrace):
			kill(command.Process)
			<-c.over[i]
		}
	}
}

// failedCommand says in a line why a command failed.
func failedCommand(flag string, err error, said *tail) error {
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return fmt.Errorf("%s: %w: %s", flag, err, last)
	}
	return fmt.Errorf("%s: %w", flag, err)
}

// tail keeps the end of what a command says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLength = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-tailLength):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
