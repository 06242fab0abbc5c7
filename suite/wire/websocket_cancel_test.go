package wire_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"example.test/conformance/suite/wire"
)

// A server whose answer never ends does not block a request that was cancelled.
func TestUpgradeEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, err = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n"))
		for cancel(); err == nil; time.Sleep(10 * time.Millisecond) {
			_, err = conn.Write([]byte("X"))
		}
	}()
	target, err := wire.ParseTarget("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if ws, _, err := target.Upgrade(ctx, wire.NewRecorder(target), "/socket.io/?EIO=4&transport=websocket", nil); err == nil || ws != nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
	<-done
}
