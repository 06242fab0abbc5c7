package cases

import (
	"strconv"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
)

// A server may also serve clients of protocol version 3, as the official one does with allowEIO3. Then it treats every
// client that does not name version 4 as such a client, and there is nothing to refuse. Its answers show it: version 3 puts
// the length before each packet of a payload, and the client sends the pings. A server that opens a session of version 4
// for another version does not speak version 3, and fails.

// refusesProtocol ends a case if the answer to a handshake of another protocol version opens a session of version 3.
func refusesProtocol(t *T, answer *Response) {
	if speaksProtocol3(t, answer) {
		t.Inapplicable("the target also serves clients of protocol version 3, and treats this one as such")
	}
}

// servesProtocol3 reports whether the target serves clients of version 3 over polling.
func servesProtocol3(t *T) bool { return speaksProtocol3(t, t.GET("?EIO=3&transport=polling")) }

// speaksProtocol3 reports whether an answer opens a polling session of version 3 that answers the client's ping.
func speaksProtocol3(t *T, answer *Response) bool {
	packets := payload3(answer.Body)
	if answer.Status != 200 || len(packets) == 0 {
		return false
	}
	open, err := protocol.ParseOpen(packets[0])
	if err != nil {
		return false
	}
	query := "?EIO=3&transport=polling&sid=" + Escaped(open.SID)
	if r := t.POST(query, "1:2"); r.Status != 200 {
		return false
	}
	for range 3 { // unsolicited packets come first
		r := t.GET(query)
		for _, packet := range payload3(r.Body) {
			if packet == "3" {
				t.POST(query, "1:1")
				return true
			}
		}
		if r.Status != 200 {
			break
		}
	}
	return false
}

// payload3 splits a payload of version 3, with packets in ASCII, into its packets. It returns none if the body is not such
// a payload.
func payload3(body string) (packets []string) {
	for body != "" {
		digits, rest, found := strings.Cut(body, ":")
		n, err := strconv.Atoi(digits)
		if !found || err != nil || n < 1 || n > len(rest) {
			return nil
		}
		packets, body = append(packets, rest[:n]), rest[n:]
	}
	return packets
}

// refusesSocketProtocol ends a case if a WebSocket of another protocol version is served as version 3.
func refusesSocketProtocol(t *T, w *WebSocket) {
	if !servesProtocol3(t) {
		return
	}
	_, err := protocol.ParseOpen(w.Receive())
	w.Send("2")
	for range 3 {
		if err == nil && w.Receive() == "3" {
			t.Inapplicable("the target also serves clients of protocol version 3, and treats this one as such")
		}
	}
}
