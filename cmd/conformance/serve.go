package main

import (
	"context"
	"errors"
	"io"
)

func serveCommand(context.Context, []string, io.Writer, io.Writer) (int, error) {
	return 0, errors.New("not yet")
}
