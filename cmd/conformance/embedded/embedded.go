// Package embedded runs reference clusters in this process, as the targets of a run.
package embedded

import (
	"context"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// closeTimeout is how long a cluster may take to stop.
const closeTimeout = 5 * time.Second

// Start starts two reference clusters: the targets of a run, and a second one whose instances may be stopped. It calls
// options once for each, because a fault keeps state. The function that it returns ends both.
func Start(ctx context.Context, options func() application.Options) (runner.Config, func(), error) {
	config := runner.Config{Embedded: true, Second: &runner.Config{}}
	var clusters []*application.Cluster
	stop := func() {
		for _, c := range clusters {
			_ = Close(c)
		}
	}
	for _, to := range []*runner.Config{&config, config.Second} {
		c, err := application.Start(ctx, options())
		if err != nil {
			stop()
			return config, nil, err
		}
		clusters = append(clusters, c)
		to.Lifecycle = Lifecycle{c}
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

// Close ends a cluster, within five seconds.
func Close(cluster *application.Cluster) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout) // the run's own context may have ended
	defer cancel()
	return cluster.Close(ctx)
}

// Lifecycle stops and starts the instances of a reference cluster in this process.
type Lifecycle struct{ Cluster *application.Cluster }

// Stop stops an instance.
func (l Lifecycle) Stop(ctx context.Context, instance int) error {
	return l.Cluster.Stop(ctx, instance)
}

// Start restarts an instance.
func (l Lifecycle) Start(_ context.Context, instance int) error { return l.Cluster.Restart(instance) }
