package wire

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
)

// A read in progress when the suite closes the connection may bring the rest of a secret whose beginning was held back. The
// rest must not be shown by itself.
func TestNothingIsRecordedAfterTheEnd(t *testing.T) {
	target, err := ParseTarget("http://localhost:3000")
	if err != nil {
		t.Fatal(err)
	}
	target.Hide("s3cr3t/t0k3n")
	here, there := net.Pipe()
	defer there.Close()
	recorder := NewRecorder(target)
	c := &Conn{Conn: here, name: "http-1", target: target, recorder: recorder}
	c.out.secrets.redactor, c.in.secrets.redactor = &target.redactor, &target.redactor
	c.record(Received, &c.in, []byte("HTTP/1.1 200 OK\r\nX-Mirror: s3c"))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.record(Received, &c.in, []byte("r3t/t0k3n\r\n\r\n"))
	text, err := json.Marshal(recorder.Seal())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "t0k3n") || !strings.Contains(string(text), "X-Mirror") {
		t.Errorf("got the trace %s", text)
	}
}
