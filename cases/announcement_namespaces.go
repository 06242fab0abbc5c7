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

// create makes the application create a namespace, and returns the name that the server gives it.
func create(t *T, o *Observer, name string) string {
	var answer struct {
		Name   string
		Thrown *string
	}
	_ = json.Unmarshal(o.Command("create_namespace", map[string]string{"name": name}), &answer)
	t.Expect(answer.Thrown, "the error of creating %s", name).To(BeNil())
	return answer.Name
}

var _ = Add(
	Case{
		ID: "namespaces/static-raises-one-event", Level: Required, Rules: rules(creationRaisesEvent), Needs: created,
		Title: "raises new_namespace once, with the name, when a namespace is created",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			t.Expect(create(t, o, name), "the name of the created namespace").To(Equal(name))
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/second-creation-raises-none", Level: Required, Rules: rules(oneEventOfANamespace, creationRaisesEvent), Needs: created,
		Title: "raises no new_namespace when the application asks again for an existing namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			create(t, o, name)
			create(t, o, name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events of three creations").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/main-raises-none", Level: Required, Rules: rules(nothingNewRaisesNoEvent), Needs: created,
		Title: "raises no new_namespace for the main namespace",
		Run: func(t *T) {
			o := t.Observe(0)
			create(t, o, "/")
			t.Connected()
			t.Expect(o.Entries(named("/")), "the new_namespace events of /").To(BeEmpty())
			t.Expect(startup(t), "the namespaces created at start").NotTo(ContainElement("/"))
		},
	},
	Case{
		ID: "namespaces/events-at-start", Level: Required, Rules: rules(creationRaisesEvent), Needs: created,
		Title: "raises new_namespace for each namespace that the application creates at start, once",
		Run: func(t *T) {
			names := startup(t)
			for _, name := range []string{"/custom", "/conformance"} {
				n := 0
				for _, one := range names {
					if one == name {
						n++
					}
				}
				t.Expect(n, "the number of new_namespace events of %s at start", name).To(Equal(1))
			}
		},
	},
	Case{
		ID: "namespaces/pattern-raises-none", Level: Required, Rules: rules(nothingNewRaisesNoEvent), Needs: dynamic,
		Title: "raises no new_namespace when the application registers a pattern for namespaces",
		Run: func(t *T) {
			for _, name := range startup(t) {
				t.Expect([]string{"/custom", "/conformance"}, "the namespaces created at start").To(ContainElement(name))
			}
		},
	},
	Case{
		ID: "namespaces/name-gets-a-slash", Level: Recommended, Rules: rules(namesGetASlash, oneEventOfANamespace), Needs: created,
		Title: "adds a slash to a name that begins without one, also in the event",
		Run: func(t *T) {
			o, name := t.Observe(0), t.Mark()
			t.Expect(create(t, o, name), "the name of the created namespace").To(Equal("/" + name))
			t.Expect(o.Due(1, named("/"+name)), "the new_namespace events").To(HaveLen(1))
			create(t, o, "/"+name)
			t.Expect(o.Due(1, named("/"+name)), "the new_namespace events once it is asked for with the slash").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/names-are-told-apart", Level: Required, Rules: rules(namesAreKept, creationRaisesEvent), Needs: created,
		Title: "distinguishes names that differ in case, in a character, or after a question mark",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			for _, name := range []string{base, base + "A", base + "a", base + "/", base + "?x=1", base + "#b", base + "/é€😀"} {
				t.Expect(create(t, o, name), "the name of the created namespace").To(Equal(name))
				t.Expect(o.Due(1, named(name)), "the new_namespace events of %s", name).To(HaveLen(1))
			}
		},
	},
	Case{
		ID: "namespaces/created-can-be-joined", Level: Required, Rules: rules(createdNamespaceIsServed), Needs: created,
		Title: "lets clients join a namespace that was created while the server runs",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			c := t.Client(OverWebSocket)
			c.Join(name)
			c.Echoes(name)
		},
	},
	Case{
		ID: "namespaces/middleware-of-listener-applies-to-static", Level: Required, Rules: rules(eventBeforeFirstClient, middlewareRefuses), Needs: created,
		Title: "applies a middleware that a new_namespace listener attached to a created namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			create(t, o, name)
			refused(t, name)
			refused(t, "/custom")
		},
	},
	Case{
		ID: "namespaces/dynamic-raises-one-event", Level: Required, Rules: rules(dynamicCreationRaisesEvent, dynamicNamespaces), Needs: dynamic,
		Title: "raises new_namespace once, with the name, when a client creates a dynamic namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Client(OverWebSocket).Connect(name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/dynamic-second-client-raises-none", Level: Required, Rules: rules(oneEventOfANamespace, dynamicCreationRaisesEvent), Needs: dynamic,
		Title: "raises no new_namespace for the second client of a dynamic namespace",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Client(OverWebSocket).Connect(name)
			t.Client(OverPolling).Connect(name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events for two clients").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/dynamic-event-before-connection", Level: Required, Rules: rules(eventBeforeFirstClient, connectionsAreRecorded), Needs: dynamic,
		Title: "raises new_namespace before the first client is connected",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Client(OverWebSocket).Connect(name)
			var types []string
			for _, e := range o.Await(2, func(e Entry) bool { return e.Type != "disconnect" && (e.Name == name || e.Namespace == name) }) {
				types = append(types, e.Type)
			}
			t.Expect(Gathered(types), "the records of the namespace").To(Equal([]string{NewNamespace, "connection"}))
		},
	},
	Case{
		ID: "namespaces/middleware-of-listener-applies-to-first-client", Level: Required, Rules: rules(eventBeforeFirstClient, middlewareRefuses), Needs: dynamic,
		Title: "applies a middleware that a new_namespace listener attached to the dynamic namespace's first client",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			refused(t, name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
			t.Expect(o.Entries(OfType("connection"), func(e Entry) bool { return e.Namespace == name }), "the connections of a refused client").To(BeEmpty())
		},
	},
	Case{
		ID: "namespaces/refused-first-client-may-retry", Level: Required, Rules: rules(oneEventOfANamespace, middlewareRefuses), Needs: dynamic,
		Title: "lets in a client that a middleware refused before, and raises no further new_namespace for it while another client stays",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			c := refused(t, name)
			c.Connect(name)
			// A server may remove an empty namespace and create it again.
			t.Expect(Gathered(len(o.Due(1, named(name)))), "the number of new_namespace events").To(BeElementOf(1, 2))
			joined := len(o.Entries(named(name)))
			refused(t, name).Connect(name)
			t.Expect(o.Due(joined, named(name)), "the new_namespace events once another client is refused and comes again").To(HaveLen(joined))
		},
	},
	Case{
		ID: "namespaces/refused-name-raises-none", Level: Required, Rules: rules(nothingNewRaisesNoEvent, otherNamespacesAreRefused), Needs: dynamic,
		Title: "raises no new_namespace for a name that it refuses",
		Run: func(t *T) {
			o := t.Observe(0)
			w := t.Connected().WebSocket // connected, so that the server does not close it for joining nothing while it refuses
			for _, name := range []string{"/" + t.Mark(), "/dynamic-", "/dynamic-" + t.Mark() + "-", "/DYNAMIC-" + t.Mark(), "/x/dynamic-" + t.Mark()} {
				w.Send("40" + name + ",")
				t.Expect(w.Receive(), "the answer to the CONNECT").To(MatchPacket(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name)))
				t.Expect(o.Entries(named(name)), "the new_namespace events of %s", name).To(BeEmpty())
			}
		},
	},
	Case{
		ID: "namespaces/hundred-clients-make-one-event", Level: Required, Rules: rules(oneEventOfANamespace), Needs: dynamic,
		Title: "raises new_namespace once when a hundred clients create a dynamic namespace at once",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			clients := crowd(t, t.Tolerance().Sessions/2)
			t.Step("%d clients join %s at once", len(clients), name)
			t.Together(len(clients), func(t *T, i int) { clients[i].Connect(name) })
			t.Expect(o.Due(1, named(name)), "the new_namespace events of a hundred clients").To(HaveLen(1))
		},
	},
	Case{
		// The official server has an option for it (cleanupEmptyChildNamespaces), but no document asks for that.
		ID: "namespaces/dynamic-outlives-its-clients", Level: Observed, Rules: rules(emptyNamespaceStays, dynamicCreationRaisesEvent), Needs: dynamic,
		Title: "keeps a dynamic namespace when its last client has left",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			c := t.Client(OverWebSocket)
			sid := c.Connect(name).SID()
			c.Send("41" + name + ",")
			o.Await(1, OfType("disconnect"), func(e Entry) bool { return e.SID == sid })
			c.Connect(name)
			events := o.Due(1, named(name))
			t.Answer("a namespace that was left and joined again was announced %d times", len(events))
			t.Expect(events, "the new_namespace events of one client after another").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/many-names-at-once", Level: Required, Rules: rules(dynamicCreationRaisesEvent, dynamicNamespaces), Needs: dynamic,
		Title: "raises one new_namespace for each of many dynamic namespaces created at once",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			t.Together(20, func(t *T, i int) { t.Client(OverWebSocket).Connect(fmt.Sprintf("%s_%d", name, i)) })
			entries := o.Due(20, func(e Entry) bool {
				return e.Type == NewNamespace && len(e.Name) > len(name) && e.Name[:len(name)] == name
			})
			var names []string
			for _, e := range entries {
				names = append(names, e.Name)
			}
			slices.Sort(names)
			t.Expect(Gathered(slices.Compact(slices.Clone(names))), "the names of the new_namespace events").To(HaveLen(20))
			t.Expect(Gathered(names), "the new_namespace events").To(HaveLen(20))
		},
	},
	Case{
		ID: "namespaces/client-gone-before-the-answer", Level: Recommended, Rules: rules(dynamicCreationRaisesEvent, oneEventOfANamespace, dynamicNamespaces), Needs: dynamic,
		Title: "raises new_namespace for a client that is gone before the answer",
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

// refused checks that the application's middleware refuses a client. The middleware is on the namespace only because a
// new_namespace listener added it. The connection stays usable.
func refused(t *T, name string) *Client {
	c := t.Client(OverWebSocket)
	c.Send(fmt.Sprintf(`40%s,{"refuse":"not today"}`, name))
	refusedWith(t, c, name, "not today")
	return c
}

// startup returns the names of the new_namespace events from before the server listened.
func startup(t *T) (names []string) {
	var info Info
	answer := t.Observe(0).Command("info", nil)
	t.Decode(answer, &info, "an object as in the contract", "the answer of info")
	for _, raw := range info.Startup {
		var e Entry
		if json.Unmarshal(raw, &e) == nil && e.Type == NewNamespace {
			names = append(names, e.Name)
		}
	}
	return names
}
