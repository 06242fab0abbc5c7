package cases

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var (
	cluster     = Needs{Features: []string{ServerSideEmit}, Targets: 2}
	clusterAcks = Needs{Features: []string{ServerSideEmit, ServerSideEmitAck}, Targets: 2}
)

// emission is the argument of the command server_side_emit.
type emission struct {
	Namespace string `json:"namespace"`
	Event     string `json:"event"`
	Args      []any  `json:"args"`
	Ack       bool   `json:"ack"`
}

// outcome is the answer to the command.
type outcome struct {
	Thrown    *string           `json:"thrown"`
	Error     *string           `json:"error"`
	Responses []json.RawMessage `json:"responses"`
	raw       string
	asked     time.Time
}

// others is the number of instances that a server-side emit reaches.
func others(t *T) int { return t.Targets() - 1 }

// emit makes an instance emit to the others, without an acknowledgement.
func emit(t *T, o *Observer, namespace, event string, args ...any) {
	r := send(t, o, emission{namespace, event, list(args), false})
	t.Expect(r.Thrown, "the error of emitting %s", event).OfTimer().To(BeNil())
}

// variadic reports whether the applications of all targets take any number of arguments.
func variadic(t *T) bool {
	for i := range t.Targets() {
		if !t.Info(i).Declares(Variadic) {
			return false
		}
	}
	return true
}

// several returns arguments in the form that the targets' listeners take: as they are, or as one array if each listener
// takes exactly one argument.
func several(t *T, args ...any) []any {
	if variadic(t) {
		return args
	}
	return []any{args}
}

// asJSON returns a value as JSON.
func asJSON(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// ask makes an instance emit to the others with an acknowledgement, and returns what its callback got.
func ask(t *T, o *Observer, namespace, event string, args ...any) outcome {
	r := send(t, o, emission{namespace, event, list(args), true})
	t.Expect(r.Thrown, "the error of emitting %s", event).OfTimer().To(BeNil())
	return r
}

func send(t *T, o *Observer, e emission) outcome {
	r := outcome{asked: time.Now()}
	answer := o.CommandWithin(t.Timings().EmitTimeout, "server_side_emit", e)
	t.Decode(answer, &r, "an object as in the contract", "the answer of server_side_emit")
	r.raw = string(answer)
	return r
}

func list(args []any) []any {
	if args == nil {
		return []any{}
	}
	return args
}

// answered expects one of the wanted answers from each other instance, in any order, and no error.
func answered(t *T, r outcome, want ...string) {
	r = besideUnnamed(t, r, want)
	t.Expect(r.Error, "the error that the callback got").OfTimerLasting(t.Timings().EmitTimeout).To(BeNil())
	holds(t, t.Expect(r.Responses, "the answers that the callback got"), r, want)
}

// answeredInPart expects an error, and one of the wanted answers from each instance that gives one. A missing one may have
// come too late for the target's timer.
func answeredInPart(t *T, r outcome, want ...string) {
	t.Expect(r.Error, "the error that the callback got").OfTimer().NotTo(BeNil())
	r.Error = nil
	r = besideUnnamed(t, r, want)
	answers := t.Expect(r.Responses, "the answers that the callback got")
	if len(r.Responses) < len(want) {
		answers = answers.OfTimerLasting(t.Timings().EmitTimeout)
	}
	holds(t, answers, r, want)
}

// holds expects exactly the wanted answers, in any order.
func holds(t *T, answers Actual, r outcome, want []string) {
	answers.To(HaveLen(len(want)))
	var got []string
	for _, one := range r.Responses {
		got = append(got, string(one))
	}
	var matchers []any
	for _, one := range want {
		matchers = append(matchers, MatchJSONValue(one))
	}
	t.Expect(got, "the answers that the callback got").To(ConsistOf(matchers...))
}

// each repeats a value once for each other instance.
func each(t *T, value string) (all []string) {
	for range others(t) {
		all = append(all, value)
	}
	return all
}

// with selects the records of events from another server that have the word in their arguments.
func with(word string) func(Entry) bool {
	return func(e Entry) bool { return e.Type == "server_side_event" && says(e.Args, word) }
}

// bare selects the records of events of another server without arguments and without an acknowledgement.
func bare(e Entry) bool {
	return e.Type == "server_side_event" && e.Event == "hello" && !e.Ack && protocol.SameJSON(string(e.Args), `[]`)
}

// escapedLetter matches an ASCII letter or digit that is escaped in a JSON text.
var escapedLetter = regexp.MustCompile(`\\u00[3-7]`)

// says reports whether a string within a JSON value contains the word, escaped or not.
func says(value json.RawMessage, word string) bool {
	if !bytes.Contains(value, []byte(word)) && !escapedLetter.Match(value) {
		return false // most records belong to other cases, and large ones are costly to parse
	}
	var decoded any
	return json.Unmarshal(value, &decoded) == nil && saysValue(decoded, word)
}

func saysValue(value any, word string) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, word)
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return saysValue(one, word) })
	case map[string]any:
		for name, one := range v {
			if strings.Contains(name, word) || saysValue(one, word) {
				return true
			}
		}
	}
	return false
}

// everywhere observes all instances.
func everywhere(t *T) (all []*Observer) {
	for i := range t.Targets() {
		all = append(all, t.Observe(i))
	}
	return all
}

// fromEach checks a rule with each instance as the sender, one after another.
func fromEach(t *T, rule func(from int, all []*Observer)) {
	all := everywhere(t)
	for from := range all {
		t.Step("from instance %d", from+1)
		rule(from, all)
		for _, o := range all {
			o.Restart()
		}
	}
}

// fromEachAtOnce is like fromEach, but for a rule that waits: it uses all senders at once.
func fromEachAtOnce(t *T, rule func(t *T, from int, all []*Observer)) {
	all := everywhere(t)
	t.Together(len(all), func(t *T, from int) { rule(t, from, all) })
}

// receivers returns all observers except the sender's.
func receivers(all []*Observer, from int) []*Observer {
	return slices.Delete(slices.Clone(all), from, from+1)
}

// settled is a barrier in the cluster: when it returns, everything that instance from has emitted has reached all others,
// and would have reached itself.
func settled(t *T, all []*Observer, from int) {
	answered(t, ask(t, all[from], "/", "whoami"), names(t, from)...)
	for _, o := range all {
		o.Flush()
	}
}
