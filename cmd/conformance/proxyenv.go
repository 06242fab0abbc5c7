package main

import (
	"fmt"
	"os"
	"strings"
)

// proxyVariables name the proxy that other clients would use.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}

// unusedProxy says which environment variables name a proxy. None is used, because a proxy would be judged together with the
// server behind it. It is empty if none is set. Their values may hold passwords and are not shown.
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
		return fmt.Sprintf("%s is set but not used: every request goes to the target itself.", set[0])
	}
	return fmt.Sprintf("%s and %s are set but not used: every request goes to the target itself.",
		strings.Join(set[:len(set)-1], ", "), set[len(set)-1])
}
