package variant

import (
	"errors"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

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
		Variant{
			Name: "cluster/errors-without-text", Summary: "fails with errors that have an empty message when other servers do not answer",
			Permitted: "The announcement shows that the callback gets an error, and not its text.",
			Apply: override.Application(func(rules *application.Rules) {
				rules.Control = override.Outcomes(rules.Control, func(out application.Outcome) []application.Outcome {
					if out.Err != nil {
						out.Err = errors.New("")
					}
					return []application.Outcome{out}
				})
			}),
		},
	)
}
