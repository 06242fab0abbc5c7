package variant

import "example.test/conformance/reference/application"

func init() {
	register(
		Variant{
			Name: "cluster/unnamed-instance", Summary: "is one of three instances of which two are named", Unnamed: 1,
			Permitted: "The announcement has no bound for the servers of a cluster, and a run is told of as many as its user names.",
			Apply:     func(*application.Options) {},
		},
		Variant{
			Name: "cluster/two-unnamed-instances", Summary: "is one of four instances of which two are named", Unnamed: 2,
			Permitted: "The announcement has no bound for the servers of a cluster, and a run is told of as many as its user names.",
			Apply:     func(*application.Options) {},
		},
	)
}
