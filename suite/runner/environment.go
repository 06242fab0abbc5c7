package runner

import (
	"context"
	"errors"
	"strings"

	"example.test/conformance/suite"
)

// NewEnvironment finds out what the targets of a configuration offer. The function that it returns closes the connections to
// them. The error says that no Engine.IO server answered.
func NewEnvironment(ctx context.Context, asked Config) (*suite.Environment, func(), error) {
	config := asked.withDefaults()
	if config.Edition == "" {
		config.Edition = suite.Latest
	}
	observers := suite.NewControls(config.Targets, config.Auth)
	c := config.Known
	if c == nil {
		c = discover(ctx, config, observers)
	}
	env := config.environment(c, observers)
	stop := func() { suite.CloseControls(observers) }
	if !c.Reachable() {
		stop()
		var why []string
		for _, t := range c.Targets {
			why = append(why, t.Error)
		}
		return nil, nil, errors.New(strings.Join(why, "; "))
	}
	config.expect(c.Timings.MaxPayload)
	env.Tolerance = patient(env.Tolerance, c.Targets)
	return env, stop, nil
}

// environment returns the environment of a run.
func (c settings) environment(capabilities *suite.Capabilities, observers []*suite.Control) *suite.Environment {
	return &suite.Environment{
		Targets: c.Targets, Capabilities: capabilities, Tolerance: c.Tolerance, Edition: c.Edition, Auth: c.Auth, Without: c.Without, Seed: c.Seed,
		Lifecycle: c.Lifecycle, Browser: c.Browser, Client: c.Client, Served: c.served,
		MaxSessions: c.MaxSessions, Controls: observers, Broker: c.Broker, Stalls: &suite.Stalls{},
	}
}
