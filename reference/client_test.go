package reference_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference"
)

// patience is how long a test waits for something that must come.
const patience = 10 * time.Second

// serve runs a server with long timers until the test ends.
func serve(t *testing.T, options reference.Options) (*reference.Server, string) {
	t.Helper()
	server := reference.NewServer(options)
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		listener.Close()
	})
	return server, listener.URL
}

// client speaks the wire protocol over a WebSocket.
type client struct {
	*testing.T
	conn *websocket.Conn
}

// dial opens a session.
func dial(t *testing.T, url string) *client {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &client{t, conn}
	if open := c.receive(); !strings.HasPrefix(open, "0{") {
		t.Fatalf("the first message is %s", open)
	}
	return c
}

// join opens a session and joins a namespace.
func join(t *testing.T, url, namespace string) *client {
	t.Helper()
	c := dial(t, url)
	prefix := ""
	if namespace != "/" {
		prefix = namespace + ","
	}
	c.send("40" + prefix)
	if answer := c.receive(); !strings.HasPrefix(answer, "40"+prefix+`{"sid":"`) {
		t.Fatalf("the answer is %s", answer)
	}
	return c
}

func (c *client) send(text string) {
	c.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.Fatal(err)
	}
}

func (c *client) sendBinary(data []byte) {
	c.Helper()
	if err := c.conn.WriteMessage(websocket.BinaryMessage, data); err != nil {
		c.Fatal(err)
	}
}

// next returns the next message other than a ping. A binary message gets the prefix "binary ". ok is false when the server
// has closed.
func (c *client) next() (message string, ok bool) {
	c.Helper()
	for {
		c.conn.SetReadDeadline(time.Now().Add(patience))
		kind, data, err := c.conn.ReadMessage()
		switch {
		case err != nil && strings.Contains(err.Error(), "timeout"):
			c.Fatal("nothing came")
		case err != nil:
			return "", false
		case kind == websocket.BinaryMessage:
			return "binary " + string(data), true
		case string(data) == "2":
			c.send("3")
		default:
			return string(data), true
		}
	}
}

func (c *client) receive() string {
	c.Helper()
	message, ok := c.next()
	if !ok {
		c.Fatal("the connection closed")
	}
	return message
}

func (c *client) expect(messages ...string) {
	c.Helper()
	for _, want := range messages {
		if got := c.receive(); got != want {
			c.Fatalf("received %s, want %s", got, want)
		}
	}
}

func (c *client) expectClosed() {
	c.Helper()
	if message, ok := c.next(); ok {
		c.Fatalf("got %s, want a closed connection", message)
	}
}
