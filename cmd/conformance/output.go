package main

import (
	"errors"
	"io"
	"os"
)

// standardOutput stands for the standard output if a flag takes a file.
const standardOutput = "-"

// writeOutput writes to the file of a flag, or to out if the path is empty or "-". If the file cannot be created, that is
// the user's mistake; if it cannot be written completely, it is not.
func writeOutput(path string, out io.Writer, write func(io.Writer) error) error {
	if path == "" || path == standardOutput {
		return write(out)
	}
	file, err := os.Create(path)
	if err != nil {
		return usage("--output: %v", err)
	}
	return errors.Join(write(file), file.Close())
}
