package variant

import "example.test/conformance/reference/application"

func init() {
	register(
		Variant{
			Name: "cluster/unnamed-instance", Summary: "is one of three instances, two of which are named", Unnamed: 1,
			Permitted: "The announcement does not limit the number of servers in a cluster, and a run knows only the ones that its user names.",
			Apply:     func(*application.Options) {},
		},
		Variant{
			Name: "cluster/two-unnamed-instances", Summary: "is one of four instances, two of which are named", Unnamed: 2,
			Permitted: "The announcement does not limit the number of servers in a cluster, and a run knows only the ones that its user names.",
			Apply:     func(*application.Options) {},
		},
	)
}
