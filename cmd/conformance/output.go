package main

import (
	"errors"
	"io"
	"os"
)

// standardOutput stands for the standard output where a flag takes a file.
const standardOutput = "-"

// writeOutput writes to the file of a flag, or to out where the path is empty or "-". That the file cannot be made is the
// user's mistake; that it cannot be written whole is not.
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
