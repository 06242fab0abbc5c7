package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
)

// found is what discovery found about one target.
type found struct {
	result suite.TargetResult
	open   *protocol.OpenPacket
	info   *suite.Info
	echo   bool

	engine             bool     // an answer has the form of an Engine.IO server's
	upgrades           []string // of the open packet over polling
	polling, webSocket time.Duration
}

// Discover finds out what the targets offer.
func Discover(ctx context.Context, config Config) *suite.Capabilities {
	observers := suite.NewControls(config.Targets, config.Auth)
	defer suite.CloseControls(observers)
	return discover(ctx, config.withDefaults(), observers)
}

func discover(ctx context.Context, config settings, observers []*suite.Control) *suite.Capabilities {
	all := make([]found, len(config.Targets))
	var group sync.WaitGroup
	for i, target := range config.Targets {
		group.Go(func() { all[i] = explore(ctx, config.Config, target, observers[i]) })
	}
	group.Wait()

	c := &suite.Capabilities{Profile: suite.ProfileWire, Timings: suite.DefaultTimings, Echo: true}
	applications := 0 // present, or not known to be absent
	instances := map[string]int{}
	for i, f := range all {
		f.result.Embedded = config.Embedded
		f.result.RoundTrip, f.result.TooFar = roundTrip(f), tooFar(f)
		c.Targets = append(c.Targets, f.result)
		c.Info = append(c.Info, f.info)
		c.Echo = c.Echo && f.echo
		if f.open != nil && i == 0 {
			c.Timings.PingInterval, c.Timings.PingTimeout = f.open.PingInterval, f.open.PingTimeout
			c.Timings.MaxPayload = f.open.MaxPayload
		}
		if f.info != nil || f.result.Unclear[application] != "" {
			applications++
		}
		if f.info == nil {
			continue
		}
		if other, taken := instances[f.info.Instance]; taken {
			c.Problems = append(c.Problems, fmt.Sprintf("targets %d and %d both call themselves instance %q: either they are one server, or one is misnamed", other+1, i+1, f.info.Instance))
		}
		instances[f.info.Instance] = i
		if ms := f.info.ConnectTimeout; ms > 0 && ms <= math.MaxInt32 && i == 0 {
			c.Timings.ConnectTimeout = time.Duration(ms * float64(time.Millisecond))
		}
	}
	c.Timings.EmitTimeout = c.EmitTimeout(0)
	for i := range all {
		c.Timings.EmitTimeout = max(c.Timings.EmitTimeout, c.EmitTimeout(i))
	}
	switch {
	case len(all) > 1: // several targets mean a cluster, whatever they offer
		c.Profile = suite.ProfileCluster
		if applications < len(all) {
			c.Problems = append(c.Problems, differing(c.Info))
		}
	case applications == len(all):
		c.Profile = suite.Profile410
	case c.Echo || c.Unclear(echoApplication) != "":
		c.Profile = suite.ProfileProtocol
	}
	c.Unnamed = &suite.Unnamed{}
	if len(all) > 1 {
		c.Unnamed.Ask(ctx, c, observers, config.Tolerance.Patience, time.Now())
	}
	return c
}

// differing says which targets run no conformance application, although a cluster needs one on each.
func differing(infos []*suite.Info) string {
	var without []string
	for i, info := range infos {
		if info == nil {
			without = append(without, fmt.Sprint(i+1))
		}
	}
	if len(without) == len(infos) {
		return "no target runs the conformance application, which the profile cluster needs: --profile protocol or wire needs less"
	}
	return fmt.Sprintf("the targets differ: of %d, target %s runs no conformance application", len(infos), strings.Join(without, ", "))
}

// looksLikeEngine reports whether a body has the form of an open packet or of Engine.IO's error answers.
func looksLikeEngine(body string) bool {
	var refusal struct {
		Code    *float64
		Message *string
	}
	return strings.HasPrefix(body, "0{") ||
		json.Unmarshal([]byte(body), &refusal) == nil && refusal.Code != nil && refusal.Message != nil
}
