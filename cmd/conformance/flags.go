package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"example.test/conformance/suite"
)

// flags of a subcommand, in groups for its help.
type flags struct {
	*pflag.FlagSet
	usage    string
	groups   []*group
	after    string // what the help says behind the flags
	operands bool   // arguments that are no flags are taken
}

// flagsAsked is an output that a subcommand writes nothing to: [flags.parse] leaves its flags there and
// ends the subcommand.
type flagsAsked struct {
	io.Writer
	flags *flags
}

type group struct {
	title string
	*pflag.FlagSet
}

func newFlags(name, usage string) *flags {
	f := &flags{FlagSet: pflag.NewFlagSet(name, pflag.ContinueOnError), usage: usage}
	f.FlagSet.Usage = func() {}
	f.SetOutput(io.Discard)
	f.SortFlags = false
	return f
}

// group begins a group of flags.
func (f *flags) group(title string) *group {
	g := &group{title, pflag.NewFlagSet(title, pflag.ContinueOnError)}
	g.SortFlags = false
	f.groups = append(f.groups, g)
	return g
}

// parse reads the arguments. It prints the help where that is asked for, and returns [pflag.ErrHelp] then.
func (f *flags) parse(args []string, out io.Writer) error {
	for _, g := range f.groups {
		f.AddFlagSet(g.FlagSet)
	}
	if asked, ok := out.(*flagsAsked); ok {
		asked.flags = f
		return pflag.ErrHelp
	}
	err := f.Parse(args)
	switch {
	case err == pflag.ErrHelp:
		fmt.Fprintf(out, "Usage: conformance %s\n", f.usage)
		for _, g := range f.groups {
			fmt.Fprintf(out, "\n%s:\n%s", g.title, g.FlagUsagesWrapped(80))
		}
		if f.after != "" {
			fmt.Fprintf(out, "\n%s\n", strings.TrimSpace(f.after))
		}
		return err
	case err != nil:
		return &suite.UsageError{Message: fmt.Sprintf("%v: `conformance %s --help` shows the flags", err, f.Name())}
	case f.NArg() > 0 && !f.operands:
		return &suite.UsageError{Message: fmt.Sprintf("%q is no flag: `conformance %s --help` shows them", f.Arg(0), f.Name())}
	}
	return nil
}
