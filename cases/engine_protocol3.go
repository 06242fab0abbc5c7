package cases

import (
	"strconv"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
)

// A server may serve clients of the protocol before as well, as the official one does with allowEIO3: then it takes
// for such a client whatever does not name version 4, and there is nothing to refuse. Its answers tell: version 3
// puts the length before each packet of a payload, and there it is the client that pings. One that opens a session
// of version 4 for another version speaks no version 3, and fails.

// refusesProtocol ends a case where the answer to a handshake of another protocol version opens a session of version 3.
func refusesProtocol(t *T, answer *Response) {
	if speaksProtocol3(t, answer) {
		t.Inapplicable("the target serves clients of protocol version 3, too, and takes this one for such")
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
	if r := t.POST(query, "1:2", Header("Content-Type", "text/plain;charset=UTF-8")); r.Status != 200 {
		return false
	}
	for range 3 { // what the server says by itself comes first
		r := t.GET(query)
		for _, packet := range payload3(r.Body) {
			if packet == "3" {
				t.POST(query, "1:1", Header("Content-Type", "text/plain;charset=UTF-8"))
				return true
			}
		}
		if r.Status != 200 {
			break
		}
	}
	return false
}

// payload3 splits a payload of version 3, of packets in ASCII, into its packets; none where it is no such payload.
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

// refusesSocketProtocol ends a case where a WebSocket of another protocol version is one of version 3.
func refusesSocketProtocol(t *T, w *WebSocket) {
	if !servesProtocol3(t) {
		return
	}
	_, err := protocol.ParseOpen(w.Receive())
	w.Send("2")
	for range 3 {
		if err == nil && w.Receive() == "3" {
			t.Inapplicable("the target serves clients of protocol version 3, too, and takes this one for such")
		}
	}
}
