package cases

import (
	"embed"
	"io/fs"

	"example.test/conformance/suite"
)

// frozen has the requirement sets of the releases, which .ci/freeze writes.
//
//go:embed requirements
var frozen embed.FS

// renamed maps the IDs that cases had in a requirement set to the ones that they have today.
var renamed = map[string]string{}

var _ = suite.AddRequirements(sets(), renamed)

func sets() fs.FS {
	folder, err := fs.Sub(frozen, "requirements")
	if err != nil {
		panic(err) // the name is valid
	}
	return folder
}
