package suite

// Profile is what a run covers. Each holds the one before it.
type Profile string

const (
	ProfileWire     Profile = "wire"     // any Socket.IO server
	ProfileProtocol Profile = "protocol" // with the echo application of the official test suites
	Profile410      Profile = "4.1.0"    // with the conformance application
	ProfileCluster  Profile = "cluster"  // with two or more instances
)

// Profiles from the smallest to the largest.
var Profiles = []Profile{ProfileWire, ProfileProtocol, Profile410, ProfileCluster}
