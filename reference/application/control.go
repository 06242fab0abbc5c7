package application

import (
	"encoding/json"
	"errors"
	"runtime/debug"

	"example.test/conformance/reference"
)

// controlName is the namespace in which clients observe and control the instance.
const controlName = "/conformance"

// Outcome is what the callback of serverSideEmit gets.
type Outcome struct {
	Err       error
	Responses []reference.Value
}

func (i *instance) serveControl(ns *reference.Namespace) {
	ns.OnConnection(func(socket *reference.Socket) {
		socket.On("info", func(event *reference.Event) { event.Acknowledge(i.info()) })
		socket.On("flush", func(event *reference.Event) {
			i.records.after(func(seq int) { event.Acknowledge(map[string]any{"seq": seq}) })
		})
		socket.On("create_namespace", i.createNamespace)
		if i.has(serverSideEmit) {
			socket.On("server_side_emit", i.serverSideEmit)
		}
	})
}

func (i *instance) info() map[string]any {
	info := map[string]any{
		"contract": i.options.Contract,
		"instance": i.name,
		"implementation": map[string]any{
			"name": "conformance-reference", "version": version(), "language": "Go",
		},
		"features": i.features(),
		"edition":  "4.8",
		"startup":  i.records.startupEntries(),
	}
	if i.has(connectTimeout) {
		info["connectTimeout"] = i.options.ConnectTimeout.Milliseconds()
	}
	if i.has(serverSideEmitAck) {
		info["serverSideEmitTimeout"] = i.options.ServerSideEmitTimeout.Milliseconds()
	}
	i.options.App.Control.Info(info)
	return info
}

func version() string {
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		return build.Main.Version
	}
	return "(devel)"
}

func (i *instance) createNamespace(event *reference.Event) {
	var command struct{ Name *string }
	if err := argument(event, &command); err != nil || command.Name == nil {
		event.Acknowledge(thrown(errors.New("create_namespace needs a name")))
		return
	}
	event.Acknowledge(map[string]any{"name": i.server.Of(*command.Name).Name()})
}

// serverSideEmit sends events one after another, so that those of one observer keep their order, but waits for answers in
// the background.
func (i *instance) serverSideEmit(event *reference.Event) {
	var command struct {
		Namespace string
		Event     *string
		Args      []json.RawMessage
		Ack       bool
	}
	if err := argument(event, &command); err != nil || command.Event == nil {
		event.Acknowledge(thrown(errors.New("server_side_emit needs a namespace, an event and args")))
		return
	}
	ns := i.server.Of(command.Namespace)
	args := make([]any, len(command.Args))
	for n, arg := range command.Args {
		args[n] = arg
	}
	if !command.Ack {
		if err := ns.ServerSideEmit(*command.Event, args...); err != nil {
			event.Acknowledge(thrown(err))
			return
		}
		event.Acknowledge(map[string]any{})
		return
	}
	i.waiting.Go(func() {
		responses, err := ns.ServerSideEmitWithAck(i.stopping, *command.Event, args...)
		if responses == nil && err != nil { // without partial answers, the call itself failed
			event.Acknowledge(thrown(err))
			return
		}
		for n, outcome := range i.options.App.Control.Answer(Outcome{err, responses}) {
			if n > 0 {
				i.records.record("ack_again", map[string]any{"namespace": ns.Name(), "event": *command.Event})
				continue
			}
			var message any
			if outcome.Err != nil {
				message = outcome.Err.Error()
			}
			event.Acknowledge(map[string]any{"error": message, "responses": outcome.Responses})
		}
	})
}

func thrown(err error) map[string]any { return map[string]any{"thrown": err.Error()} }

func argument(event *reference.Event, into any) error {
	if len(event.Args) == 0 {
		return errors.New("no argument")
	}
	return event.Args[0].Decode(into)
}
