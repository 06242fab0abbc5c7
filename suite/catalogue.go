package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// CatalogueDigest is the SHA-256, in hexadecimal, of what the cases ask of a target: a line of JSON for each case in the
// order of [Cases], with its ID, level, edition and needs. The wording of titles and sources does not count, nor do the
// faults that prove a case.
func CatalogueDigest() string {
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	for _, c := range Cases() {
		_ = encoder.Encode(struct { // to a hash, of plain values: nothing can fail
			ID      string
			Level   Level
			Since   Edition
			Profile Profile
			Needs   Needs
		}{c.ID, c.Level, c.Since, c.Profile(), c.Needs})
	}
	return hex.EncodeToString(sum.Sum(nil))
}
