package runner

import (
	"context"
	"fmt"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// clientPatience is how long the request for the client bundle may take.
const clientPatience = 15 * time.Second

// servedClient asks the first target for its client bundle. The error says why there is none.
func servedClient(ctx context.Context, config Config) (*suite.ClientBundle, error) {
	target := config.Targets[0]
	ctx, cancel := context.WithTimeoutCause(ctx, clientPatience, fmt.Errorf("nothing came within %d s", int(clientPatience.Seconds())))
	defer cancel()
	path := target.Path + suite.BundleName
	response, err := target.Do(ctx, wire.NewRecorder(), wire.Request{Method: "GET", Path: path})
	switch {
	case err != nil:
		return nil, fmt.Errorf("GET %s: %w", path, err)
	case response.Status != 200:
		return nil, fmt.Errorf("GET %s was answered with %d", path, response.Status)
	}
	return &suite.ClientBundle{Source: path, Script: []byte(response.Body)}, nil
}

// browsing finds out what the browser's cases need. If something is missing, it says why they cannot run.
func (c *settings) browsing(ctx context.Context) (missing string) {
	if c.Browser == nil {
		return "no Chromium was found on this machine: install it, or name it with --chromium"
	}
	if c.Client == nil {
		served, err := servedClient(ctx, c.Config)
		if err != nil {
			return fmt.Sprintf("the target serves no client bundle (%v), and none was given with --client", err)
		}
		c.served, c.Client = true, served
	}
	if v, ok := c.Client.Version(); ok && (v[0] < 4 || v[0] == 4 && v[1] < 1) {
		return fmt.Sprintf("the client %s has version %d.%d.%d, but closeOnBeforeunload came with 4.1.0", c.Client.Source, v[0], v[1], v[2])
	}
	return ""
}
