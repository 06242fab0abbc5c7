package wire

import (
	"bufio"
	"net/http"
	"testing"
	"time"
)

// A peer that reads nothing does not keep a WebSocket from being closed, even while it is written to.
func TestCloseEndsAWriteToAPeerThatReadsNothing(t *testing.T) {
	target, opened := listening(t)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		conn := <-opened
		defer conn.Close()
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
			accept(request.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"))
		<-ended
	}()
	w, _, err := target.Upgrade(t.Context(), NewRecorder(target), "?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	blocked := make(chan error, 1)
	go func() { blocked <- w.Send(Message{Data: string(make([]byte, 32<<20))}) }()
	time.Sleep(50 * time.Millisecond) // the write is under way, or begins after the close
	w.Close()
	if err := <-blocked; err == nil {
		t.Error("32 MiB were written to a peer that reads nothing")
	}
}
