package result

import "slices"

// Contract is the version of the contract that fixtures/CONTRACT.md describes. Applications of version 1 still work.
const Contract = 2

// Variadic is the feature of an application whose handlers take any number of arguments.
const Variadic = "variadic"

// Implied are the features that contract 2 names and contract 1 takes for granted.
var Implied = []string{
	"allow_request", "allow_request_default_message", "connect_timeout", "disconnect_reasons", "ask", Variadic,
}

// Features lists the features that the contract knows.
var Features = append([]string{
	"connection_error", "initial_headers", "headers", "new_namespace", "dynamic_namespaces", "server_side_emit", "server_side_emit_ack",
}, Implied...)

// Declares reports whether the application has a feature: either it declares the feature, or its contract takes it for
// granted. The echo application of the official test suites, which has no Info, takes any number of arguments.
func (i *Info) Declares(feature string) bool {
	if i == nil {
		return feature == Variadic
	}
	return slices.Contains(i.Features, feature) || i.Contract == 1 && slices.Contains(Implied, feature)
}
