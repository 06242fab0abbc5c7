package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/spf13/pflag"

	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// flags are the flags of a subcommand, in groups for its help.
type flags struct {
	*pflag.FlagSet
	usage    string
	groups   []*group
	after    string // what the help says after the flags
	operands bool   // arguments other than flags are accepted
}

// flagsAsked is an output for asking a subcommand for its flags: [flags.parse] stores them there and ends the subcommand.
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

// parse reads the arguments. If help is asked for, it prints the help and returns [pflag.ErrHelp].
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
			g.VisitAll(func(one *pflag.Flag) {
				if one.Value.Type() == "bool" {
					one.Value, one.NoOptDefVal = bare{one.Value}, ""
				}
			})
			fmt.Fprintf(out, "\n%s:\n%s", g.title, g.FlagUsagesWrapped(80))
		}
		if f.after != "" {
			fmt.Fprintf(out, "\n%s\n", strings.TrimSpace(f.after))
		}
		return err
	case err != nil:
		return usage("%s: `conformance %s --help` shows the flags", f.mistake(err), f.Name())
	case f.NArg() > 0 && f.Lookup("target") != nil && addresses(f.Arg(0)):
		target := wire.WithoutUser(f.Arg(0))
		return usage("%q is not a flag: name a target as `conformance -t %s`", target, address(target))
	case f.NArg() > 0 && !f.operands:
		return usage("%q is not a flag, and %s takes nothing else: `conformance %s --help` shows them", f.Arg(0), f.Name(), f.Name())
	}
	return nil
}

// bare is the value of a flag whose help shows only its name, not the values that it takes.
type bare struct{ pflag.Value }

func (bare) Type() string { return "" }

// mistake says what is wrong with the flags.
func (f *flags) mistake(err error) string {
	if none, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := none.GetSpecifiedName()
		if none.GetSpecifiedShortnames() != "" {
			return fmt.Sprintf("there is no flag -%s", name)
		}
		var names []string
		f.VisitAll(func(one *pflag.Flag) { names = append(names, "--"+one.Name) })
		return fmt.Sprintf("there is no flag --%s%s", name, runner.Meant("--"+name, names))
	}
	if none, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := pflag.UnquoteUsage(none.GetFlag())
		return fmt.Sprintf("--%s needs a value: %s", none.GetFlag().Name, value)
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if why := invalid.Unwrap(); strings.Contains(why.Error(), invalid.GetValue()) {
			return fmt.Sprintf("--%s: %v", invalid.GetFlag().Name, why)
		}
		return fmt.Sprintf("--%s: %q %v", invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap())
	}
	return err.Error()
}

// addresses reports whether a word looks like the address of a server.
func addresses(word string) bool {
	_, port, err := net.SplitHostPort(word)
	return strings.Contains(word, "://") || err == nil && port != "" && isPort(port)
}

// address returns a word that [addresses] accepts as a URL.
func address(word string) string {
	if !strings.Contains(word, "://") {
		return "http://" + word
	}
	return word
}
