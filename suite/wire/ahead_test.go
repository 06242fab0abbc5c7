package wire

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// listening returns a target that answers nothing, and its connections as they are opened.
func listening(t *testing.T) (*Target, chan net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	opened := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			opened <- conn
		}
	}()
	target, err := ParseTarget("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return target, opened
}

func TestConnectionOpenedAheadIsUsed(t *testing.T) {
	target, opened := listening(t)
	a := target.Ahead(t.Context())
	defer a.Close()
	server := <-opened
	defer server.Close()
	recorder := NewRecorder(target)
	conn, err := target.Dial(a.For(t.Context()), recorder, KindHTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	a.Close() // it is the request's now
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(server, make([]byte, 1)); err != nil {
		t.Errorf("what was sent did not come: %v", err)
	}
	if events := recorder.Trace(); len(events) != 2 || events[0].Opened == nil || events[0].Opened.Kind != KindHTTP {
		t.Errorf("the trace is %+v", events)
	}
	if len(opened) > 0 {
		t.Error("another connection was opened")
	}
	again, err := target.Dial(a.For(t.Context()), recorder, KindHTTP)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	(<-opened).Close()
}

func TestConnectionOpenedAheadIsClosedUnlessUsed(t *testing.T) {
	target, opened := listening(t)
	for _, wait := range []bool{true, false} {
		a := target.Ahead(t.Context())
		if wait {
			<-a.done
		}
		a.Close()
		<-a.done
		if wait {
			server := <-opened
			if n, err := server.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
				t.Errorf("the connection goes on: %d bytes, %v", n, err)
			}
			server.Close()
		}
		if !a.Stale() {
			t.Error("a closed connection may be used")
		}
	}
}

func TestConnectionOpenedLongAgoIsNotUsed(t *testing.T) {
	target, opened := listening(t)
	a := target.Ahead(t.Context())
	defer a.Close()
	first := <-opened
	defer first.Close()
	<-a.done
	a.since = a.since.Add(-keepsAhead - time.Millisecond)
	conn, err := target.Dial(a.For(t.Context()), NewRecorder(target), KindHTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	(<-opened).Close()
}

func TestConnectionsOfALimitedRunAreNotOpenedAhead(t *testing.T) {
	target, _ := listening(t)
	target.Pace = NewPace(100)
	a := target.Ahead(t.Context())
	if a != nil || !a.Stale() || a.For(t.Context()) != t.Context() {
		t.Error("a connection is opened ahead, although their rate is limited")
	}
	a.Close()
}
