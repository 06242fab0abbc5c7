package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// behaviour is what a server does with one connection. Connections are counted from 0.
type behaviour func(c net.Conn, n int64)

// hostile is a server that tries to harm the suite.
type hostile struct {
	name  string
	serve behaviour
	codes []int // the correct exit codes; 1, 3 and 5 if empty
}

var (
	unreachable = []int{3}
	// redOrUnsure: something there speaks Engine.IO but keeps no rules.
	redOrUnsure = []int{1, 5}
)

const vicious = "<script>alert(1)</script></pre>]]>\x00\x1b[31m\u202e\x7f\ufeff::error::x\r\n|`'\"&amp;\xff\xed\xa0\x80"

// hostiles returns all hostile servers. Calm is the address of a server that keeps the rules, for those that turn hostile
// later or change what it says.
func hostiles(calm string) (all []hostile) {
	add := func(codes []int, name string, serve behaviour) { all = append(all, hostile{name, serve, codes}) }

	// Servers that never speak Engine.IO.
	add(unreachable, "hangs", hang)
	add(unreachable, "closes at once", func(net.Conn, int64) {})
	add(unreachable, "resets at once", func(c net.Conn, _ int64) { reset(c) })
	add(unreachable, "speaks SSH", says("SSH-2.0-OpenSSH_9.9\r\n"))
	add(unreachable, "speaks TLS", says("\x15\x03\x03\x00\x02\x02\x28"))
	add(unreachable, "speaks HTTP/2", says("\x00\x00\x12\x04\x00\x00\x00\x00\x00"))
	add(unreachable, "speaks HTTP/0.9", says("0{}"))
	add(unreachable, "sends zeros without end", floods("\x00"))
	add(unreachable, "has a status of letters", says("HTTP/1.1 what\r\n\r\n"))
	add(unreachable, "has a status of 10 digits", says("HTTP/1.1 2000000000 OK\r\n\r\n"))
	add(unreachable, "has a status of 999", says("HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "has a head without end", floods("HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("a", 1000)+"\r\n"))
	add(unreachable, "has a status line without end", floods("HTTP/1.1 200 ", strings.Repeat("a", 1000)))
	add(unreachable, "has a header without end", floods("HTTP/1.1 200 OK\r\nX-A: ", strings.Repeat("a", 1000)))
	add(unreachable, "sends 103 without end", floods("HTTP/1.1 103 Early Hints\r\n\r\n"))
	add(unreachable, "has a body without end", floods("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("0", 1<<16)))
	add(unreachable, "has a chunked body without end", floods("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1000\r\n"+strings.Repeat("0", 0x1000)+"\r\n"))
	add(unreachable, "has a chunk of 16 exbibytes", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello"))
	add(unreachable, "has chunks of negative size", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n0{}\r\n"))
	add(unreachable, "has a negative length", says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n0{}"))
	add(unreachable, "has a length of 2^64", says("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n0{}"))
	add(unreachable, "has two lengths", says("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n0{}"))
	add(unreachable, "has a longer length than body", says("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello"))
	add(unreachable, "drips without end", drips("HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("0", 1<<20)))
	add(unreachable, "answers with markup and control bytes", says(response(200, "", vicious)))
	add(unreachable, "has them in its status", says("HTTP/1.1 200 "+strings.ReplaceAll(vicious, "\r\n", "")+"\r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "has them in a header", says("HTTP/1.1 200 OK\r\nX-A: "+strings.ReplaceAll(vicious, "\r\n", "")+"\r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "has 10,000 headers", says("HTTP/1.1 200 OK\r\n"+strings.Repeat("X-A: b\r\n", 10_000)+"Content-Length: 0\r\n\r\n"))
	add(unreachable, "redirects to itself", says("HTTP/1.1 302 Found\r\nLocation: /socket.io/?EIO=4&transport=polling\r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "redirects elsewhere", says("HTTP/1.1 301 Moved\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "asks for a password", says("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "is overloaded for ever", says("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n"))
	add(unreachable, "calls zeros gzip", says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x00\x00\x00"))
	add(unreachable, "answers 204 with a body", says("HTTP/1.1 204 No Content\r\n\r\n0{\"sid\":\"a\"}"))
	add(unreachable, "switches protocols unasked", says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n0{}"))
	add(nil, "refuses all, with a code", says(response(400, "", `{"code":0,"message":"`+strings.Repeat("x", 1000)+`"}`)))
	add(nil, "mirrors the request", func(c net.Conn, _ int64) {
		head, _ := readHead(c)
		_, _ = io.WriteString(c, response(200, "", head))
	})

	// Servers that open sessions with an absurd open packet.
	for name, packet := range map[string]string{
		"nested 9,997 deep":           opens(`"a"`, 300, 200, `,"x":`+strings.Repeat("[", 9997)+strings.Repeat("]", 9997)),
		"of 4 MB":                     opens(`"`+strings.Repeat("a", 4<<20)+`"`, 300, 200, ""),
		"with a sid that ends a line": opens(`"a HTTP/1.1\r\nX-A: b\r\n\r\nGET /admin HTTP/1.1\r\n\r\n"`, 300, 200, ""),
		"with a sid of markup":        opens(`"<b>'\"&#x41;%00%0d%0a</b>"`, 300, 200, ""),
		"with a sid of strange bytes": opens("\"\xff\xfe\xed\xa0\x80\"", 300, 200, ""),
		"with a sid of a number":      opens(`1e999`, 300, 200, ""),
		"with a sid of a surrogate":   opens(`"\ud800"`, 300, 200, ""),
		"with times of 0":             opens(`"a"`, 0, 0, ""),
		"with negative times":         opens(`"a"`, -300, -200, ""),
		"with times of ten years":     opens(`"a"`, 315_360_000_000, 315_360_000_000, ""),
		"with times of an hour":       opens(`"a"`, 3_600_000, 3_600_000, ""),
		"with times of a day":         opens(`"a"`, 86_400_000, 86_400_000, ""),
		"with a time of 1e308":        `0{"sid":"a","upgrades":[],"pingInterval":1e308,"pingTimeout":1e308}`,
		"with times of a thousandth":  `0{"sid":"a","upgrades":[],"pingInterval":0.001,"pingTimeout":0.001,"maxPayload":1}`,
		"with times of words":         `0{"sid":"a","upgrades":[],"pingInterval":"soon","pingTimeout":[]}`,
		"with a maxPayload of 1":      opens(`"a"`, 300, 200, `,"maxPayload":1`),
		"with a maxPayload of 3":      opens(`"a"`, 300, 200, `,"maxPayload":3`),
		"with a maxPayload of -1e300": opens(`"a"`, 300, 200, `,"maxPayload":-1e300`),
		"with a maxPayload of 1e18":   opens(`"a"`, 300, 200, `,"maxPayload":1000000000000000000`),
		"with 10,000 upgrades":        opens(`"a"`, 300, 200, `,"upgrades":["`+strings.Repeat(`x","`, 10_000)+`"]`),
		"with markup for keys":        opens(`"a"`, 300, 200, `,"<script>alert(1)</script>\u0000\r\n":"]]>"`),
		"and 100,000 separators":      opens(`"a"`, 300, 200, "") + strings.Repeat("\x1e", 100_000),
		"and 10,000 packets":          opens(`"a"`, 300, 200, "") + strings.Repeat("\x1e4x", 10_000),
		"twice":                       opens(`"a"`, 300, 200, "") + "\x1e" + opens(`"b"`, 300, 200, ""),
		"and markup":                  opens(`"a"`, 300, 200, "") + vicious,
	} {
		add(nil, "an open packet "+name, speaks(packet, func(c net.Conn, r *bufio.Reader) { send(c, 0x81, packet); _, _ = io.Copy(io.Discard, r) }))
	}

	// Servers that open sessions over polling but break WebSocket.
	fine := opens(`"a"`, 300, 200, `,"maxPayload":1000000`)
	for name, wild := range map[string]func(c net.Conn, r *bufio.Reader){
		"ends at once":   func(net.Conn, *bufio.Reader) {},
		"resets at once": func(c net.Conn, _ *bufio.Reader) { reset(c) },
		"is silent":      func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) },
		"sends a masked frame": func(c net.Conn, r *bufio.Reader) {
			put(c, "\x81\x81\x00\x00\x00\x000")
			_, _ = io.Copy(io.Discard, r)
		},
		"sets reserved bits":    func(c net.Conn, r *bufio.Reader) { put(c, "\xf1\x010"); _, _ = io.Copy(io.Discard, r) },
		"has a reserved opcode": func(c net.Conn, r *bufio.Reader) { put(c, "\x83\x010"); _, _ = io.Copy(io.Discard, r) },
		"fragments a ping":      func(c net.Conn, r *bufio.Reader) { put(c, "\x09\x01x"); _, _ = io.Copy(io.Discard, r) },
		"sends a ping of 200 bytes": func(c net.Conn, r *bufio.Reader) {
			put(c, "\x89\x7e\x00\xc8"+strings.Repeat("x", 200))
			_, _ = io.Copy(io.Discard, r)
		},
		"continues nothing":  func(c net.Conn, r *bufio.Reader) { put(c, "\x80\x010"); _, _ = io.Copy(io.Discard, r) },
		"begins twice":       func(c net.Conn, r *bufio.Reader) { put(c, "\x01\x010\x01\x010"); _, _ = io.Copy(io.Discard, r) },
		"closes with code 0": func(c net.Conn, _ *bufio.Reader) { put(c, "\x88\x02\x00\x00") },
		"closes with a byte": func(c net.Conn, _ *bufio.Reader) { put(c, "\x88\x01\x03") },
		"closes with markup": func(c net.Conn, _ *bufio.Reader) { put(c, "\x88"+string(rune(len(vicious)+2))+"\x03\xe8"+vicious) },
		"declares 2^63 bytes": func(c net.Conn, r *bufio.Reader) {
			put(c, "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00")
			_, _ = io.Copy(io.Discard, r)
		},
		"declares 2^40 bytes": func(c net.Conn, _ *bufio.Reader) {
			put(c, "\x81\x7f\x00\x00\x01\x00\x00\x00\x00\x00")
			flood(c, strings.Repeat("x", 1<<16))
		},
		"fragments without end":      func(c net.Conn, _ *bufio.Reader) { put(c, "\x01\x010"); flood(c, strings.Repeat("\x00\x01x", 1<<12)) },
		"pings without end":          func(c net.Conn, _ *bufio.Reader) { send(c, 0x81, fine); flood(c, strings.Repeat("\x89\x01x", 1<<12)) },
		"floods with small messages": func(c net.Conn, _ *bufio.Reader) { send(c, 0x81, fine); flood(c, strings.Repeat("\x81\x024x", 1<<12)) },
		"floods with empty messages": func(c net.Conn, _ *bufio.Reader) { send(c, 0x81, fine); flood(c, strings.Repeat("\x81\x00", 1<<12)) },
		"floods with events": func(c net.Conn, _ *bufio.Reader) {
			send(c, 0x81, fine)
			send(c, 0x81, `40{"sid":"x"}`)
			flood(c, strings.Repeat("\x81\x0842[\"x\",1]", 1<<11))
		},
		"floods with noops":           func(c net.Conn, _ *bufio.Reader) { send(c, 0x81, fine); flood(c, strings.Repeat("\x81\x016", 1<<12)) },
		"floods with Engine.IO pings": func(c net.Conn, _ *bufio.Reader) { send(c, 0x81, fine); flood(c, strings.Repeat("\x81\x012", 1<<12)) },
		"sends large messages": func(c net.Conn, _ *bufio.Reader) {
			send(c, 0x81, fine)
			for {
				send(c, 0x81, "4"+strings.Repeat("x", 3<<20))
				if _, err := c.Write(nil); err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
				if send(c, 0x81, "6") != nil {
					return
				}
			}
		},
		"sends bytes for text": func(c net.Conn, r *bufio.Reader) {
			send(c, 0x81, "0{\"sid\":\"\xff\xfe\"}")
			_, _ = io.Copy(io.Discard, r)
		},
		"sends a binary open packet": func(c net.Conn, r *bufio.Reader) { send(c, 0x82, fine); _, _ = io.Copy(io.Discard, r) },
		"sends its open packet bytewise": func(c net.Conn, r *bufio.Reader) {
			for _, b := range frame(0x81, fine) {
				put(c, string(b))
				time.Sleep(5 * time.Millisecond)
			}
			_, _ = io.Copy(io.Discard, r)
		},
		"sends half a frame": func(c net.Conn, _ *bufio.Reader) { put(c, string(frame(0x81, fine)[:20])) },
		"sends markup": func(c net.Conn, r *bufio.Reader) {
			send(c, 0x81, fine)
			send(c, 0x81, vicious)
			send(c, 0x81, "44"+vicious)
			send(c, 0x81, `42["`+vicious+`"]`)
			_, _ = io.Copy(io.Discard, r)
		},
	} {
		add(redOrUnsure, "WebSocket "+name, speaks(fine, wild))
	}
	for name, answer := range map[string]string{
		"answered with 200":             response(200, "", "0{}"),
		"answered with 101 alone":       "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"answered with a wrong key":     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n" + string(frame(0x81, fine)),
		"answered with an extension":    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Accept: AAAA\r\n\r\n\xc1\x01x",
		"answered with 401":             "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
		"answered with a head for ever": "",
		"answered with a large body":    response(400, "", strings.Repeat("x", 3<<20)),
	} {
		add(redOrUnsure, "a WebSocket handshake "+name, handshakes(fine, answer))
	}

	// Servers that turn hostile after discovery.
	const found = 30
	for name, wild := range map[string]behaviour{
		"hangs": hang, "closes": func(net.Conn, int64) {}, "resets": func(c net.Conn, _ int64) { reset(c) },
		"floods with a body":      floods("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("4x\x1e", 1<<14)),
		"floods with a head":      floods("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"),
		"is overloaded":           says("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 99999999\r\nContent-Length: 0\r\n\r\n"),
		"asks to wait":            says("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 99999999\r\nContent-Length: 0\r\n\r\n"),
		"drips":                   drips(response(200, "", opens(`"a"`, 300, 200, ""))),
		"answers ok to all":       says(response(200, "", "ok")),
		"answers with markup":     says(response(200, "", vicious)),
		"opens a session for all": says(response(200, "", opens(`"a"`, 300, 200, ""))),
		"cuts each answer":        relays(calm, func(p []byte) []byte { return p[:len(p)/2] }),
		"flips a bit of each":     relays(calm, func(p []byte) []byte { p[len(p)-1] ^= 1; return p }),
		"is another server":       says(response(404, "", "<html>nginx</html>")),
	} {
		turn := relays(calm, nil)
		add(redOrUnsure, "turns hostile and "+name, func(c net.Conn, n int64) {
			if n < found {
				turn(c, n)
				return
			}
			wild(c, n)
		})
	}

	// Servers that keep the rules except in what their packets say.
	many := func(n int) func(string) []string {
		return func(p string) []string {
			return strings.Split(strings.TrimSuffix(strings.Repeat(p+"\x1e", n), "\x1e"), "\x1e")
		}
	}
	info := func(change func(map[string]any)) func(string) []string {
		return func(p string) []string {
			head, body, found := strings.Cut(p, "[{")
			if !found || !strings.HasPrefix(head, "43/conformance,") || !strings.Contains(body, `"contract"`) {
				return []string{p}
			}
			var args []map[string]any
			if json.Unmarshal([]byte("[{"+body), &args) != nil {
				return []string{p}
			}
			change(args[0])
			text, _ := json.Marshal(args)
			return []string{head + string(text)}
		}
	}
	raw := func(member, value string) func(string) []string { // a member of the answer to info
		return func(p string) []string {
			head, body, found := strings.Cut(p, "[{")
			if !found || !strings.HasPrefix(head, "43/conformance,") || !strings.Contains(body, `"contract"`) {
				return []string{p}
			}
			return []string{head + `[{"` + member + `":` + value + `,` + strings.Replace(body, `"`+member+`"`, `"other"`, 1)}
		}
	}
	only := func(prefix string, change func(string) []string) func(string) []string {
		return func(p string) []string {
			if strings.HasPrefix(p, prefix) {
				return change(p)
			}
			return []string{p}
		}
	}
	to := func(text string) func(string) []string { return func(string) []string { return []string{text} } }
	flooded := atomic.Int64{}
	for name, change := range map[string]func(string) []string{
		"drops events":           only("42", func(string) []string { return nil }),
		"drops acknowledgements": only("43", func(string) []string { return nil }),
		"drops pings":            only("2", func(string) []string { return nil }),
		"doubles all":            many(2),
		"sends all 50 times":     only("4", many(50)),
		"floods with entries": only("42/conformance,", func(p string) []string {
			if flooded.Add(1) > 200 {
				return []string{p}
			}
			return many(2000)(p)
		}),
		"refuses all namespaces": only("40", to(`44{"message":"`+strings.Repeat("x", 5000)+`"}`)),
		"refuses with markup":    only("40{", to("44"+`{"message":`+quoted(vicious)+`}`)),
		"refuses with bytes":     only("40{", to("44{\"message\":\"\xff\xfe\"}")),
		"has sockets of markup":  only("40{", to(`40{"sid":"<b>\u0000\r\n</b>"}`)),
		"nests its arguments": only("42", func(p string) []string {
			return []string{strings.TrimSuffix(p, "]") + "," + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "]"}
		}),
		"truncates packets":    only("4", func(p string) []string { return []string{p[:len(p)*2/3]} }),
		"has numbers of 1e400": only("42", func(p string) []string { return []string{strings.TrimSuffix(p, "]") + ",1e400]"} }),
		"has surrogates":       only("42", func(p string) []string { return []string{strings.TrimSuffix(p, "]") + `,"\ud800\udfff\udc00"]`} }),
		"promises attachments": only("42", func(p string) []string { return []string{"45999999999-" + p[2:]} }),
		"has long IDs": only("43", func(p string) []string {
			return []string{"43" + strings.Repeat("9", 400) + strings.TrimLeft(p[2:], "0123456789")}
		}),
		"has unknown types":         only("42", func(p string) []string { return []string{"49" + p[2:]} }),
		"appends control bytes":     only("4", func(p string) []string { return []string{p + "\x00\x1b[2J\u202e"} }),
		"has a namespace of 100 kB": only("42", func(p string) []string { return []string{"42/" + strings.Repeat("n", 100_000) + "," + p[2:]} }),
		"nests info 9,980 deep":     raw("startup", `[`+strings.Repeat("[", 9980)+strings.Repeat("]", 9980)+`]`),
		"nests info 100,000 deep":   raw("startup", `[`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`]`),
		"has bytes in info":         raw("startup", "[\"\xff\xfe\",{\"a\":\"\xed\xa0\x80\"}]"),
		"has a large info":          raw("startup", `["`+strings.Repeat("x", 900_000)+`"]`),
		"has 100,000 features":      info(func(m map[string]any) { m["features"] = strings.Split(strings.Repeat("f ", 100_000), " ") }),
		"calls itself markup": info(func(m map[string]any) {
			m["implementation"] = map[string]string{"name": vicious, "version": vicious, "language": vicious}
			m["instance"] = vicious
		}),
		"has a long name":            info(func(m map[string]any) { m["implementation"] = map[string]string{"name": strings.Repeat("n", 500_000)} }),
		"has timers of 1e300":        info(func(m map[string]any) { m["connectTimeout"], m["serverSideEmitTimeout"] = 1e300, 1e300 }),
		"has timers of ten years":    info(func(m map[string]any) { m["connectTimeout"], m["serverSideEmitTimeout"] = 3.1536e11, 3.1536e11 }),
		"has negative timers":        info(func(m map[string]any) { m["connectTimeout"], m["serverSideEmitTimeout"] = -1, -1e300 }),
		"has timers of words":        info(func(m map[string]any) { m["connectTimeout"] = "soon" }),
		"is of contract 1e9":         info(func(m map[string]any) { m["contract"] = 1_000_000_000 }),
		"is of an edition of markup": info(func(m map[string]any) { m["edition"] = vicious }),
		"numbers entries at random": only("42/conformance,", func(p string) []string {
			return []string{strings.Replace(p, `"seq":`, `"seq":`+strconv.Itoa(int(time.Now().UnixNano()%1e6)), 1)}
		}),
		"numbers entries beyond int64": only("42/conformance,", func(p string) []string {
			return []string{strings.Replace(p, `"seq":`, `"seq":99999999999999999999`, 1)}
		}),
		"makes entries of nothing": only("42/conformance,", to(`42/conformance,["entry",null]`)),
		"makes entries of lists":   only("42/conformance,", to(`42/conformance,["entry",[[],{"seq":"1"}]]`)),
	} {
		codes := redOrUnsure
		if strings.Contains(name, "info") || strings.Contains(name, "names") || strings.Contains(name, "namespaces") {
			codes = nil
		}
		add(codes, "a packet changer that "+name, changing(calm, change))
	}
	return all
}
