package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"example.test/conformance/cases"
	"example.test/conformance/suite"
)

// sourcesDigest returns the SHA-256, in hexadecimal, of the sources that say what is asked of a target and how it is judged,
// whatever the version or commit is called. In a clone or an archive it is what this prints:
//
//	find cases suite -name '*.go' | LC_ALL=C sort | xargs sha256sum | sha256sum
func sourcesDigest() string {
	return digest(map[string]fs.FS{"cases": cases.CaseSources, "suite": suite.Sources})
}

// digest returns the digest of the files of folders, by the folders' names.
func digest(folders map[string]fs.FS) string {
	sums := map[string][sha256.Size]byte{}
	for folder, files := range folders {
		err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(files, name)
			sums[folder+"/"+name] = sha256.Sum256(content)
			return err
		})
		if err != nil {
			panic(err) // embedded files can be read
		}
	}
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(all, "%x  %s\n", sums[name], name)
	}
	return hex.EncodeToString(all.Sum(nil))
}
