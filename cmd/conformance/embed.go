package main

import (
	"context"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// embed starts two reference clusters in this process: the targets of a run, and one beside it whose
// instances may be stopped. Options are asked for once for each, since a fault keeps a memory.
func embed(ctx context.Context, options func() application.Options) (suite.Config, func(), error) {
	config := suite.Config{Embedded: true, Beside: &suite.Config{}}
	var clusters []*application.Cluster
	stop := func() {
		for _, c := range clusters {
			_ = closeCluster(c)
		}
	}
	for _, to := range []*suite.Config{&config, config.Beside} {
		c, err := application.Start(ctx, options())
		if err != nil {
			stop()
			return config, nil, err
		}
		clusters = append(clusters, c)
		to.Lifecycle = embedded{c}
		for _, url := range c.URLs() {
			target, err := wire.ParseTarget(url)
			if err != nil {
				stop()
				return config, nil, err
			}
			to.Targets = append(to.Targets, target)
		}
	}
	return config, stop, nil
}

// embedded stops and starts the instances of a reference cluster in this process.
type embedded struct{ cluster *application.Cluster }

func (e embedded) Stop(ctx context.Context, instance int) error { return e.cluster.Stop(ctx, instance) }

func (e embedded) Start(_ context.Context, instance int) error { return e.cluster.Restart(instance) }
