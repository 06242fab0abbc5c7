package cases

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"net/textproto"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "websocket/compression-as-agreed", Level: Required, Rules: rules(compressionWorksAsAgreed),
		Title: "reads compressed messages, and sends ones that can be read, if it agrees to the compression that browsers offer",
		Run: func(t *T) {
			asked := time.Now()
			d := offering(t, "permessage-deflate; client_max_window_bits")
			t.Begun(t.OpenPacket(d.receive("the open packet")), asked)
			for _, namespace := range []string{"/nowhere", "/elsewhere", "/nowhere"} {
				d.send(t.Draw("40" + namespace + ","))
				t.Expect(d.receive("the answer to the CONNECT"), "the answer to the CONNECT").To(HavePrefix(t.Draw("44" + namespace + ",")))
			}
		},
	},
)

// deflated is a WebSocket whose messages may be compressed (RFC 7692).
type deflated struct {
	t        *T
	conn     *wire.Conn
	reader   *bufio.Reader
	agreed   bool
	forgets  bool   // each message of the server is compressed by itself
	received []byte // what the compressed messages of the server may refer to
}

// offering opens a WebSocket with a handshake that offers an extension.
func offering(t *T, extension string) *deflated {
	since := time.Now()
	d := &deflated{t: t, conn: t.TCP()}
	d.reader = bufio.NewReader(d.conn)
	_, _ = io.WriteString(d.conn, t.Head("GET", "?EIO=4&transport=websocket", append(handshakeHeaders(), Header("Sec-WebSocket-Extensions", extension))...))
	r := finalAnswer(t, d.reader, "GET", since, "the answer to the WebSocket handshake")
	t.Expect(r.StatusCode, "the status of the answer to the WebSocket handshake").To(Equal(101))
	agreed := strings.ToLower(strings.Join(r.Header.Values("Sec-WebSocket-Extensions"), ","))
	d.agreed, d.forgets = agreed != "", strings.Contains(agreed, "server_no_context_takeover")
	if d.agreed {
		t.Expect(textproto.TrimString(strings.Split(agreed, ";")[0]), "the extension that is agreed to").To(Equal("permessage-deflate"))
	}
	return d
}

// send sends a text message, compressed if that was agreed to. It must be shorter than the smallest window, 256 bytes, and is
// compressed by itself.
func (d *deflated) send(text string) {
	if !d.agreed {
		_, _ = d.conn.Write(wire.Frame(wire.Text, true, []byte(text)))
		return
	}
	var compressed bytes.Buffer
	w, _ := flate.NewWriter(&compressed, flate.BestCompression)
	_, _ = io.WriteString(w, text)
	_ = w.Flush()
	frame := wire.Frame(wire.Text, true, bytes.TrimSuffix(compressed.Bytes(), []byte("\x00\x00\xff\xff")))
	frame[0] |= rsv1
	_, _ = d.conn.Write(frame)
}

// receive returns the next packet that is not a noop, decompressed. It answers pings, those of WebSocket and those of Engine.IO.
func (d *deflated) receive(what string) string {
	since := time.Now()
	var message []byte
	compressed := false
	for {
		first, payload, err := serverFrame(d.reader)
		if err != nil {
			d.t.Unanswered(err, since, "%s", what)
		}
		opcode := wire.Opcode(first & 0x0f)
		d.t.Expect(opcode, "the kind of a frame").NotTo(Equal(wire.Close))
		if opcode.Control() {
			if opcode == wire.Ping {
				_, _ = d.conn.Write(wire.Frame(wire.Pong, true, payload))
			}
			continue
		}
		if opcode != wire.Continuation {
			compressed, message = first&rsv1 != 0, nil
			d.t.Expect(compressed && !d.agreed, "whether a message is compressed although that was not agreed to").To(BeFalse())
		}
		message = append(message, payload...)
		if first&0x80 == 0 {
			continue
		}
		if compressed {
			message = d.decompressed(message)
		}
		switch string(message) {
		case "2":
			d.send("3")
		case "6": // means nothing
		default:
			return string(message)
		}
	}
}

// decompressed decompresses a message of the server (RFC 7692, section 7.2.2).
func (d *deflated) decompressed(message []byte) []byte {
	end := "\x00\x00\xff\xff" + "\x01\x00\x00\xff\xff" // an empty last block, so that the reader sees an end
	r := flate.NewReaderDict(io.MultiReader(bytes.NewReader(message), strings.NewReader(end)), d.received)
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	d.t.Expect(err, "a compressed message").NotTo(HaveOccurred())
	if !d.forgets {
		d.received = append(d.received, text...)
	}
	return text
}

// rsv1 is the bit of a frame's first byte that says that the message is compressed (RFC 7692, section 6).
const rsv1 = 0x40

// serverFrame reads a frame of a server, which has no mask, and returns its first byte and its payload.
func serverFrame(r io.Reader) (first byte, payload []byte, err error) {
	head := make([]byte, 2, 10)
	if _, err = io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	if more := map[uint64]int{126: 2, 127: 8}[length]; more > 0 {
		long := make([]byte, 8)
		if _, err = io.ReadFull(r, long[8-more:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(long)
	}
	if length > 1<<20 {
		return 0, nil, errors.New("the frame is larger than 1 MB")
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(r, payload)
	return head[0], payload, err
}
