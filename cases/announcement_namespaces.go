package cases

import (
	"encoding/json"
	"fmt"
	"slices"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var (
	created = Needs{Features: []string{NewNamespace}}
	dynamic = Needs{Features: []string{NewNamespace, DynamicNamespaces}}
)

// named selects the new_namespace records of a namespace.
func named(name string) func(Entry) bool {
	return func(e Entry) bool { return e.Type == NewNamespace && e.Name == name }
}

// create has the application create a namespace, and returns the name that the server gives it.
func create(t *T, o *Observer, name string) string {
	var answer struct{ Name, Thrown string }
	_ = json.Unmarshal(o.Command("create_namespace", map[string]string{"name": name}), &answer)
	t.Expect(answer.Thrown).To(BeEmpty(), "the error of creating %s", name)
	return answer.Name
}

var _ = Add(
	Case{
		ID: "namespaces/static-raises-one-event", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/static-event-lost", "namespaces/static-unannounced"},
		Title:  "raises new_namespace once, with the name, when a namespace is created",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			t.Expect(create(t, o, name)).To(Equal(name), "the name of the created namespace")
			t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events")
		},
	},
	Case{
		ID: "namespaces/second-creation-raises-none", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/announced-twice", "namespaces/unannounced"},
		Title:  "raises no new_namespace when an existing namespace is asked for again",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			create(t, o, name)
			create(t, o, name)
			t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events of three creations")
		},
	},
	Case{
		ID: "namespaces/main-raises-none", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/main-announced", "namespaces/main-announced-at-start"},
		Title:  "raises no new_namespace for the main namespace",
		Run: func(t *T) {
			o := t.Observe(0)
			create(t, o, "/")
			t.Connected()
			t.Expect(o.Entries(named("/"))).To(BeEmpty(), "the new_namespace events of /")
			t.Expect(startup(t)).NotTo(ContainElement("/"), "the namespaces created at start")
		},
	},
	Case{
		ID: "namespaces/events-at-start", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/startup-unannounced"},
		Title:  "raises new_namespace for each namespace that the application creates at start, once",
		Run: func(t *T) {
			names := startup(t)
			for _, name := range []string{"/custom", "/conformance"} {
				n := 0
				for _, one := range names {
					if one == name {
						n++
					}
				}
				t.Expect(n).To(Equal(1), "the new_namespace events of %s among those at start: %v", name, names)
			}
		},
	},
	Case{
		ID: "namespaces/pattern-raises-none", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/pattern-announced"},
		Title:  "raises no new_namespace when a pattern of namespaces is registered",
		Run: func(t *T) {
			for _, name := range startup(t) {
				t.Expect([]string{"/custom", "/conformance"}).To(ContainElement(name), "the namespaces created at start")
			}
		},
	},
	Case{
		ID: "namespaces/name-gets-a-slash", Level: Recommended, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/announced-again-when-used", "namespaces/announced-without-slash"},
		Title:  "puts a slash before a name that has none, and names the event so",
		Run: func(t *T) {
			o, name := t.Observe(0), t.Mark()
			t.Expect(create(t, o, name)).To(Equal("/"+name), "the name of the created namespace")
			t.Expect(o.Entries(named("/"+name))).To(HaveLen(1), "the new_namespace events")
			create(t, o, "/"+name)
			t.Expect(o.Entries(named("/"+name))).To(HaveLen(1), "the new_namespace events once it is asked for with the slash")
		},
	},
	Case{
		ID: "namespaces/names-are-told-apart", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/announced-in-lower-case"},
		Title:  "tells names apart that differ in case, in a character, or behind a question mark",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			for _, name := range []string{base, base + "A", base + "a", base + "/", base + "?x=1", base + "#b", base + "/é€😀"} {
				t.Expect(create(t, o, name)).To(Equal(name), "the name of the created namespace")
				t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events of %s", name)
			}
		},
	},
	Case{
		ID: "namespaces/created-can-be-joined", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"namespaces/created-later-refused"},
		Title:  "lets clients join a namespace that was created while the server runs",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			c := t.Client(OverWebSocket)
			c.Connect(name)
			c.Echoes(name)
		},
	},
	Case{
		ID: "namespaces/middleware-of-listener-applies-to-static", Level: Required, Source: namespaceEvents, Needs: created,
		Faults: []string{"connect/refusal-without-data", "namespaces/custom-unchecked"},
		Title:  "applies a middleware that a new_namespace listener attached to a created namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			refused(t, name)
			refused(t, "/custom")
		},
	},
	Case{
		ID: "namespaces/dynamic-raises-one-event", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/announced-with-a-comma", "namespaces/dynamic-refused"},
		Title:  "raises new_namespace once, with the name, when a client makes a dynamic namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Client(OverWebSocket).Connect(name)
			t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events")
		},
	},
	Case{
		ID: "namespaces/dynamic-second-client-raises-none", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/announced-by-pattern"},
		Title:  "raises no new_namespace for the second client of a dynamic namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Client(OverWebSocket).Connect(name)
			t.Client(OverPolling).Connect(name)
			t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events of two clients")
		},
	},
	Case{
		ID: "namespaces/dynamic-event-before-connection", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/connection-noticed-twice", "namespaces/connection-unnoticed", "namespaces/event-after-the-connection"},
		Title:  "raises new_namespace before the first client is connected",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Client(OverWebSocket).Connect(name)
			var types []string
			for _, e := range o.Await(2, func(e Entry) bool { return e.Name == name || e.Namespace == name }) {
				types = append(types, e.Type)
			}
			t.Expect(types).To(Equal([]string{NewNamespace, "connection"}), "the records of the namespace")
		},
	},
	Case{
		ID: "namespaces/middleware-of-listener-applies-to-first-client", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/dynamic-unchecked"},
		Title:  "applies a middleware that a new_namespace listener attached to the dynamic namespace's first client",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			refused(t, name)
			t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events")
			t.Expect(o.Entries(OfType("connection"), func(e Entry) bool { return e.Namespace == name })).To(BeEmpty(), "the connections of a refused client")
		},
	},
	Case{
		ID: "namespaces/refused-first-client-may-retry", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"connect/refused-but-joined", "namespaces/first-client-unchecked"},
		Title:  "lets a client in that a middleware refused before, and raises no further new_namespace for one while another stays",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			c := refused(t, name)
			c.Connect(name)
			// A server may remove a namespace that nobody is in, and make it anew.
			t.Expect(len(o.Entries(named(name)))).To(BeElementOf(1, 2), "the new_namespace events")
			joined := len(o.Entries(named(name)))
			refused(t, name).Connect(name)
			t.Expect(o.Entries(named(name))).To(HaveLen(joined), "the new_namespace events once another client is refused and comes again")
		},
	},
	Case{
		ID: "namespaces/refused-name-raises-none", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/pattern-ignores-case", "namespaces/pattern-open-ended", "namespaces/pattern-unanchored", "namespaces/refused-announced"},
		Title:  "raises no new_namespace for a name that it refuses",
		Run: func(t *T) {
			o := t.Observe(0)
			w := t.Connected().WebSocket // which is not closed for having joined nothing, however slow the refusals are
			for _, name := range []string{"/" + t.Mark(), "/dynamic-", "/dynamic-" + t.Mark() + "-", "/DYNAMIC-" + t.Mark(), "/x/dynamic-" + t.Mark()} {
				w.Send("40" + name + ",")
				t.Expect(w.Receive()).To(MatchPacket(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name)))
				t.Expect(o.Entries(named(name))).To(BeEmpty(), "the new_namespace events of %s", name)
			}
		},
	},
	Case{
		ID: "namespaces/hundred-clients-make-one-event", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/announced-by-racing-clients"},
		Title:  "raises new_namespace once when a hundred clients make a dynamic namespace at once",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			clients := crowd(t, t.Tolerance().Sessions/2)
			t.Step("%d clients join %s at once", len(clients), name)
			t.Together(len(clients), func(i int) { clients[i].Connect(name) })
			t.Expect(o.Entries(named(name))).To(HaveLen(1), "the new_namespace events of a hundred clients")
		},
	},
	Case{
		// The official server has an option for it (cleanupEmptyChildNamespaces), which no document asks for.
		ID: "namespaces/dynamic-outlives-its-clients", Level: Observed, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/announced-again-when-empty", "namespaces/dynamic-unannounced"},
		Title:  "keeps a dynamic namespace when its last client has left",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			c := t.Client(OverWebSocket)
			sid := c.Connect(name).SID()
			c.Send("41" + name + ",")
			o.Await(1, OfType("disconnect"), func(e Entry) bool { return e.SID == sid })
			c.Connect(name)
			events := o.Entries(named(name))
			t.Answer("a namespace that was left and joined again was announced %d times", len(events))
			t.Expect(events).To(HaveLen(1), "the new_namespace events of one client after another")
		},
	},
	Case{
		ID: "namespaces/many-names-at-once", Level: Required, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/announced-late", "namespaces/pattern-of-one-namespace"},
		Title:  "raises one new_namespace for each of many dynamic namespaces made at once",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Together(20, func(i int) { t.Client(OverWebSocket).Connect(fmt.Sprintf("%s_%d", name, i)) })
			entries := o.Entries(func(e Entry) bool {
				return e.Type == NewNamespace && len(e.Name) > len(name) && e.Name[:len(name)] == name
			})
			var names []string
			for _, e := range entries {
				names = append(names, e.Name)
			}
			slices.Sort(names)
			t.Expect(slices.Compact(slices.Clone(names))).To(HaveLen(20), "the names of the new_namespace events: %v", names)
			t.Expect(names).To(HaveLen(20), "the new_namespace events")
		},
	},
	Case{
		ID: "namespaces/client-gone-before-the-answer", Level: Recommended, Source: namespaceEvents, Needs: dynamic,
		Faults: []string{"namespaces/announced-to-each-client", "namespaces/pattern-without-digits"},
		Title:  "raises new_namespace for a client that is gone before the answer",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			w := t.WebSocket()
			w.Send("40" + name + ",")
			w.Break()
			o.Await(1, named(name))
			joinsAsOneOfMany(t, o, name)
		},
	},
)

// refused sees a client refused by the application's middleware, which stands on name only because
// a new_namespace listener put it there. The connection stays usable.
func refused(t *T, name string) *Client {
	c := t.Client(OverWebSocket)
	c.Send(fmt.Sprintf(`40%s,{"refuse":"not today"}`, name))
	c.Expect(fmt.Sprintf(`44%s,{"message":"not today","data":{"refused":"not today"}}`, name))
	return c
}

// startup lists the names of the new_namespace events from before the server listened.
func startup(t *T) (names []string) {
	var info Info
	answer := t.Observe(0).Command("info", nil)
	t.Expect(json.Unmarshal(answer, &info)).To(Succeed(), "the answer to info: %s", answer)
	for _, raw := range info.Startup {
		var e Entry
		if json.Unmarshal(raw, &e) == nil && e.Type == NewNamespace {
			names = append(names, e.Name)
		}
	}
	return names
}
