package cases

import (
	"encoding/json"
	"fmt"
	"sync"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// Namespaces that are created while others ask for them, and clients that come and go in the meantime.

// crowd opens n connections. Each joins the main namespace, so that the server does not close it for joining nothing while
// the others open.
func crowd(t *T, n int) []*Client {
	const lanes = 10
	clients := make([]*Client, n)
	t.Together(lanes, func(t *T, lane int) {
		for i := lane; i < n; i += lanes {
			clients[i] = t.Connected()
		}
	})
	return clients
}

var _ = Add(
	Case{
		ID: "namespaces/created-at-once-raises-one-event", Level: Required, Rules: rules(oneEventOfANamespace), Needs: created,
		Title: "raises new_namespace once when the application asks for a namespace twenty times at once",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			t.Together(20, func(t *T, _ int) {
				var answer struct {
					Name   string
					Thrown *string
				}
				_ = json.Unmarshal(o.Command("create_namespace", map[string]string{"name": name}), &answer)
				t.Expect(answer.Thrown, "the error of creating %s", name).To(BeNil())
				t.Expect(answer.Name, "the name of the created namespace").To(Equal(name))
			})
			t.Expect(o.Due(1, named(name)), "the new_namespace events of twenty creations").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/application-and-clients-make-one-event", Level: Required, Rules: rules(oneEventOfANamespace), Needs: dynamic,
		Title: "raises new_namespace once when the application creates a dynamic namespace while twenty clients join it",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			clients := crowd(t, 20)
			t.Step("twenty clients join %s, and the application creates it at the same time", name)
			t.Together(len(clients)+5, func(t *T, i int) {
				if i >= len(clients) {
					create(t, o, name)
					return
				}
				clients[i].Connect(name)
			})
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
			t.Together(len(clients), func(t *T, i int) { clients[i].Echoes(name) })
		},
	},
	Case{
		ID: "namespaces/created-then-joined-raises-one-event", Level: Required, Rules: rules(oneEventOfANamespace), Needs: dynamic,
		Title: "raises no second new_namespace when a client joins a dynamic namespace that the application created",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			create(t, o, name)
			c := t.Client(OverWebSocket)
			c.Connect(name)
			refused(t, name)
			c.Echoes(name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/joined-then-created-raises-one-event", Level: Required, Rules: rules(oneEventOfANamespace), Needs: dynamic,
		Title: "raises no second new_namespace when the application asks for a dynamic namespace that a client created",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			c := t.Client(OverWebSocket)
			c.Connect(name)
			t.Expect(create(t, o, name), "the name of the namespace").To(Equal(name))
			c.Echoes(name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/refused-name-may-be-created", Level: Required, Rules: rules(createdNamespaceIsServed), Needs: created,
		Title: "lets a client join a namespace that it was refused before the application created it",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()
			c := t.Client(OverWebSocket)
			c.Send("40" + name + ",")
			c.Expect(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name))
			create(t, o, name)
			c.Join(name)
			c.Echoes(name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/middleware-applies-to-each-of-a-crowd", Level: Required, Rules: rules(eventBeforeFirstClient, middlewareRefuses), Needs: dynamic,
		Title: "applies a middleware that a new_namespace listener attached to each of a dozen clients that create a dynamic namespace at once",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			clients := crowd(t, 12)
			t.Step("a dozen clients ask for %s at once, to be refused", name)
			t.Together(len(clients), func(t *T, i int) {
				clients[i].Send(fmt.Sprintf(`40%s,{"refuse":"not today"}`, name))
				refusedWith(t, clients[i], name, "not today")
			})
			t.Expect(o.Entries(OfType("connection"), func(e Entry) bool { return e.Namespace == name }), "the connections of refused clients").To(BeEmpty())
		},
	},
	Case{
		ID: "namespaces/crowd-is-connected-once-each", Level: Required, Rules: rules(crowdIsConnectedOnceEach), Needs: dynamic,
		Title: "connects each of a dozen clients that create a dynamic namespace at once to one namespace, each with its own ID",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			clients := crowd(t, 12)
			var mu sync.Mutex
			ids := map[string]int{}
			t.Together(len(clients), func(t *T, i int) {
				sid := clients[i].Connect(name).SID()
				mu.Lock()
				defer mu.Unlock()
				ids[sid]++
			})
			t.Expect(ids, "the socket IDs of a dozen clients").To(HaveLen(len(clients)))
			seen := map[string]int{}
			for _, e := range o.Due(len(clients), OfType("connection"), func(e Entry) bool { return e.Namespace == name }) {
				seen[e.SID]++
			}
			t.Expect(Gathered(seen), "the connections by socket ID").To(Equal(ids))
		},
	},
	Case{
		ID: "namespaces/crowd-gone-before-the-answer", Level: Recommended, Rules: rules(dynamicCreationRaisesEvent, oneEventOfANamespace, dynamicNamespaces), Needs: dynamic,
		Title: "raises new_namespace for clients that are all gone before the answer, and serves those that come later",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			clients := crowd(t, 12)
			t.Together(len(clients), func(t *T, i int) {
				clients[i].WebSocket.Send("40" + name + ",")
				clients[i].WebSocket.Break()
			})
			o.Await(1, named(name))
			joinsAsOneOfMany(t, o, name)
		},
	},
	Case{
		ID: "namespaces/empty-namespace-serves-again", Level: Required, Rules: rules(emptyNamespaceServesAgain), Needs: dynamic,
		Title: "serves a dynamic namespace again after all clients had left it, with its middleware, whether it kept or recreated it",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			c := t.Client(OverWebSocket)
			for range 3 {
				sid := c.Connect(name).SID()
				c.Echoes(name)
				c.Send("41" + name + ",")
				o.Await(1, OfType("disconnect"), func(e Entry) bool { return e.SID == sid })
				refused(t, name)
			}
			announced := len(o.Due(1, named(name)))
			t.Answer("new_namespace was raised %d times for a namespace that was left three times", announced)
			t.Expect(Gathered(announced), "the number of new_namespace events").To(BeNumerically(">=", 1))
		},
	},
	Case{
		ID: "namespaces/rejoined-while-another-stays", Level: Required, Rules: rules(oneEventOfANamespace), Needs: dynamic,
		Title: "raises no second new_namespace for a dynamic namespace that a client leaves and joins again while another stays",
		Run: func(t *T) {
			o, name := t.Observe(0), "/dynamic-"+t.Mark()
			stays, c := t.Client(OverWebSocket), t.Client(OverWebSocket)
			stays.Connect(name)
			c.Connect("/") // a server may close the connection of a client that is no longer in any namespace
			for range 3 {
				sid := c.Connect(name).SID()
				c.Send("41" + name + ",")
				o.Await(1, OfType("disconnect"), func(e Entry) bool { return e.SID == sid && e.Namespace == name })
			}
			stays.Echoes(name)
			t.Expect(o.Due(1, named(name)), "the new_namespace events").To(HaveLen(1))
		},
	},
)

// joinsAsOneOfMany joins a namespace that others have left. The server may have removed it and creates it again then.
// Clients that come while one stays do not create a new namespace.
func joinsAsOneOfMany(t *T, o *Observer, name string) {
	c := t.Client(OverWebSocket)
	c.Connect(name)
	events := len(o.Due(1, named(name)))
	t.Expect(Gathered(events), "the number of new_namespace events").To(BeNumerically(">=", 1))
	for range 2 {
		t.Client(OverWebSocket).Connect(name)
	}
	c.Echoes(name)
	t.Expect(o.Due(events, named(name)), "the new_namespace events once others have joined").To(HaveLen(events))
}
