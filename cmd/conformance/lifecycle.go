package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/process"
	"example.test/conformance/suite/wire"
)

// commands stops and starts the instances of the user's cluster through a shell.
type commands struct {
	stop, start string
	targets     []*wire.Target

	mu      sync.Mutex
	running []started // start commands that still run
}

// started is a start command and its result.
type started struct {
	instance int
	command  *exec.Cmd
	over     chan error
}

// shellGrace is how long a command that still runs may take to end when asked to.
const shellGrace = 5 * time.Second

// shell makes a command. The instance's number, from 1, replaces {}.
func (c *commands) shell(ctx context.Context, line string, instance int) (*exec.Cmd, *process.Tail) {
	number := strconv.Itoa(instance + 1)
	command := exec.CommandContext(ctx, "sh", "-c", strings.ReplaceAll(line, "{}", number))
	command.Env = append(os.Environ(), "CONFORMANCE_INSTANCE="+number, "CONFORMANCE_TARGET="+c.targets[instance].URL())
	said := &process.Tail{}
	command.Stdout, command.Stderr = said, said
	process.Apart(command)
	command.Cancel = func() error { return process.Kill(command.Process) }
	return command, said
}

// Stop runs the stop command to its end.
func (c *commands) Stop(ctx context.Context, instance int) error {
	command, said := c.shell(ctx, c.stop, instance)
	command.WaitDelay = time.Second // processes that it left running may keep its output open
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return failedCommand("--stop-cmd", err, said)
	}
	return nil
}

// Start runs the start command until it ends or the instance listens. A server that runs in the foreground keeps running
// until [commands.close].
func (c *commands) Start(ctx context.Context, instance int) error {
	command, said := c.shell(context.WithoutCancel(ctx), c.start, instance) // the server outlives the case that starts it
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return failedCommand("--start-cmd", err, said)
	}
	over := make(chan error, 1)
	go func() { over <- command.Wait() }()
	c.mu.Lock()
	c.running = append(c.running, started{instance, command, over})
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

// Revive restarts an instance that has gone away. If it hangs, the stop command ends it first, if there is one. An instance
// that the suite itself started is ended, too.
func (c *commands) Revive(ctx context.Context, instance int, hangs bool) error {
	if hangs && c.stop != "" {
		if err := c.Stop(ctx, instance); err != nil {
			return err
		}
	}
	c.end(func(s started) bool { return s.instance == instance })
	return c.Start(ctx, instance)
}

// close ends the start commands that still run.
func (c *commands) close() { c.end(func(started) bool { return true }) }

// end ends the selected start commands that still run.
func (c *commands) end(those func(started) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = slices.DeleteFunc(c.running, func(s started) bool {
		if !those(s) {
			return false
		}
		select {
		case <-s.over:
			return true
		default:
		}
		_ = process.Terminate(s.command.Process)
		select {
		case <-s.over:
		case <-time.After(shellGrace):
			_ = process.Kill(s.command.Process)
			<-s.over
		}
		return true
	})
}

// failedCommand says in one line why a command failed.
func failedCommand(flag string, err error, said *process.Tail) error {
	if last := said.LastLine(); last != "" {
		return fmt.Errorf("%s: %w: %s", flag, err, last)
	}
	return fmt.Errorf("%s: %w", flag, err)
}
