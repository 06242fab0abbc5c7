package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// Capabilities is what the targets can show, as found out before the cases run.
type Capabilities struct {
	Profile Profile // the largest that all targets support
	Echo    bool    // the echo application answers
	Info    []*Info // of each target; nil where it has no conformance application
	Timings Timings
	Targets []TargetResult
	// Problems keep targets from being tested together.
	Problems []string
}

// Reachable reports whether an Engine.IO server answered at every target.
func (c *Capabilities) Reachable() bool {
	return !slices.ContainsFunc(c.Targets, func(t TargetResult) bool { return t.Error != "" })
}

// Declares reports whether every target's application declares a feature.
func (c *Capabilities) Declares(feature string) bool {
	for _, info := range c.Info {
		if info == nil || !slices.Contains(info.Features, feature) {
			return false
		}
	}
	return len(c.Info) > 0
}

// found is what was found out about one target.
type found struct {
	result TargetResult
	open   *OpenPacket
	info   *Info
	echo   bool
}

// Discover finds out what the targets can show.
func Discover(ctx context.Context, config Config) *Capabilities {
	observers := newObservers(config.Targets)
	defer closeObservers(observers)
	return discover(ctx, config.withDefaults(), observers)
}

func newObservers(targets []*wire.Target) (all []*observer) {
	for i, target := range targets {
		target.Index = i
		all = append(all, &observer{target: target})
	}
	return all
}

func closeObservers(all []*observer) {
	for _, o := range all {
		o.close()
	}
}

func discover(ctx context.Context, config Config, observers []*observer) *Capabilities {
	all := make([]found, len(config.Targets))
	var group sync.WaitGroup
	for i, target := range config.Targets {
		group.Go(func() { all[i] = explore(ctx, config, target, observers[i]) })
	}
	group.Wait()

	c := &Capabilities{Profile: ProfileWire, Timings: DefaultTimings, Echo: true}
	applications := 0
	instances := map[string]int{}
	for i, f := range all {
		f.result.Embedded = config.Embedded
		c.Targets = append(c.Targets, f.result)
		c.Info = append(c.Info, f.info)
		c.Echo = c.Echo && f.echo
		if f.open != nil && i == 0 {
			c.Timings.PingInterval, c.Timings.PingTimeout = f.open.PingInterval, f.open.PingTimeout
			c.Timings.MaxPayload = f.open.MaxPayload
		}
		if f.info == nil {
			continue
		}
		applications++
		if other, taken := instances[f.info.Instance]; taken {
			c.Problems = append(c.Problems, fmt.Sprintf("targets %d and %d both call themselves instance %q: they are one server, or misnamed", other+1, i+1, f.info.Instance))
		}
		instances[f.info.Instance] = i
		if ms := f.info.ConnectTimeout; ms > 0 && i == 0 {
			c.Timings.ConnectTimeout = time.Duration(ms * float64(time.Millisecond))
		}
	}
	c.Timings.EmitTimeout = c.emitTimeout(0)
	for i := range all {
		c.Timings.EmitTimeout = max(c.Timings.EmitTimeout, c.emitTimeout(i))
	}
	switch {
	case applications == len(all) && len(all) > 1 && len(c.Problems) == 0:
		c.Profile, c.Echo = ProfileCluster, true
	case applications == len(all):
		c.Profile, c.Echo = Profile410, true
	case c.Echo:
		c.Profile = ProfileProtocol
	}
	return c
}

// emitTimeout is how long one target waits for acknowledgements of a server-side emit.
func (c *Capabilities) emitTimeout(target int) time.Duration {
	if info := c.Info[target]; info != nil && info.ServerSideEmitTimeout > 0 {
		return time.Duration(info.ServerSideEmitTimeout * float64(time.Millisecond))
	}
	return DefaultTimings.EmitTimeout
}

// explore finds out about one target.
func explore(ctx context.Context, config Config, target *wire.Target, o *observer) found {
	recorder := wire.NewRecorder()
	f := found{result: TargetResult{URL: target.URL()}}
	ctx, cancel := context.WithTimeoutCause(ctx, config.Tolerance.Patience,
		fmt.Errorf("nothing came within %d ms", config.Tolerance.Patience.Milliseconds()))
	defer cancel()
	defer func() { f.result.Trace = recorder.Trace() }()

	var tried []string
	reached := false
	response, err := target.Do(ctx, recorder, wire.Request{Method: "GET", Path: "?EIO=4&transport=polling"})
	switch {
	case err != nil:
		tried = append(tried, fmt.Sprintf("GET %s?EIO=4&transport=polling: %v", target.Path, err))
	default:
		if open, err := ParseOpen(ParsePayload(response.Body)[0]); err == nil {
			f.open, reached = open, true
			f.result.Found = append(f.result.Found, "polling")
		} else if looksLikeEngine(response.Body) {
			reached = true
		}
		tried = append(tried, fmt.Sprintf("GET %s?EIO=4&transport=polling was answered with %d %s", target.Path, response.Status, clip(response.Body, 200)))
	}
	if err == nil { // where not even TCP answers, a WebSocket will not either
		socket, response, err := target.Upgrade(ctx, recorder, "?EIO=4&transport=websocket", nil)
		switch {
		case socket != nil:
			open, problem := firstPacket(ctx, socket)
			socket.Close()
			if open != nil {
				f.result.Found = append(f.result.Found, "WebSocket")
				reached = true
				if f.open == nil {
					f.open = open
				}
			} else {
				tried = append(tried, "a WebSocket to it was opened, but "+problem)
			}
		case response != nil:
			reached = reached || looksLikeEngine(response.Body)
			tried = append(tried, fmt.Sprintf("a WebSocket to it was answered with %d %s", response.Status, clip(response.Body, 200)))
		default:
			tried = append(tried, fmt.Sprintf("a WebSocket to it: %v", err))
		}
	}
	if !reached {
		f.result.Error = strings.Join(tried, "; ")
		return f
	}
	f.info, err = askInfo(ctx, o)
	if f.info != nil {
		f.result.Info = f.info
		f.result.Found = append(f.result.Found, "conformance application")
	} else {
		recorder.Note("step", "%v", err)
	}
	if f.echo = f.info != nil || echoes(ctx, target, recorder); f.echo && f.info == nil {
		f.result.Found = append(f.result.Found, "echo application")
	}
	return f
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

func firstPacket(ctx context.Context, socket *wire.WebSocket) (*OpenPacket, string) {
	stop := context.AfterFunc(ctx, socket.Break)
	defer stop()
	m, end := socket.Receive()
	if end != nil {
		return nil, "no packet came: " + end.String()
	}
	open, err := ParseOpen(m.Data)
	if err != nil {
		return nil, err.Error()
	}
	return open, ""
}

func askInfo(ctx context.Context, o *observer) (*Info, error) {
	answer, err := o.command(ctx, "info", nil)
	if err != nil {
		return nil, err
	}
	var info Info
	if err := json.Unmarshal(answer, &info); err != nil || info.Contract == 0 {
		return nil, fmt.Errorf("info answered %s, which is not of the contract's form", clip(string(answer), 200))
	}
	return &info, nil
}

// echoes reports whether the echo application of the official test suites answers in the main namespace.
func echoes(ctx context.Context, target *wire.Target, recorder *wire.Recorder) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	socket, _, _ := target.Upgrade(ctx, recorder, "?EIO=4&transport=websocket", nil)
	if socket == nil {
		return false
	}
	stop := context.AfterFunc(ctx, socket.Break)
	defer stop()
	defer socket.Close()
	text := word()
	for {
		m, end := socket.Receive()
		switch {
		case end != nil:
			return false
		case strings.HasPrefix(m.Data, "0"):
			_ = socket.Send(wire.Message{Data: "40"})
		case strings.HasPrefix(m.Data, "40"):
			_ = socket.Send(wire.Message{Data: fmt.Sprintf(`42["message",%q]`, text)})
		case m.Data == "2":
			_ = socket.Send(wire.Message{Data: "3"})
		case strings.HasPrefix(m.Data, "42"):
			if p, err := ParsePacket(m.Data); err == nil && SameJSON(p.Data, fmt.Sprintf(`["message-back",%q]`, text)) {
				return true
			}
		}
	}
}
