package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// get sends a request with a fresh mark.
func (t *target) get(ctx context.Context, query string) (*wire.Response, string, error) {
	mark := word()
	query += "&mark=" + mark
	r, err := t.Do(ctx, wire.NewRecorder(), wire.Request{Method: "GET", Path: query})
	if err != nil {
		return nil, query, err
	}
	if opened, err := protocol.ParseOpen(protocol.ParsePayload(r.Body)[0]); err == nil {
		_, _ = t.Do(ctx, wire.NewRecorder(), wire.Request{
			Method: "POST", Path: "?EIO=4&transport=polling&sid=" + wire.Escaped(opened.SID), Body: []byte("1"),
			Header: [][2]string{{"Content-Type", "text/plain;charset=UTF-8"}},
		})
	}
	return r, query, nil
}

// marked returns the mark of a query that ends with it.
func marked(query string) string { return query[strings.LastIndexByte(query, '=')+1:] }

// recorded expects a record of a request that matches the request.
func (t *target) recorded(ctx context.Context, kind, query string) (suite.Entry, error) {
	e, err := t.record(ctx, "the request "+query, suite.OfType(kind), suite.WithMark(marked(query)))
	if err != nil {
		return e, err
	}
	if got, want := e.Asked(query); e.Method != "GET" || got.Encode() != want.Encode() {
		return e, wrong("the record of GET %s does not match its method and its url or query: %s", query, clip(e.Raw))
	}
	return e, nil
}

func lookConnectionError(ctx context.Context, t *target) (string, error) {
	r, query, err := t.get(ctx, "?EIO=4&transport=polling&sid="+word())
	if err != nil {
		return "", err
	}
	if r.Status < 400 {
		return "", wrong("a request for a session that never existed is answered with %d, so nothing could be recorded", r.Status)
	}
	e, err := t.recorded(ctx, suite.ConnectionError, query)
	if err != nil {
		return "", err
	}
	var code *float64
	if json.Unmarshal(e.Code, &code) != nil || code == nil || e.Message == "" {
		return "", wrong("the record has no code and message: %s", clip(e.Raw))
	}
	return fmt.Sprintf("a refused request was recorded with its mark, code %s", e.Code), nil
}

func lookInitialHeaders(ctx context.Context, t *target) (string, error) {
	return t.hooked(ctx, suite.InitialHeaders, "x-initial")
}

func lookHeaders(ctx context.Context, t *target) (string, error) {
	return t.hooked(ctx, suite.Headers, "x-each")
}

// hooked expects a hook's header in the answer to a handshake, and the hook's record.
func (t *target) hooked(ctx context.Context, hook, header string) (string, error) {
	r, query, err := t.get(ctx, "?EIO=4&transport=polling")
	if err != nil {
		return "", err
	}
	if got, want := r.Header.Get(header), marked(query); got != want {
		return "", wrong("the answer to a handshake has the header %s: %q, not the request's mark %q", header, clip(got), want)
	}
	// Which hook wins if both set a header is up to the server: a case checks that.
	if hook == suite.Headers && r.Header.Get("test") != "789" && r.Header.Get("test") != "123" {
		return "", wrong("the answer to a handshake has the header test: %q, not 789", clip(r.Header.Get("test")))
	}
	if hook == suite.InitialHeaders && !strings.Contains(strings.Join(r.Header.Values("set-cookie"), ";"), "mycookie=456") {
		return "", wrong("the answer to a handshake sets no cookie mycookie=456")
	}
	if _, err := t.recorded(ctx, hook, query); err != nil {
		return "", err
	}
	return "its headers were set, and its call was recorded", nil
}

func lookAllowRequest(ctx context.Context, t *target) (string, error) {
	text := word()
	return "a request with deny is refused", t.denied(ctx, text, text)
}

func lookDefaultMessage(ctx context.Context, t *target) (string, error) {
	return "an empty deny leaves the message to the server", t.denied(ctx, "", "Forbidden")
}

// denied expects a request with deny to be refused, and the message if the server's answer has one.
func (t *target) denied(ctx context.Context, deny, message string) error {
	r, _, err := t.get(ctx, "?EIO=4&transport=polling&deny="+deny)
	if err != nil {
		return err
	}
	if r.Status < 400 {
		return wrong("a request with deny=%s is answered with status %d and not refused", deny, r.Status)
	}
	var body struct{ Message *string }
	if json.Unmarshal([]byte(r.Body), &body) == nil && body.Message != nil && *body.Message != message {
		return wrong("a request with deny=%s is refused with the message %q, not %q", deny, clip(*body.Message), message)
	}
	return nil
}
