package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestReasonsAreSaidPlainly(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 49102}
	reset := &net.OpError{Op: "read", Net: "tcp", Source: at, Addr: at, Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for want, err := range map[string]error{
		"connection reset by peer":                        reset,
		"the answer: connection reset by peer":            fmt.Errorf("the answer: %w", reset),
		"dial tcp 127.0.0.1:49102: nothing listens there": &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: errors.New("nothing listens there")},
		"something else":                                  errors.New("something else"),
	} {
		if got := Reason(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
