package cases

import "embed"

// CaseSources has the Go files of this package, so that a build can say which cases it has.
//
//go:embed *.go
var CaseSources embed.FS
