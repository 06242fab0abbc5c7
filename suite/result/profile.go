package result

import "slices"

// Profile is what a run covers. Each profile includes the one before it.
type Profile string

const (
	ProfileWire     Profile = "wire"     // any Socket.IO server
	ProfileProtocol Profile = "protocol" // with the echo application of the official test suites
	Profile410      Profile = "4.1.0"    // with the conformance application
	ProfileCluster  Profile = "cluster"  // with two or more instances

	// ProfileBrowser is the client's part, in a browser. It is separate from the others: it includes none of them, none
	// includes it, and it runs only on request.
	ProfileBrowser Profile = "browser"
)

// Profiles lists the profiles from the smallest to the largest. [ProfileBrowser] is separate.
var Profiles = []Profile{ProfileWire, ProfileProtocol, Profile410, ProfileCluster}

// Covers reports whether a run of the profile covers the cases of another.
func (p Profile) Covers(other Profile) bool {
	if p == ProfileBrowser || other == ProfileBrowser {
		return p == other
	}
	return slices.Index(Profiles, other) <= slices.Index(Profiles, p)
}
