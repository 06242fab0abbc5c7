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

// emits sends the command server_side_emit.
func (t *target) emits(ctx context.Context, event string, ack bool, args ...any) (string, error) {
	argument := map[string]any{"namespace": "/", "event": event, "args": append([]any{}, args...), "ack": ack}
	var answer string
	err := bounded(ctx, t, "server_side_emit of "+event+" was not acknowledged", func(ctx context.Context) (err error) {
		answer, err = t.command(ctx, "server_side_emit", argument)
		return err
	})
	return answer, err
}

func lookEmit(ctx context.Context, t *target) (string, error) {
	for _, other := range t.others {
		if other.info.Instance == t.info.Instance {
			return "", wrong("targets %d and %d both call themselves instance %s", t.number, other.number, t.info.Instance)
		}
	}
	text := word()
	answer, err := t.emits(ctx, "hello", false, text)
	if err != nil {
		return "", err
	}
	if !protocol.SameJSON(answer, "{}") {
		return "", wrong("server_side_emit without an acknowledgement answered %s, not {}", clip(answer))
	}
	if len(t.others) == 0 {
		return "", &skip{"the command is answered; give the URL of a second instance to see whether the event arrives there"}
	}
	for _, other := range t.others {
		e, err := other.record(ctx, fmt.Sprintf("an event of instance %s to instance %s", t.info.Instance, other.info.Instance),
			suite.OfType("server_side_event"), func(e suite.Entry) bool { return strings.Contains(string(e.Args), text) })
		if err != nil {
			return "", err
		}
		if want := fmt.Sprintf("[%q]", text); e.Namespace != "/" || e.Event != "hello" || e.Ack || !protocol.SameJSON(string(e.Args), want) {
			return "", wrong("the event hello with %s and without an acknowledgement was recorded as %s", want, clip(e.Raw))
		}
	}
	return "an event arrived at each other instance", nil
}

func lookEmitAck(ctx context.Context, t *target) (string, error) {
	if len(t.others) == 0 {
		return "", &skip{"give the URL of a second instance to see whether it answers"}
	}
	answer, err := t.emits(ctx, "whoami", true)
	if err != nil {
		return "", err
	}
	var outcome struct {
		Error     *string
		Responses []json.RawMessage
	}
	if err := json.Unmarshal([]byte(answer), &outcome); err != nil || outcome.Responses == nil {
		return "", wrong("server_side_emit with an acknowledgement answered %s, not {error, responses}", clip(answer))
	}
	if outcome.Error != nil {
		return "", wrong("the callback of whoami got the error %q", clip(*outcome.Error))
	}
	for _, other := range t.others {
		name, _ := json.Marshal(other.info.Instance)
		if !slices.ContainsFunc(outcome.Responses, func(r json.RawMessage) bool { return protocol.SameJSON(string(r), string(name)) }) {
			return "", wrong("whoami was answered with %s, which lacks instance %s", clip(array(outcome.Responses)), other.info.Instance)
		}
	}
	return "each other instance answered with its name", nil
}
