package wire

import (
	"testing"
	"time"
)

// What a target may have died of is the first thing that it was sent and left unanswered.
func TestUnansweredEvents(t *testing.T) {
	r := NewRecorder()
	frame := func(connection string, d Direction, text string) Event {
		return Event{Connection: connection, Frame: &FrameData{Direction: d, Opcode: Text, Content: Content{Text: text}}}
	}
	request := func(connection, text string) Event {
		return Event{Connection: connection, HTTP: &HTTPData{Direction: Sent, Content: Content{Text: text}}}
	}
	r.Add(frame("websocket-1", Sent, `42["a"]`)) // answered
	r.Add(frame("websocket-1", Received, `42["b"]`))
	r.Add(request("http-1", "GET /?sid=a HTTP/1.1\r\n\r\n")) // a poll may wait
	fatal := r.Add(request("http-2", "POST /?sid=a HTTP/1.1\r\n\r\n4"))
	r.Add(frame("websocket-1", Sent, "3"))
	silent := r.Add(frame("websocket-1", Sent, `42["c"]`))
	if sent, found := r.Unanswered(time.Time{}); !found || !sent.Equal(r.Time(fatal)) {
		t.Errorf("got %v, %v; want %v", sent, found, r.Time(fatal))
	}
	r.Add(Event{Connection: "http-2", HTTP: &HTTPData{Direction: Received, Content: Content{Text: "HTTP/1.1 200 OK\r\n\r\nok"}}})
	if sent, found := r.Unanswered(time.Time{}); !found || !sent.Equal(r.Time(silent)) {
		t.Errorf("got %v, %v; want the frame behind the pong", sent, found)
	}
}
