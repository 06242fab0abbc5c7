// Command conformance checks a Socket.IO server at any URL.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	_ "example.test/conformance/cases"
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// Exit codes that do not belong to a verdict.
const (
	exitUsage = 2
	exitError = 4
)

// subcommand is a word after the command's name.
type subcommand struct {
	name, arguments, summary string
	run                      func(ctx context.Context, args []string, out, errOut io.Writer) (int, error)
}

func subcommands() []subcommand {
	return []subcommand{
		{"run", "[flags]", "run the suite (the default)", runCommand},
		{"list", "[flags]", "list the cases", listCommand},
		{"doctor", "URL", "find out why clients cannot connect", doctorCommand},
		{"check-application", "URL…", "check whether a conformance application is complete", checkApplicationCommand},
		{"explain", "ID…", "explain a case: its rule, the wire, usual mistakes", explainCommand},
		{"compare", "RESULTS RESULTS …", "compare the results of runs", compareCommand},
		{"merge", "DIR…", "combine the parts that --shard made into one run", mergeCommand},
		{"badge", "RESULTS", "make a badge of a run's verdict", badgeCommand},
		{"certify", "RESULTS", "sign a statement that others can verify", certifyCommand},
		{"verify", "CERTIFICATE", "verify a statement that certify signed", verifyCommand},
		{"serve", "[flags]", "serve the reference server and its application", serveCommand},
		{"prove", "[flags]", "prove that each case can fail, with each fault", proveCommand},
		{"completion", "bash|zsh|fish", "print a script that completes what you type", completionCommand},
		{"version", "", "print the versions of suite, catalogue and Go", versionCommand},
	}
}

// memoryLimit is how much memory, in bytes, the runtime may hold before it collects garbage more often than by default.
// Including the program itself, a process stays below 128 MB.
const memoryLimit = 90 << 20

func main() {
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
}

// Main runs the command and returns its exit code.
func Main(args []string, out, errOut io.Writer) int {
	ctx, stop := interruptible()
	defer stop()
	name, rest := "run", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	if name == "help" && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") { // as `conformance help run`
		name, rest = rest[0], []string{"--help"}
	}
	switch {
	case name == "help", len(args) == 1 && (args[0] == "--help" || args[0] == "-h"):
		overview(out)
		return 0
	case len(args) == 1 && args[0] == "--version":
		name, rest = "version", nil
	}
	if name == "__complete" {
		complete(rest, out)
		return 0
	}
	for _, s := range subcommands() {
		if s.name == name {
			code, err := s.run(ctx, rest, out, errOut)
			if _, wrong := errors.AsType[*runner.UsageError](err); err != nil && !wrong && context.Cause(ctx) == suite.ErrInterrupted {
				fmt.Fprintln(errOut, "conformance: interrupted")
				return suite.Interrupted.ExitCode()
			}
			return conclude(code, err, errOut)
		}
	}
	if name = wire.WithoutUser(name); addresses(name) {
		return conclude(0, usage("%q is not a subcommand: name a target as `conformance -t %s`", name, address(name)), errOut)
	}
	var known []string
	for _, one := range names() {
		known = append(known, one.word)
	}
	return conclude(0, usage("there is no subcommand %q%s: `conformance help` lists them", name, runner.Meant(name, known)), errOut)
}

// conclude says in one line what went wrong.
func conclude(code int, err error, errOut io.Writer) int {
	switch {
	case err == nil, errors.Is(err, pflag.ErrHelp), errors.Is(err, syscall.EPIPE):
		return code // the reader of the output, such as head, may have read enough
	default:
		fmt.Fprintln(errOut, "conformance:", wording.VisibleLine(strings.Join(strings.Fields(err.Error()), " ")))
	}
	if _, usage := errors.AsType[*runner.UsageError](err); usage {
		return exitUsage
	}
	return exitError
}

// interruptGrace is how long reports may take after a second interrupt: package managers and shells forward an interrupt
// that the process has already received, and reports must not be lost because of that.
const interruptGrace = 5 * time.Second

// interruptible returns a context that ends with the first interrupt. After a second interrupt the process ends soon, after
// a third one at once.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background()) // of the whole process
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// An output that is no longer read does not end the process: the reports of a run are still wanted.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		end := func() { os.Exit(suite.Interrupted.ExitCode()) }
		for n := 1; ; n++ {
			if _, open := <-signals; !open {
				return
			}
			switch n {
			case 1:
				cancel(suite.ErrInterrupted)
			case 2:
				time.AfterFunc(interruptGrace, end)
			default:
				end()
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

func overview(out io.Writer) {
	fmt.Fprintln(out, "conformance checks a Socket.IO server at any URL.")
	fmt.Fprintln(out, "\nUsage: conformance [subcommand] …")
	for _, s := range subcommands() {
		fmt.Fprintf(out, "  %-26s %s\n", s.name+" "+s.arguments, s.summary)
	}
	fmt.Fprintln(out, `
Examples:
  conformance                                     the embedded reference
  conformance -t http://localhost:3000            a server of yours
  conformance -t http://a:3000 -t http://b:3000   two instances of one cluster
  conformance -t ws://localhost:3000 --only 'errors/*'
  conformance doctor https://chat.example         why clients cannot connect

Exit codes: 0 conformant, 1 not conformant, 2 wrong usage, 3 target unreachable,
4 error in the suite, 5 incomplete, 130 interrupted.

'conformance help SUBCOMMAND' shows the flags of each.`)
}
