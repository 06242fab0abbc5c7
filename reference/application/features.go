package application

import (
	"slices"
	"time"

	"example.test/conformance/reference"
)

// Features of the contract.
const (
	connectionError     = "connection_error"
	initialHeaders      = "initial_headers"
	eachHeaders         = "headers"
	newNamespace        = "new_namespace"
	dynamicNamespaces   = "dynamic_namespaces"
	serverSideEmit      = "server_side_emit"
	serverSideEmitAck   = "server_side_emit_ack"
	allowRequestHook    = "allow_request"
	allowRequestDefault = "allow_request_default_message"
	connectTimeout      = "connect_timeout"
	disconnectReasons   = "disconnect_reasons"
	ask                 = "ask"
	variadic            = "variadic"
)

// features lists the features of each version of the contract.
var features = map[int][]string{
	1: {
		connectionError, initialHeaders, eachHeaders, newNamespace, dynamicNamespaces, serverSideEmit, serverSideEmitAck,
	},
	2: {
		connectionError, initialHeaders, eachHeaders, newNamespace, dynamicNamespaces, serverSideEmit, serverSideEmitAck,
		allowRequestHook, allowRequestDefault, connectTimeout, disconnectReasons, ask, variadic,
	},
}

// has reports whether the application has a feature.
func (i *instance) has(feature string) bool { return !slices.Contains(i.options.Without, feature) }

// features returns the features that the application declares.
func (i *instance) features() []string {
	declared := []string{}
	for _, feature := range features[i.options.Contract] {
		if i.has(feature) {
			declared = append(declared, feature)
		}
	}
	return declared
}

// noTimeout is longer than any test: a server without connect_timeout never closes a connection for joining no namespace.
const noTimeout = 24 * time.Hour

func (i *instance) connectTimeout() time.Duration {
	if !i.has(connectTimeout) {
		return noTimeout
	}
	return i.options.ConnectTimeout
}

// withArity limits a handler to one argument if the application is not variadic: an API whose handlers have a fixed number
// of arguments does not call them with any other number.
func (i *instance) withArity(handle reference.Handler) reference.Handler {
	if i.has(variadic) {
		return handle
	}
	return func(event *reference.Event) {
		if len(event.Args) == 1 {
			handle(event)
		}
	}
}
