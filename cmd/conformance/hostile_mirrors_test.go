package main

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// mirrors are servers that show the secrets of a request, each with its own spelling and segmentation. They are hostile
// servers like any other.
func mirrors() (all []hostile) {
	spellings := map[string]func(string) string{
		"as they are": func(s string) string { return s }, "in JSON": quoted, "percent-encoded": url.QueryEscape,
		"in base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"percent-encoded in lower case": func(s string) string {
			var b strings.Builder
			for _, c := range []byte(s) {
				fmt.Fprintf(&b, "%%%02x", c)
			}
			return b.String()
		},
		"in escapes of JSON": func(s string) string {
			var b strings.Builder
			for _, c := range []byte(s) {
				fmt.Fprintf(&b, `\u%04X`, c)
			}
			return b.String()
		},
	}
	for name, spell := range spellings {
		for how, size := range map[string]int{"at once": 1 << 20, "in segments of 7": 7, "bytewise": 1} {
			all = append(all, hostile{fmt.Sprintf("mirrors secrets %s, %s", name, how), func(c net.Conn, _ int64) {
				head, _ := readHead(c)
				text := response(200, "X-Mirror: "+strings.ReplaceAll(spell(authorization(head)), "\"", "")+"\r\n", `0{"sid":"a","x":"`+spell(authorization(head)))
				for len(text) > 0 {
					n := min(size, len(text))
					if _, err := io.WriteString(c, text[:n]); err != nil {
						return
					}
					text = text[n:]
					if size < 100 {
						time.Sleep(100 * time.Microsecond)
					}
				}
			}, nil})
		}
		all = append(all, hostile{"mirrors secrets in frames, " + name, speaksOf(func(head string) (string, func(net.Conn)) {
			secret := spell(authorization(head))
			return opens(`"a"`, 300, 200, ""), func(c net.Conn) {
				half := len(secret) / 2
				_ = send(c, 0x81, opens(`"a"`, 300, 200, `,"x":"`+strings.ReplaceAll(secret, `"`, "")+`"`))
				_ = send(c, 0x01, "4"+secret[:half])
				_ = send(c, 0x80, secret[half:])
				for i := range len(secret) {
					_ = send(c, 0x81, secret[i:i+1])
				}
				_ = send(c, 0x88, "\x03\xe8"+secret[:min(len(secret), 100)])
			}
		}), nil})
	}
	return all
}

// speaksOf is speaks for servers whose answers depend on the request's head.
func speaksOf(what func(head string) (packet string, wild func(net.Conn))) behaviour {
	return func(c net.Conn, _ int64) {
		head, r := readHead(c)
		packet, wild := what(head)
		if key := webSocketKey(head); key != "" {
			sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
			fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
			wild(c)
			_, _ = io.Copy(io.Discard, r)
			return
		}
		polls(c, head, packet)
	}
}

func authorization(head string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Authorization") {
			return strings.TrimSpace(value)
		}
	}
	return "no authorization"
}
