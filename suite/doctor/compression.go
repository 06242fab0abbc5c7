package doctor

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/suite/wire"
)

// longName is a namespace that no server has. Its refusal contains the name, and so is longer than the 1024 bytes from which
// servers compress.
var longName = "/conformance-doctor/" + strings.Repeat("looks-at-long-answers/", 100)

// compresses checks compression and cookies.
func (e *examination) compresses(ctx context.Context) {
	r, _, err := e.do(ctx, "GET", handshake, "")
	open := opened(r)
	if err != nil || open == nil {
		return // said already
	}
	session := handshake + "&sid=" + wire.Escaped(open.SID)
	var says []string
	if _, _, err := e.do(ctx, "POST", session, "40"+longName+","); err == nil {
		long, _, err := e.do(ctx, "GET", session, "", [2]string{"Accept-Encoding", "gzip"})
		switch {
		case err != nil || long.Status != 200:
		case long.Header.Get("Content-Encoding") == "gzip":
			if why := unreadable(long.Body); why != "" {
				e.say("compression", Problem, "Let only the server or only the proxy compress, or neither.", "an answer marked as compressed with gzip cannot be read: %s", why)
				return
			}
			says = append(says, "long answers over polling are compressed (gzip)")
		case strings.Contains(long.Body, longName):
			says = append(says, "long answers over polling are not compressed")
		}
		_, _, _ = e.do(ctx, "POST", session, "1")
	}
	offer, _, err := e.do(ctx, "GET", "?EIO=4&transport=websocket", "", [2]string{"Connection", "Upgrade"}, [2]string{"Upgrade", "websocket"},
		[2]string{"Sec-WebSocket-Version", "13"}, [2]string{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}, [2]string{"Sec-WebSocket-Extensions", "permessage-deflate"})
	if err == nil && offer.Status == 101 {
		if strings.Contains(offer.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
			says = append(says, "messages over WebSocket may be compressed (permessage-deflate)")
		} else {
			says = append(says, "messages over WebSocket are not compressed (no permessage-deflate)")
		}
	}
	if set := cookies(r); set != "" {
		says = append(says, "cookies are set: "+cookieNames(set))
	}
	if len(says) > 0 {
		e.fine("compression", "%s", strings.Join(says, "; "))
	}
}

// unreadable says why a compressed answer cannot be read; empty if it can.
func unreadable(body string) string {
	reader, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	plain, err := io.ReadAll(io.LimitReader(reader, 1<<20))
	switch {
	case err != nil:
		return err.Error()
	case !strings.Contains(string(plain), longName):
		return fmt.Sprintf("it holds %q", first(string(plain), 60))
	}
	return ""
}
