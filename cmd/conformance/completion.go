package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
)

// completionScripts ask the command itself for candidates, so that they cannot get out of date.
var completionScripts = map[string]string{
	"bash": `_conformance() {
  local IFS=$'\n'
  COMPREPLY=($(conformance __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _conformance conformance
`,
	"zsh": `#compdef conformance
_conformance() {
  local -a values
  values=(${(f)"$(conformance __complete "${(@)words[2,CURRENT]}" 2>/dev/null | cut -f1)"})
  if (( ${#values} )); then
    compadd -a values
  else
    compset -P '*='
    _files
  fi
}
if [[ $funcstack[1] == _conformance ]]; then # loaded from $fpath, to complete at once
  _conformance "$@"
else
  compdef _conformance conformance
fi
`,
	"fish": `complete -c conformance -a '(conformance __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

func completionCommand(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	f := newFlags("completion", "completion bash|zsh|fish")
	f.operands = true
	f.after = `Prints a script that completes subcommands, flags and their values, cases and
faults.

Examples:
  source <(conformance completion bash)
  conformance completion zsh > "${fpath[1]}/_conformance"
  conformance completion fish > ~/.config/fish/completions/conformance.fish`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	script, known := completionScripts[f.Arg(0)]
	if f.NArg() != 1 || !known {
		return 0, usage("completion takes the name of a shell: bash, zsh or fish")
	}
	_, err := io.WriteString(out, script)
	return 0, err
}

// candidate is a word that fits, with its meaning.
type candidate struct{ word, meaning string }

// complete prints the candidates for the last of the words after the command's name, one per line. It prints none for file
// names: the shell completes those.
func complete(words []string, out io.Writer) {
	if len(words) == 0 {
		words = []string{""}
	}
	for _, c := range candidates(words) {
		fmt.Fprintf(out, "%s\t%s\n", c.word, c.meaning)
	}
}

func candidates(words []string) []candidate {
	words, last := words[:len(words)-1], words[len(words)-1]
	name := "run"
	if len(words) > 0 && !strings.HasPrefix(words[0], "-") {
		name, words = words[0], words[1:]
	} else if len(words) == 0 && !strings.HasPrefix(last, "-") {
		return fitting(last, "", names())
	}
	if name == "help" && len(words) == 0 {
		return fitting(last, "", names())
	}
	i := slices.IndexFunc(subcommands(), func(s subcommand) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	flags := flagsOf(subcommands()[i])
	n := len(words)
	switch { // bash makes "=" a word of its own
	case last == "=" && n > 0:
		return fitting("", "", values(flags, words[n-1]))
	case n > 1 && words[n-1] == "=":
		return fitting(last, "", values(flags, words[n-2]))
	}
	if flag, value, glued := strings.Cut(last, "="); glued && strings.HasPrefix(last, "-") {
		return fitting(value, flag+"=", values(flags, flag))
	}
	if n > 0 && takesValue(flags, words[n-1]) {
		return fitting(last, "", values(flags, words[n-1]))
	}
	if strings.HasPrefix(last, "-") {
		var all []candidate
		flags.VisitAll(func(f *pflag.Flag) {
			_, usage := pflag.UnquoteUsage(f)
			all = append(all, candidate{"--" + f.Name, usage})
		})
		return fitting(last, "", append(all, candidate{"--help", "show the flags"}))
	}
	switch name {
	case "explain":
		return fitting(last, "", caseIDs())
	case "completion":
		return fitting(last, "", plainWords("bash", "zsh", "fish"))
	}
	return nil
}

// fitting returns the candidates that begin with the word.
func fitting(word, before string, all []candidate) (fit []candidate) {
	for _, c := range all {
		if strings.HasPrefix(c.word, word) {
			fit = append(fit, candidate{before + c.word, c.meaning})
		}
	}
	return fit
}

func names() (all []candidate) {
	for _, s := range subcommands() {
		all = append(all, candidate{s.name, s.summary})
	}
	return append(all, candidate{"help", "list the subcommands"})
}

// flagsOf asks a subcommand for its flags.
func flagsOf(s subcommand) *pflag.FlagSet {
	asked := &flagsAsked{}
	_, _ = s.run(context.Background(), nil, asked, io.Discard) // it declares its flags and returns at once
	return asked.flags.FlagSet
}

func lookup(f *pflag.FlagSet, word string) *pflag.Flag {
	if name, long := strings.CutPrefix(word, "--"); long {
		return f.Lookup(name)
	}
	if len(word) == 2 && word[0] == '-' {
		return f.ShorthandLookup(word[1:])
	}
	return nil
}

func takesValue(f *pflag.FlagSet, word string) bool {
	flag := lookup(f, word)
	return flag != nil && flag.NoOptDefVal == ""
}

// values returns the values that a flag takes, if they can be listed.
func values(f *pflag.FlagSet, word string) []candidate {
	flag := lookup(f, word)
	if flag == nil {
		return nil
	}
	switch flag.Name {
	case "only", "skip":
		return caseIDs()
	case "fault":
		var all []candidate
		for _, one := range fault.All() {
			all = append(all, candidate{one.Name, one.Sentence})
		}
		return all
	case "profile":
		return plainWords(append(slices.Clone(suite.Profiles), suite.ProfileBrowser)...)
	case "without":
		return plainWords(suite.Removable()...)
	case "transports":
		return plainWords(suite.PollingTransport, suite.WebSocketTransport)
	case "edition":
		return plainWords(suite.Editions...)
	case "color":
		return plainWords("auto", "always", "never")
	case "format":
		if f.Name() == "badge" {
			return plainWords("svg", "json")
		}
		if f.Lookup("target") == nil && f.Lookup("junit") == nil {
			return plainWords("markdown", "html", "json")
		}
		return plainWords("plain", "github")
	case "adapter":
		return plainWords("redis", "sharded")
	}
	return nil
}

func caseIDs() (all []candidate) {
	for _, area := range suite.Areas {
		all = append(all, candidate{area, "all cases of the area"})
	}
	for _, c := range suite.Cases() {
		all = append(all, candidate{c.ID, c.Title})
	}
	return all
}

func plainWords[S ~string](words ...S) (all []candidate) {
	for _, w := range words {
		all = append(all, candidate{string(w), ""})
	}
	return all
}
