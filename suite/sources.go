package suite

import "embed"

// Sources are the Go files of this package and of those below it, so that a build can say which sources it was made from.
//
//go:embed *.go */*.go */*/*.go
var Sources embed.FS
