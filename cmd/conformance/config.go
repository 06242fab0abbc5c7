package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"example.test/conformance/suite/runner"
)

// defaultConfig is the file that a run reads if it is in the working directory.
const defaultConfig = ".conformance.yaml"

// ofTargets are the flags that belong to the targets in the file. They are ignored if the command line names other targets,
// so that a token is never sent to a server that it was not meant for.
var ofTargets = []string{"target", "header", "auth", "insecure", "ca", "stop-cmd", "start-cmd", "broker"}

// configure sets the flags of a run that the command line does not set, from a YAML file with the long names of flags as
// keys. A flag that may be repeated takes a list of values. It returns the path of the file that it read, or "". Every
// mistake in the file is the user's.
func (f *flags) configure(path string) (string, error) {
	text, err := os.ReadFile(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) && !f.Changed("config") {
		return "", nil
	}
	if err != nil {
		return "", usage("--config: %v", err)
	}
	var given map[string]settings
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&given); err != nil && !errors.Is(err, io.EOF) {
		return "", usage("%s: it is not a mapping of flags to values: %v", path, err)
	}
	var names, known []string
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	f.VisitAll(func(one *pflag.Flag) { known = append(known, one.Name) })
	fromLine := map[string]bool{}
	f.Visit(func(one *pflag.Flag) { fromLine[one.Name] = true })
	for _, name := range names {
		flag := f.Lookup(name)
		if flag == nil || name == "config" {
			return "", usage("%s: there is no setting %s%s", path, name, runner.Meant(name, known))
		}
		if fromLine[name] || fromLine["target"] && slices.Contains(ofTargets, name) {
			continue
		}
		if _, list := flag.Value.(pflag.SliceValue); !list && len(given[name]) != 1 {
			return "", usage("%s: %s takes one value", path, name)
		}
		for _, value := range given[name] {
			if err := f.Set(name, value); err != nil {
				return "", usage("%s: %s", path, f.mistake(err))
			}
		}
	}
	return path, nil
}

// settings are the values of a flag: a scalar or a list of scalars.
type settings []string

func (s *settings) UnmarshalYAML(node *yaml.Node) error {
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Tag == "!!null" {
			return fmt.Errorf("line %d: a value is missing", node.Line)
		}
		*s = settings{node.Value}
		return nil
	case yaml.SequenceNode:
		*s = settings{}
		for _, one := range node.Content {
			if one.Kind != yaml.ScalarNode {
				return fmt.Errorf("line %d: a list holds plain values", one.Line)
			}
			*s = append(*s, one.Value)
		}
		return nil
	default:
		return fmt.Errorf("line %d: a setting is a value or a list of values", node.Line)
	}
}
