package wire

import (
	"errors"
	"net"
	"os"
	"strings"
)

// Reason returns the text of an error of a connection. It leaves out the system call and the addresses, which Go's text has
// and which say nothing about a connection that was open. What is left is, for example, "connection reset by peer".
func Reason(err error) string {
	failed, is := errors.AsType[*net.OpError](err)
	if !is || failed.Op == "dial" {
		return err.Error()
	}
	reason := failed.Err
	if call, is := errors.AsType[*os.SyscallError](reason); is {
		reason = call.Err
	}
	return strings.Replace(err.Error(), failed.Error(), reason.Error(), 1)
}
