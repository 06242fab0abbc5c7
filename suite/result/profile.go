package result

import "slices"

// Profile is what a run covers. Each holds the one before it.
type Profile string

const (
	ProfileWire     Profile = "wire"     // any Socket.IO server
	ProfileProtocol Profile = "protocol" // with the echo application of the official test suites
	Profile410      Profile = "4.1.0"    // with the conformance application
	ProfileCluster  Profile = "cluster"  // with two or more instances

	// ProfileBrowser is the client's part, in a browser. It stands beside the others: it holds none
	// of them, none holds it, and it is run only where it is asked for.
	ProfileBrowser Profile = "browser"
)

// Profiles from the smallest to the largest. [ProfileBrowser] stands beside them.
var Profiles = []Profile{ProfileWire, ProfileProtocol, Profile410, ProfileCluster}

// Covers reports whether a run of the profile covers the cases of another.
func (p Profile) Covers(other Profile) bool {
	if p == ProfileBrowser || other == ProfileBrowser {
		return p == other
	}
	return slices.Index(Profiles, other) <= slices.Index(Profiles, p)
}
