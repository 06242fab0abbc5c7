package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
)

// part is one part of the contract.
type part struct {
	name    string
	feature string // that the application must declare; empty if the contract always asks for the part
	advice  string // what to do if it is missing
	look    func(context.Context, *target) (says string, err error)
}

// greetings are examined one after another, before all other parts.
var greetings = []part{
	{"control namespace", "", "Create the namespace /conformance before the server listens, with no middleware (section 3).", lookControl},
	{"info", "", "Acknowledge the event info of /conformance with one object, as section 4 shows it.", lookInfo},
	{"flush", "", "Acknowledge the event flush of /conformance with {seq}, the number of the last record, after all records.", lookFlush},
}

// parts are examined concurrently.
var parts = []part{
	{"echo application", "", "Attach the handlers of section 1 to / and /custom: auth, message, message-with-ack.", lookEcho},
	{"refusing middleware", "", "Attach a middleware to / that refuses a client whose auth.refuse is a string, with that message and {refused} as data.", lookRefusal},
	{"connection records", "", "Record connection and disconnect with namespace and sid, and disconnect the client on leave (sections 1 and 3).", lookConnections},
	{"connection_error", suite.ConnectionError, "Listen for connection_error, and record it for each request with a mark in its query.", lookConnectionError},
	{"initial_headers", suite.InitialHeaders, "In the hook initial_headers set x-initial to the mark and record the call.", lookInitialHeaders},
	{"headers", suite.Headers, "In the hook headers set test: 789 and x-each to the mark, and record the call.", lookHeaders},
	{"create_namespace", suite.NewNamespace, "Answer the command create_namespace with {name}, the name that the server gave the namespace.", lookCreate},
	{"new_namespace", suite.NewNamespace, "Listen for new_namespace, record it, and attach the middleware and the handlers of section 1 there.", lookNewNamespace},
	{"dynamic_namespaces", suite.DynamicNamespaces, `Create namespaces on demand if their names match ^/dynamic-\w+$.`, lookDynamic},
	{"server_side_emit", suite.ServerSideEmit, "Answer the command server_side_emit, join the instances in one cluster, and record each event that its listeners get.", lookEmit},
	{"server_side_emit_ack", suite.ServerSideEmitAck, "Answer server_side_emit with ack true by {error, responses} when its callback runs; a listener of whoami answers with its instance.", lookEmitAck},
	{"allow_request", suite.AllowRequest, "In allowRequest refuse each request that has deny in its query, with its value as the message.", lookAllowRequest},
	{"allow_request_default_message", suite.AllowRequestDefault, "If the value of deny is empty, refuse without a message of your own.", lookDefaultMessage},
	{"connect_timeout", suite.ConnectTimeout, "Give the server's timeout in milliseconds as connectTimeout in info, or do not declare the feature.", lookConnectTimeout},
	{"disconnect_reasons", suite.DisconnectReasons, "Record disconnect with the server's reason, or do not declare the feature.", lookReasons},
	{"ask", suite.Ask, "On ask, emit question with the same args and an acknowledgement, then emit answer with the args of that acknowledgement.", lookAsk},
	{"variadic", suite.Variadic, "Let the handlers pass on any number of arguments, or do not declare the feature.", lookVariadic},
}

func lookControl(ctx context.Context, t *target) (string, error) {
	p, err := t.control.join(ctx, control, "")
	switch {
	case err != nil:
		return "", err
	case p.Type == protocol.ConnectError:
		return "", wrong("the CONNECT to /conformance is refused with %s", clip(p.Data))
	}
	return "/conformance lets observers in", nil
}

func lookInfo(ctx context.Context, t *target) (string, error) {
	var answer string
	err := bounded(ctx, t, "info was not acknowledged", func(ctx context.Context) (err error) {
		answer, err = t.command(ctx, "info", nil)
		return err
	})
	if err != nil {
		return "", err
	}
	if err := protocol.Unmarshal([]byte(answer), &t.info); err != nil {
		return "", wrong("info does not have the contract's form: %v: %s", err, clip(answer))
	}
	i := &t.info
	switch {
	case i.Contract != 1 && i.Contract != 2:
		return "", wrong("info has contract %d, which is neither 1 nor 2", i.Contract)
	case i.Instance == "":
		return "", wrong("info has no instance")
	case i.Implementation.Name == "":
		return "", wrong("info has no implementation with a name")
	case i.Features == nil:
		return "", wrong("info has no list of features")
	}
	var unknown []string
	for _, feature := range i.Features {
		if !slices.Contains(suite.Features, feature) {
			unknown = append(unknown, feature)
		}
	}
	says := fmt.Sprintf("contract %d, instance %s, %s %s", i.Contract, i.Instance, i.Implementation.Name, i.Implementation.Version)
	if len(unknown) > 0 {
		says += "; features that the contract does not know: " + strings.Join(unknown, ", ")
	}
	return says, nil
}

func lookFlush(ctx context.Context, t *target) (string, error) {
	var answer string
	err := bounded(ctx, t, "flush was not acknowledged", func(ctx context.Context) (err error) {
		answer, err = t.command(ctx, "flush", nil)
		return err
	})
	if err != nil {
		return "", err
	}
	var fields struct{ Seq *float64 }
	if json.Unmarshal([]byte(answer), &fields) != nil || fields.Seq == nil {
		return "", wrong("flush answered %s, which has no seq", clip(answer))
	}
	return fmt.Sprintf("the last record has number %.0f", *fields.Seq), nil
}

// bounded waits only as long as for what must come immediately.
func bounded(ctx context.Context, t *target, what string, wait func(context.Context) error) error {
	short, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	err := wait(short)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return wrong("%s within %d ms", what, t.patience.Milliseconds())
	}
	return err
}

// client opens a session in a namespace.
func (t *target) client(ctx context.Context, namespace string) (*session, string, error) {
	s, err := open(ctx, t.Target, t.options.Auth)
	if err != nil {
		return nil, "", err
	}
	var p *protocol.Packet
	err = t.soon(ctx, "the CONNECT to "+namespace+" was not answered", func(ctx context.Context) (err error) {
		p, err = s.join(ctx, namespace, "")
		return err
	})
	if err == nil && p.Type == protocol.ConnectError {
		err = wrong("the CONNECT to %s is refused with %s", namespace, clip(p.Data))
	}
	if err != nil {
		s.close()
		return nil, "", err
	}
	return s, p.SID(), nil
}

func lookEcho(ctx context.Context, t *target) (string, error) {
	for _, namespace := range []string{"/", "/custom"} {
		s, _, err := t.client(ctx, namespace)
		if err != nil {
			return "", err
		}
		err = echoes(ctx, t, s, namespace)
		s.close()
		if err != nil {
			return "", err
		}
	}
	return "auth, message-back and the acknowledgement came in / and /custom", nil
}

func echoes(ctx context.Context, t *target, s *session, namespace string) error {
	if err := t.soon(ctx, "the event auth did not come in "+namespace, func(ctx context.Context) error {
		_, _, err := s.event(ctx, namespace, "auth")
		return err
	}); err != nil {
		return err
	}
	if err := t.echo(ctx, s, namespace, word()); err != nil {
		return err
	}
	return t.acknowledges(ctx, s, namespace, word())
}

// echo sends the event message and expects message-back with the same arguments.
func (t *target) echo(ctx context.Context, s *session, namespace string, args ...any) error {
	want, _ := json.Marshal(append([]any{}, args...))
	if err := s.emit(namespace, "", "message", args...); err != nil {
		return err
	}
	var got string
	if err := t.soon(ctx, fmt.Sprintf("message with %s in %s was not answered by message-back", want, namespace), func(ctx context.Context) (err error) {
		_, got, err = s.event(ctx, namespace, "message-back")
		return err
	}); err != nil {
		return err
	}
	if !protocol.SameJSON(got, string(want)) {
		return wrong("message with %s in %s was answered by message-back with %s", want, namespace, clip(got))
	}
	return nil
}

// acknowledges sends the event message-with-ack and expects the same arguments in the acknowledgement.
func (t *target) acknowledges(ctx context.Context, s *session, namespace string, args ...any) error {
	want, _ := json.Marshal(append([]any{}, args...))
	var got string
	if err := t.soon(ctx, fmt.Sprintf("message-with-ack with %s in %s was not acknowledged", want, namespace), func(ctx context.Context) (err error) {
		got, err = s.ask(ctx, namespace, "message-with-ack", args...)
		return err
	}); err != nil {
		return err
	}
	if !protocol.SameJSON(got, string(want)) {
		return wrong("message-with-ack with %s in %s was acknowledged with %s", want, namespace, clip(got))
	}
	return nil
}

func lookRefusal(ctx context.Context, t *target) (string, error) {
	whole, err := t.refuses(ctx, "/")
	if err == nil && !whole {
		return "a client that asks for it is refused in /, but the data of the error do not come: only recommended cases look at them", nil
	}
	return "a client that asks for it is refused in /", err
}

// refuses expects a namespace to have the refusing middleware. Whole reports whether the data of its error come, too.
func (t *target) refuses(ctx context.Context, namespace string) (whole bool, err error) {
	s, err := open(ctx, t.Target, t.options.Auth)
	if err != nil {
		return false, err
	}
	defer s.close()
	text := word()
	var p *protocol.Packet
	if err := t.soon(ctx, "the CONNECT to "+namespace+" was not answered", func(ctx context.Context) (err error) {
		p, err = s.join(ctx, namespace, fmt.Sprintf(`{"refuse":%q}`, text))
		return err
	}); err != nil {
		return false, err
	}
	if p.Type == protocol.Connect {
		return false, wrong("a client whose auth.refuse is a string is let into %s", namespace)
	}
	var refusal struct {
		Message string
		Data    any
	}
	if json.Unmarshal([]byte(p.Data), &refusal) == nil && refusal.Message == text && refusal.Data == nil {
		return false, nil
	}
	if want := fmt.Sprintf(`{"message":%q,"data":{"refused":%q}}`, text, text); !protocol.SameJSON(p.Data, want) {
		return false, wrong("the client is refused in %s with %s, not with %s", namespace, clip(p.Data), want)
	}
	return true, nil
}

func lookConnections(ctx context.Context, t *target) (string, error) {
	if _, err := t.leaves(ctx); err != nil {
		return "", err
	}
	return "a client that came and left was recorded", nil
}

// leaves lets a client come and go and returns the record of its end.
func (t *target) leaves(ctx context.Context) (suite.Entry, error) {
	s, sid, err := t.client(ctx, "/")
	if err != nil {
		return suite.Entry{}, err
	}
	defer s.close()
	own := func(e suite.Entry) bool { return e.SID == sid && e.Namespace == "/" }
	if e, err := t.record(ctx, "a client that connected to /", suite.OfType("connection"), own); err != nil {
		return e, err
	}
	if err := s.emit("/", "", "leave", false); err != nil {
		return suite.Entry{}, err
	}
	if err := t.soon(ctx, "leave sent no DISCONNECT packet in /", func(ctx context.Context) error {
		_, err := s.await(ctx, func(p *protocol.Packet) bool { return p.Type == protocol.Disconnect && p.Namespace == "/" })
		return err
	}); err != nil {
		return suite.Entry{}, err
	}
	return t.record(ctx, "a client that was disconnected by leave", suite.OfType("disconnect"), own)
}

func lookReasons(ctx context.Context, t *target) (string, error) {
	e, err := t.leaves(ctx)
	switch {
	case err != nil:
		return "", err
	case e.Reason == "":
		return "", wrong("the record of a disconnection has no reason")
	}
	return fmt.Sprintf("a disconnection was recorded with the reason %q", e.Reason), nil
}

func lookConnectTimeout(_ context.Context, t *target) (string, error) {
	if t.info.ConnectTimeout <= 0 {
		return "", wrong("info does not tell connectTimeout")
	}
	return fmt.Sprintf("info tells %v ms", t.info.ConnectTimeout), nil
}

func lookAsk(ctx context.Context, t *target) (string, error) {
	s, _, err := t.client(ctx, "/")
	if err != nil {
		return "", err
	}
	defer s.close()
	text := word()
	if err := s.emit("/", "", "ask", text); err != nil {
		return "", err
	}
	var p *protocol.Packet
	if err := t.soon(ctx, "ask was not answered by question", func(ctx context.Context) (err error) {
		p, _, err = s.event(ctx, "/", "question")
		return err
	}); err != nil {
		return "", err
	}
	if p.ID == "" {
		return "", wrong("the event question asks for no acknowledgement")
	}
	if err := s.send(fmt.Sprintf("43%s[%q]", p.ID, text)); err != nil {
		return "", err
	}
	var got string
	if err := t.soon(ctx, "the acknowledgement of question was not followed by answer", func(ctx context.Context) (err error) {
		_, got, err = s.event(ctx, "/", "answer")
		return err
	}); err != nil {
		return "", err
	}
	if want := fmt.Sprintf("[%q]", text); !protocol.SameJSON(got, want) {
		return "", wrong("question was acknowledged with %s, and answer has %s", want, clip(got))
	}
	return "a client was asked, and its answer arrived", nil
}

func lookVariadic(ctx context.Context, t *target) (string, error) {
	for _, args := range [][]any{{}, {1, "two"}} {
		s, _, err := t.client(ctx, "/")
		if err != nil {
			return "", err
		}
		err = t.echo(ctx, s, "/", args...)
		if err == nil {
			err = t.acknowledges(ctx, s, "/", args...)
		}
		s.close()
		if err != nil {
			return "", err
		}
	}
	return "no arguments and two arguments came back", nil
}
