package cases

import (
	"encoding/json"
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// The matrix of events between the servers of a cluster: in each namespace, with an acknowledgement and without, from each
// sender. The cases look at sender and receivers after a later question in the same namespace.

// told is one cell of the matrix.
type told struct {
	namespace string
	asked     bool
}

var _ = Add(clusterMatrix()...)

func clusterMatrix() (all []Case) {
	for _, namespace := range []string{"/", "/custom"} {
		for _, asked := range []bool{false, true} {
			x := told{namespace, asked}
			slug := map[string]string{"/": "main", "/custom": "custom"}[namespace] + map[bool]string{false: "-told", true: "-asked"}[asked]
			where := " in the namespace " + namespace + map[bool]string{false: "", true: ", with an acknowledgement"}[asked]
			delivered := rules(reachesEachOtherServer, neverReachesTheSender, eventsBelongToTheirNamespace)
			values := rules(argumentsArriveUnchanged)
			if asked {
				delivered = append(delivered, oneAnswerOfEachServer, listenerGetsACallback)
				values = append(values, oneAnswerOfEachServer)
			}
			all = append(all,
				Case{
					ID: "cluster/matrix-delivered-" + slug, Level: Required, Rules: delivered, Needs: clusterAcks,
					Title: "delivers each of five events to each other instance once, and never to the sender," + where,
					Run: func(t *T) {
						x.deliver(t, func(mark string) (args []any) {
							for n := range 5 {
								args = append(args, map[string]any{"mark": mark, "n": n})
							}
							return args
						})
					},
				},
				Case{
					ID: "cluster/matrix-large-and-small-" + slug, Level: Required, Rules: append(rules(reachesEachOtherServer), values...), Needs: clusterAcks,
					Title: "delivers alternating large and small events, each of them once," + where,
					Run: func(t *T) {
						large := strings.Repeat("0123456789", 2_000)[:fitting(t, 20_000)]
						x.deliver(t, func(mark string) (args []any) {
							for n := range 6 {
								args = append(args, map[string]any{"mark": mark, "n": n, "text": large[:len(large)*(n%2)]})
							}
							return args
						})
					},
				})
			for _, g := range valueGroups {
				if g.binary || g.slug == "sizes" {
					continue
				}
				level := Required
				if g.deep { // libraries of some adapters end the process at a depth of 100, and no document says how deep values may be
					level = Recommended
					g.title, g.values = "arrays and objects that are 64 levels deep", func(func(int) bool) []data { return deepValues(60, 64, 66) }
				}
				all = append(all, Case{
					ID: "cluster/matrix-" + g.slug + "-" + slug, Level: level, Rules: values, Needs: clusterAcks,
					Title: "delivers " + g.title + "," + where,
					Run: func(t *T) {
						var list []string
						for _, d := range g.values(func(int) bool { return true }) {
							if !strings.Contains(d.json, "__proto__") { // the streams adapter drops messages with such a key for safety
								list = append(list, d.json)
							}
						}
						x.deliver(t, func(mark string) []any {
							return []any{json.RawMessage(fmt.Sprintf(`{"mark":%q,"values":[%s]}`, mark, strings.Join(list, ",")))}
						})
					},
				})
			}
		}
	}
	return all
}

// deliver emits an event for each of the arguments, which contain a mark, from each instance.
func (x told) deliver(t *T, arguments func(mark string) []any) {
	event := "hello"
	if x.asked {
		event = "echo"
	}
	fromEach(t, func(from int, all []*Observer) {
		mark := t.Mark()
		var wanted []any
		args := arguments(mark)
		for _, arg := range args {
			text, _ := json.Marshal(arg)
			want := "[" + string(text) + "]"
			wanted = append(wanted, MatchJSONValue(want))
			if x.asked {
				answered(t, ask(t, all[from], x.namespace, event, arg), each(t, want)...)
			} else {
				emit(t, all[from], x.namespace, event, arg)
			}
		}
		for _, o := range receivers(all, from) {
			o.Await(len(args), with(mark))
		}
		answered(t, ask(t, all[from], x.namespace, "whoami"), names(t, from)...)
		for to, o := range all {
			o.Flush()
			entries := o.Entries(with(mark))
			if to == from {
				t.Expect(entries, "the deliveries to the sender").To(BeEmpty())
				continue
			}
			t.Expect(entries, "the deliveries from instance %d to instance %d", from+1, to+1).To(HaveLen(len(args)))
			var got []string
			for _, e := range entries {
				got = append(got, string(e.Args))
				t.Expect(e.Namespace, "the namespace of the listener").To(Equal(x.namespace))
				t.Expect(e.Event, "the event").To(Equal(event))
				t.Expect(e.Ack, "whether the listener was asked for an acknowledgement").To(Equal(x.asked))
			}
			t.Expect(Gathered(got), "the arguments that the listener got").To(ConsistOf(wanted...))
		}
	})
}
