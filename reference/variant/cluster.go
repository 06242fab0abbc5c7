package variant

import "example.test/conformance/reference/application"

func init() {
	register(
		Variant{
			Name: "cluster/unnamed-instance", Summary: "runs three instances, of which the suite is given two", Unnamed: 1,
			Permitted: "The announcement does not limit the number of servers in a cluster, and a run knows only the ones that its user names.",
			Apply:     func(*application.Options) {},
		},
		Variant{
			Name: "cluster/two-unnamed-instances", Summary: "runs four instances, of which the suite is given two", Unnamed: 2,
			Permitted: "The announcement does not limit the number of servers in a cluster, and a run knows only the ones that its user names.",
			Apply:     func(*application.Options) {},
		},
	)
}
