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

// commands stop and start the instances of a cluster that the user runs, through a shell.
type commands struct {
	stop, start string
	targets     []*wire.Target

	mu      sync.Mutex
	running []started // start commands that stayed
}

// started is a start command, and what becomes of it.
type started struct {
	instance int
	command  *exec.Cmd
	over     chan error
}

// shellGrace is what a command that stayed has to end once it was asked to.
const shellGrace = 5 * time.Second

// shell makes a command: the instance's number, from 1, stands for {}.
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
	command.WaitDelay = time.Second // what it left running may keep its output open
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return failedCommand("--stop-cmd", err, said)
	}
	return nil
}

// Start runs the start command until it ends, or until the instance listens: a server that runs in the
// foreground is let run until [commands.close].
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

// Revive starts an instance again that has gone away. One that hangs is ended first: by the stop command, where there is
// one, and where the suite started it itself.
func (c *commands) Revive(ctx context.Context, instance int, hangs bool) error {
	if hangs && c.stop != "" {
		if err := c.Stop(ctx, instance); err != nil {
			return err
		}
	}
	c.end(func(s started) bool { return s.instance == instance })
	return c.Start(ctx, instance)
}

// close ends the start commands that stayed.
func (c *commands) close() { c.end(func(started) bool { return true }) }

// end ends those of the start commands that stayed.
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

// failedCommand says in a line why a command failed.
func failedCommand(flag string, err error, said *process.Tail) error {
	if last := said.LastLine(); last != "" {
		return fmt.Errorf("%s: %w: %s", flag, err, last)
	}
	return fmt.Errorf("%s: %w", flag, err)
}
