package main

import (
	"fmt"
	"os"
	"strings"
)

// proxyVariables name the proxy that other clients would use.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}

// unusedProxy says which variables of the environment name a proxy: none is used, since a proxy would be judged together
// with the server behind it. It is empty where none is set. Their values may hold passwords and are not shown.
func unusedProxy() string {
	var set []string
	for _, name := range proxyVariables {
		for _, spelt := range []string{name, strings.ToLower(name)} {
			if os.Getenv(spelt) != "" {
				set = append(set, spelt)
			}
		}
	}
	switch len(set) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s is set, and not used: every request goes to the target itself.", set[0])
	}
	return fmt.Sprintf("%s and %s are set, and not used: every request goes to the target itself.",
		strings.Join(set[:len(set)-1], ", "), set[len(set)-1])
}
