package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

func quoted(s string) string {
	text, _ := json.Marshal(strings.ToValidUTF8(s, ""))
	return string(text)
}

// opens returns an open packet; more follows the known members.
func opens(sid string, interval, timeout float64, more string) string {
	return fmt.Sprintf(`0{"sid":%s,"upgrades":["websocket"],"pingInterval":%.0f,"pingTimeout":%.0f%s}`, sid, interval, timeout, more)
}

func response(status int, header, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=UTF-8\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, http.StatusText(status), header, len(body), body)
}

func put(c net.Conn, text string) { _, _ = io.WriteString(c, text) }

func readHead(c net.Conn) (head string, r *bufio.Reader) {
	r = bufio.NewReader(c)
	for !strings.HasSuffix(head, "\r\n\r\n") {
		line, err := r.ReadString('\n')
		head += line
		if err != nil || len(head) > 1<<20 {
			break
		}
	}
	return head, r
}

func hang(c net.Conn, _ int64) { _, _ = io.Copy(io.Discard, c) }

func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.Close()
}

// says sends the same answer to all requests.
func says(text string) behaviour {
	return func(c net.Conn, _ int64) {
		_, _ = readHead(c)
		put(c, text)
	}
}

// floods sends its texts, and repeats the last one forever.
func floods(text ...string) behaviour {
	return func(c net.Conn, _ int64) {
		_, _ = readHead(c)
		for _, one := range text[:len(text)-1] {
			put(c, one)
		}
		flood(c, text[len(text)-1])
	}
}

func flood(c net.Conn, text string) {
	for err := error(nil); err == nil; {
		_, err = io.WriteString(c, text)
	}
}

// drips sends a text byte by byte.
func drips(text string) behaviour {
	return func(c net.Conn, _ int64) {
		_, _ = readHead(c)
		for i := range len(text) {
			if _, err := c.Write([]byte{text[i]}); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// speaks opens a session for each poll without a sid, answers other requests with a noop or ok, and passes each WebSocket
// on.
func speaks(packet string, wild func(net.Conn, *bufio.Reader)) behaviour {
	return func(c net.Conn, _ int64) {
		head, r := readHead(c)
		if key := webSocketKey(head); key != "" {
			sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
			fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
			wild(c, r)
			return
		}
		polls(c, head, packet)
	}
}

// handshakes answers each WebSocket handshake in that way, or with an endless head if it is empty.
func handshakes(packet, answer string) behaviour {
	return func(c net.Conn, _ int64) {
		head, _ := readHead(c)
		switch {
		case webSocketKey(head) == "":
			polls(c, head, packet)
		case answer == "":
			put(c, "HTTP/1.1 101 Switching Protocols\r\n")
			flood(c, "X-A: "+strings.Repeat("a", 1000)+"\r\n")
		default:
			put(c, answer)
		}
	}
}

func polls(c net.Conn, head, packet string) {
	switch {
	case strings.HasPrefix(head, "POST"):
		put(c, response(200, "", "ok"))
	case strings.Contains(head, "sid="):
		put(c, response(200, "", "6"))
	default:
		put(c, response(200, "", packet))
	}
}

func webSocketKey(head string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Sec-WebSocket-Key") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// frame returns a frame of a server, final and unmasked.
func frame(first byte, payload string) []byte {
	f := []byte{first}
	switch n := len(payload); {
	case n < 126:
		f = append(f, byte(n))
	case n <= 0xffff:
		f = binary.BigEndian.AppendUint16(append(f, 126), uint16(n))
	default:
		f = binary.BigEndian.AppendUint64(append(f, 127), uint64(n))
	}
	return append(f, payload...)
}

func send(c net.Conn, first byte, payload string) error {
	_, err := c.Write(frame(first, payload))
	return err
}

// before connects each client with a calm server, which hears what the client says. answer forwards what the server says.
func before(calm string, answer func(c, s net.Conn)) behaviour {
	return func(c net.Conn, _ int64) {
		s, err := net.Dial("tcp", calm)
		if err != nil {
			return
		}
		defer s.Close()
		go func() {
			_, _ = io.Copy(s, c)
			if tcp, ok := s.(*net.TCPConn); ok {
				_ = tcp.CloseWrite()
			}
		}()
		answer(c, s)
	}
}

// relays forwards what a calm server says, changed if asked for.
func relays(calm string, change func([]byte) []byte) behaviour {
	return before(calm, func(c, s net.Conn) {
		if change == nil {
			_, _ = io.Copy(c, s)
			return
		}
		buffer := make([]byte, 64<<10)
		for {
			n, err := s.Read(buffer)
			if n > 0 {
				if _, err := c.Write(change(buffer[:n])); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
}

// changing forwards what a calm server says, with each packet changed.
func changing(calm string, change func(string) []string) behaviour {
	return before(calm, func(c, s net.Conn) {
		r := bufio.NewReader(s)
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			return
		}
		if answer.StatusCode != http.StatusSwitchingProtocols {
			body, _ := io.ReadAll(answer.Body)
			if answer.StatusCode == 200 && string(body) != "ok" {
				var all []string
				for p := range strings.SplitSeq(string(body), "\x1e") {
					all = append(all, change(p)...)
				}
				body = []byte(strings.Join(all, "\x1e"))
			}
			answer.Body, answer.ContentLength, answer.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
			_ = answer.Write(c)
			return
		}
		_ = answer.Write(c)
		for {
			first, payload, err := readFrame(r)
			if err != nil {
				return
			}
			packets := []string{payload}
			if first == 0x81 {
				packets = change(payload)
			}
			for _, p := range packets {
				if send(c, first, p) != nil {
					return
				}
			}
		}
	})
}

func readFrame(r *bufio.Reader) (first byte, payload string, err error) {
	var head [2]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return 0, "", err
	}
	n := uint64(head[1] & 0x7f)
	switch n {
	case 126:
		var long uint16
		err = binary.Read(r, binary.BigEndian, &long)
		n = uint64(long)
	case 127:
		err = binary.Read(r, binary.BigEndian, &n)
	}
	if err != nil {
		return 0, "", err
	}
	p := make([]byte, n)
	_, err = io.ReadFull(r, p)
	return head[0], string(p), err
}
