package application

import (
	"encoding/json"
	"slices"
	"time"

	"example.test/conformance/reference"
)

// serveNamespaces creates the namespaces of the contract. It adds the listener for new ones first, so that it sees those
// created at the start.
func (i *instance) serveNamespaces() {
	i.server.OnNewNamespace(func(ns *reference.Namespace) {
		if i.has(newNamespace) {
			i.records.record("new_namespace", map[string]any{"name": ns.Name()})
		}
		if ns.Name() != controlName {
			i.serve(ns)
		}
	})
	main := i.server.Of("/")
	i.serve(main)
	custom := i.server.Of("/custom")
	i.serveControl(i.server.Of(controlName))
	if i.has(dynamicNamespaces) {
		i.server.OfPattern(i.options.App.Control.Dynamic())
	}
	i.listen(main)
	i.listen(custom)
}

// serve adds the middleware and handlers that the contract's first section asks for.
func (i *instance) serve(ns *reference.Namespace) {
	if ns.Name() == "/" || i.has(newNamespace) { // an API without the event has nowhere to attach one
		ns.Use(refuse)
	}
	ns.OnConnection(func(socket *reference.Socket) {
		of := func() map[string]any { return map[string]any{"namespace": ns.Name(), "sid": socket.ID()} }
		i.records.record("connection", of())
		socket.OnDisconnect(func(reason string) {
			fields := of()
			if i.has(disconnectReasons) {
				fields["reason"] = reason
			}
			i.records.record("disconnect", fields)
		})
		socket.On("message", i.withArity(func(event *reference.Event) { socket.Emit("message-back", reference.Any(event.Args)...) }))
		socket.On("message-with-ack", i.withArity(func(event *reference.Event) { event.Acknowledge(reference.Any(event.Args)...) }))
		if i.has(ask) {
			socket.On("ask", i.withArity(func(event *reference.Event) {
				socket.EmitWithCallback(func(args []reference.Value) {
					if i.has(variadic) || len(args) == 1 {
						socket.Emit("answer", reference.Any(args)...)
					}
				}, "question", reference.Any(event.Args)...)
			}))
		}
		socket.On("leave", func(event *reference.Event) { socket.Disconnect(flag(event.Args)) })
		socket.Emit("auth", socket.Auth())
	})
}

// refuse is the middleware that refuses a client if its auth object asks for it.
func refuse(socket *reference.Socket) error {
	var auth map[string]json.RawMessage
	var message *string
	if socket.Auth().Decode(&auth) != nil || json.Unmarshal(auth["refuse"], &message) != nil || message == nil {
		return nil
	}
	return &reference.Refusal{Message: *message, Data: map[string]any{"refused": *message}}
}

func flag(args []reference.Value) bool {
	var value bool
	return len(args) > 0 && args[0].Decode(&value) == nil && value
}

// listen adds the listeners for the events of other servers. Each records before it answers.
func (i *instance) listen(ns *reference.Namespace) {
	on := func(name string, answer reference.Handler) {
		handle := func(event *reference.Event) {
			i.records.record("server_side_event", map[string]any{
				"namespace": ns.Name(), "event": name, "args": event.Args, "ack": event.WantsAck(),
			})
			answer(event)
		}
		if name == "hello" || name == "echo" {
			handle = i.withArity(handle)
		}
		ns.On(name, handle)
	}
	on("hello", func(*reference.Event) {})
	on("silent", func(*reference.Event) {})
	on("ping", func(event *reference.Event) { event.Acknowledge("pong") })
	on("whoami", func(event *reference.Event) { event.Acknowledge(i.name) })
	on("echo", func(event *reference.Event) { event.Acknowledge(event.Args) })
	on("twice", func(event *reference.Event) {
		event.Acknowledge("first")
		event.Acknowledge("second")
	})
	on("only", func(event *reference.Event) {
		var names []string
		if len(event.Args) > 0 && event.Args[0].Decode(&names) == nil && slices.Contains(names, i.name) {
			event.Acknowledge(i.name)
		}
	})
	on("late", func(event *reference.Event) {
		var milliseconds float64
		if len(event.Args) > 0 {
			event.Args[0].Decode(&milliseconds)
		}
		i.waiting.Go(func() {
			select {
			case <-time.After(time.Duration(milliseconds * float64(time.Millisecond))):
				event.Acknowledge(i.name)
			case <-i.stopping.Done():
			}
		})
	})
}
