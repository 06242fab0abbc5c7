package doctor

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/suite/wire"
)

const handshakeOfSockets = "?EIO=4&transport=websocket"

// frames speaks as much HTTP/2 (RFC 9113) over a connection as is needed to open a WebSocket with extended CONNECT (RFC
// 8441), which the client of net/http cannot do.
type frames struct{ io.ReadWriter }

// Types of frames and their flags.
const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameGoAway = 0, 1, 3, 4, 6, 7

	flagAck, flagEndStream, flagEndHeaders, flagPadded, flagPriority = 1, 1, 4, 8, 32
)

// longestFrame is the largest frame, in bytes, that may be sent unless the peer allows more (RFC 9113, section 6.5.2).
const longestFrame = 1 << 14

func (f frames) write(kind, flags byte, stream uint32, content []byte) error {
	head := []byte{byte(len(content) >> 16), byte(len(content) >> 8), byte(len(content)), kind, flags}
	_, err := f.Write(append(binary.BigEndian.AppendUint32(head, stream), content...))
	return err
}

func (f frames) read() (kind, flags byte, content []byte, err error) {
	head := make([]byte, 9) // the length in three bytes, type, flags and stream
	if _, err := io.ReadFull(f, head); err != nil {
		return 0, 0, nil, err
	}
	length := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	if length > longestFrame {
		return 0, 0, nil, fmt.Errorf("a frame of %d bytes came", length)
	}
	content = make([]byte, length)
	_, err = io.ReadFull(f, content)
	return head[3], head[4], content, err
}

// begin exchanges settings. It reports whether the server accepts extended CONNECT.
func (f frames) begin() (extended bool, err error) {
	if _, err := io.WriteString(f, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); err != nil {
		return false, err
	}
	if err := f.write(frameSettings, 0, 0, nil); err != nil {
		return false, err
	}
	kind, _, content, err := f.read()
	if err != nil {
		return false, fmt.Errorf("the server sends no settings: %w", err)
	}
	if kind != frameSettings {
		return false, fmt.Errorf("the server begins with a frame of type %d, not with settings", kind)
	}
	const enableConnectProtocol = 8
	for ; len(content) >= 6; content = content[6:] {
		if binary.BigEndian.Uint16(content) == enableConnectProtocol {
			extended = binary.BigEndian.Uint32(content[2:]) == 1
		}
	}
	return extended, f.write(frameSettings, flagAck, 0, nil)
}

// openWebSocket waits for the open packet of a session.
func (f frames) openWebSocket(t *wire.Target, query string) error {
	fields := [][2]string{
		{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"}, {":path", t.Path + query}, {":authority", t.Authority()},
		{"sec-websocket-version", "13"},
	}
	for name, values := range t.Header {
		for _, value := range values {
			fields = append(fields, [2]string{strings.ToLower(name), value})
		}
	}
	var block []byte
	for _, field := range fields { // literals without indexing
		block = appendString(appendString(append(block, 0), field[0]), field[1])
	}
	if err := f.write(frameHeaders, flagEndHeaders, 1, block); err != nil {
		return err
	}
	var said []byte
	for {
		kind, flags, content, err := f.read()
		if err != nil {
			return fmt.Errorf("no open packet came: %w", err)
		}
		switch kind {
		case frameSettings, framePing:
			if flags&flagAck != 0 {
				break
			}
			if kind == frameSettings {
				content = nil
			}
			if err := f.write(kind, flagAck, 0, content); err != nil {
				return err
			}
		case frameReset, frameGoAway:
			return fmt.Errorf("the server ends it with a frame of type %d", kind)
		case frameHeaders:
			if status := statusOf(content, flags); status != "200" {
				return fmt.Errorf("it is answered with %s", status)
			}
		case frameData:
			if said = append(said, content...); bytes.Contains(said, []byte(`0{"`)) {
				return nil
			}
		}
		if (kind == frameHeaders || kind == frameData) && flags&flagEndStream != 0 || len(said) > longestFrame {
			return fmt.Errorf("no open packet came")
		}
	}
}

// appendString appends a string in HPACK (RFC 7541), not compressed.
func appendString(b []byte, s string) []byte {
	const most = 127
	n := len(s)
	if n < most {
		b = append(b, byte(n))
	} else {
		b = append(b, most)
		for n -= most; n >= 128; n >>= 7 {
			b = append(b, byte(n)|128)
		}
		b = append(b, byte(n))
	}
	return append(b, s...)
}

// statusOf reads the status at the beginning of headers, if it is in HPACK's static table.
func statusOf(block []byte, flags byte) string {
	if flags&flagPadded != 0 {
		block = block[min(1, len(block)):]
	}
	if flags&flagPriority != 0 {
		block = block[min(5, len(block)):]
	}
	for len(block) > 0 && block[0]&0xe0 == 0x20 { // a change of the table size
		more := block[0]&0x1f == 0x1f
		for block = block[1:]; more && len(block) > 0; block = block[1:] {
			more = block[0]&128 != 0
		}
	}
	indexed := []string{"200", "204", "206", "304", "400", "404", "500"}
	if len(block) > 0 && block[0] >= 0x88 && int(block[0]) < 0x88+len(indexed) {
		return indexed[block[0]-0x88]
	}
	return "a status other than 200"
}
