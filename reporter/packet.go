package reporter

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

var socketTypes = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// decode says in words what an event carries: the packet, the request, the close code. The words
// hold text of the target; they are empty where there is nothing to add to the raw content.
func decode(e wire.Event) string {
	switch e.Kind {
	case "http":
		return decodeHTTP(e.Text, e.Direction)
	case "text":
		if strings.Contains(e.Frame, "not final") || strings.HasPrefix(e.Frame, "continuation") {
			return "fragment (" + e.Frame + ")"
		}
		return decodePacket(e.Text)
	case "binary":
		return "attachment, " + count(size(e), "byte")
	case "control":
		return decodeControl(e)
	case "entry":
		return e.Frame
	}
	return ""
}

// size of an event's whole content, in bytes.
func size(e wire.Event) int { return max(e.Size, len(e.Text)+len(e.Bytes)) }

// decodePacket words an Engine.IO packet, with the Socket.IO packet in it.
func decodePacket(raw string) string {
	if raw == "" {
		return "empty packet"
	}
	rest := raw[1:]
	switch raw[0] {
	case '0':
		return "open"
	case '1':
		return "close"
	case '2', '3':
		return strings.TrimSpace(map[byte]string{'2': "ping ", '3': "pong "}[raw[0]] + clip(rest, 40))
	case '4':
		return decodeMessage(raw)
	case '5':
		return "upgrade"
	case '6':
		return "noop"
	case 'b':
		if data, err := base64.StdEncoding.DecodeString(rest); err == nil {
			return "attachment, " + count(len(data), "byte")
		}
		return "attachment, not in base64"
	}
	return "no Engine.IO packet"
}

func decodeMessage(raw string) string {
	p, err := suite.ParsePacket(raw)
	if p.Type < suite.Connect || p.Type > suite.BinaryAck {
		return "message"
	}
	words := []string{socketTypes[p.Type-suite.Connect]}
	if p.Type == suite.Event || p.Type == suite.BinaryEvent {
		if name, args := p.Event(); name != "" {
			words = append(words, strconv.Quote(clip(name, 80)), "with "+count(len(args), "argument"))
		}
	}
	if p.Named && p.Namespace != "/" {
		words = append(words, "in "+clip(p.Namespace, 80))
	}
	if p.ID != "" {
		words = append(words, "id "+clip(p.ID, 20))
	}
	if p.Count > 0 {
		words = append(words, "and "+count(p.Count, "attachment"))
	}
	if err != nil {
		words = append(words, "(malformed)")
	}
	return strings.Join(words, " ")
}

func decodeHTTP(text string, direction wire.Direction) string {
	head, body, whole := strings.Cut(text, "\r\n\r\n")
	first, _, _ := strings.Cut(head, "\r\n")
	switch {
	case direction == wire.Sent && strings.HasSuffix(first, " HTTP/1.1"):
		words := clip(strings.TrimSuffix(first, " HTTP/1.1"), 200)
		if whole {
			words += "\n" + decodePayload(body)
		}
		return strings.TrimSpace(words)
	case direction == wire.Received && strings.HasPrefix(first, "HTTP/"):
		_, status, _ := strings.Cut(first, " ")
		words := clip(status, 200)
		chunked := strings.Contains(strings.ToLower(head), "\r\ntransfer-encoding:")
		if whole && !chunked {
			words += "\n" + decodePayload(body)
		}
		return strings.TrimSpace(words)
	case strings.HasPrefix(text, "{"):
		return ""
	}
	return decodePayload(text)
}

// decodePayload words a body of HTTP long-polling: packets with separators between them.
func decodePayload(body string) string {
	switch body {
	case "":
		return ""
	case "ok":
		return "accepted"
	}
	if c := body[0]; c != 'b' && (c < '0' || c > '6') {
		return ""
	}
	packets := suite.ParsePayload(body)
	var words []string
	for i, p := range packets {
		if i == 20 {
			words = append(words, fmt.Sprintf("and %d more", len(packets)-i))
			break
		}
		words = append(words, decodePacket(p))
	}
	return strings.Join(words, "\n")
}

var closeReasons = map[int]string{
	1000: "normal closure", 1001: "going away", 1002: "protocol error", 1003: "unsupported data", 1005: "no code",
	1007: "invalid payload", 1008: "policy violation", 1009: "message too big", 1011: "internal error",
}

func decodeControl(e wire.Event) string {
	opcode, _, _ := strings.Cut(e.Frame, ",")
	payload := append([]byte(e.Text), e.Bytes...)
	if opcode != "close" {
		return "WebSocket " + opcode
	}
	if len(payload) < 2 {
		return "WebSocket close without code"
	}
	code := int(payload[0])<<8 | int(payload[1])
	words := fmt.Sprintf("WebSocket close %d", code)
	if reason := closeReasons[code]; reason != "" {
		words += " (" + reason + ")"
	}
	if len(payload) > 2 {
		words += ": " + string(payload[2:])
	}
	return words
}
