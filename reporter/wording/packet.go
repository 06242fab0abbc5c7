package wording

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

var socketTypes = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// Decode says in words what an event carries: the packet, the request, the close code. The words contain text of the target.
// They are empty if there is nothing to add to the raw content.
func Decode(e wire.Event) string {
	switch f := e.Frame; {
	case e.HTTP != nil:
		return decodeHTTP(e.HTTP.Text, e.HTTP.Direction)
	case f == nil:
		return ""
	case f.Opcode == wire.Close:
		return decodeClose(f)
	case f.Opcode.Control():
		return "WebSocket " + f.Opcode.String()
	case !f.Final || f.Opcode == wire.Continuation:
		return "fragment (" + head(f) + ")"
	case f.Opcode == wire.Binary:
		return "attachment, " + Count(f.Len(), "byte")
	}
	return decodePacket(e.Frame.Text)
}

// decodePacket puts an Engine.IO packet into words, with the Socket.IO packet in it.
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
		return strings.TrimSpace(map[byte]string{'2': "ping ", '3': "pong "}[raw[0]] + Clip(rest, 40))
	case '4':
		return decodeMessage(raw)
	case '5':
		return "upgrade"
	case '6':
		return "noop"
	case 'b':
		if data, err := base64.StdEncoding.DecodeString(rest); err == nil {
			return "attachment, " + Count(len(data), "byte")
		}
		return "attachment, not in base64"
	}
	return "no Engine.IO packet"
}

func decodeMessage(raw string) string {
	p, err := protocol.ParsePacket(raw)
	if p.Type < protocol.Connect || p.Type > protocol.BinaryAck {
		return "message"
	}
	words := []string{socketTypes[p.Type-protocol.Connect]}
	if p.Type == protocol.Event || p.Type == protocol.BinaryEvent {
		if name, args := p.Event(); name != "" {
			words = append(words, strconv.Quote(Clip(name, 80)), "with "+Count(len(args), "argument"))
		}
	}
	if p.Named && p.Namespace != "/" {
		words = append(words, "in "+Clip(p.Namespace, 80))
	}
	if p.ID != "" {
		words = append(words, "id "+Clip(p.ID, 20))
	}
	if p.Count > 0 {
		words = append(words, "and "+Count(p.Count, "attachment"))
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
		words := Clip(strings.TrimSuffix(first, " HTTP/1.1"), 200)
		if whole {
			words += "\n" + decodePayload(body)
		}
		return strings.TrimSpace(words)
	case direction == wire.Received && strings.HasPrefix(first, "HTTP/"):
		_, status, _ := strings.Cut(first, " ")
		words := Clip(status, 200)
		if strings.Contains(strings.ToLower(head), "\r\ntransfer-encoding:") {
			body = withoutChunks(body)
		}
		if whole {
			words += "\n" + decodePayload(body)
		}
		return strings.TrimSpace(words)
	case strings.HasPrefix(text, "{"):
		return ""
	}
	if chunkSize.MatchString(text) {
		text = withoutChunks(text)
	}
	return decodePayload(text)
}

// chunkSize matches the line before the content of a chunk (RFC 9112, section 7.1).
var chunkSize = regexp.MustCompile(`^[0-9A-Fa-f]{1,8}(?:;[^\r\n]*)?\r\n`)

// decodePayload puts a body of HTTP long-polling into words: packets with separators between them.
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
	packets := protocol.ParsePayload(body)
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

func decodeClose(f *wire.FrameData) string {
	if f.Length < 2 {
		return "WebSocket close without code"
	}
	words := fmt.Sprintf("WebSocket close %d", f.Code)
	if reason := closeReasons[f.Code]; reason != "" {
		words += " (" + reason + ")"
	}
	return words
}
