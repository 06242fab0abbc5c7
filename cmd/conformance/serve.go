package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite/runner"
)

func serveCommand(ctx context.Context, args []string, out, _ io.Writer) (int, error) {
	var options application.Options
	f := newFlags("serve", "serve [flags]")
	g := f.group("Where it listens")
	g.StringVar(&options.Listen, "listen", "127.0.0.1:0", "`HOST:PORT` of the first instance; the others take the ports that follow, or free ones if the port is 0")
	g.IntVar(&options.Instances, "instances", 1, "`N` instances of one cluster")
	g.StringVar(&options.RedisURL, "redis", "", "`URL` of the Redis server that joins the cluster, so that other servers can join it, too (default: an embedded one if there are several instances)")
	adapter := g.String("adapter", "redis", "`NAME` of the adapter that joins the cluster: redis, or sharded for the format of the sharded Redis adapter, which needs --redis and Redis 7")
	g = f.group("What it does")
	name := g.String("fault", "", "serve with the fault of that `NAME`: one rule is broken on purpose; 'list' lists them")
	client := g.String("client", "", "`FILE` of a client bundle to serve to browsers as /socket.io/socket.io.js")
	g = f.group("Its timers, by default as the contract recommends")
	for _, d := range []struct {
		to          *time.Duration
		name, usage string
		value       time.Duration
	}{
		{&options.PingInterval, "ping-interval", "between a pong and the next ping", 300 * time.Millisecond},
		{&options.PingTimeout, "ping-timeout", "that a client has for a pong", 200 * time.Millisecond},
		{&options.ConnectTimeout, "connect-timeout", "that a client has for joining a namespace", time.Second},
		{&options.ServerSideEmitTimeout, "emit-timeout", "that other instances have for an acknowledgement", time.Second},
	} {
		g.DurationVar(d.to, d.name, d.value, "`DURATION` "+d.usage)
	}
	g.Int64Var(&options.MaxPayload, "max-payload", 1_000_000, "`BYTES` of a payload or a WebSocket message")
	f.after = `Serves until it is interrupted. For each instance it prints "ready", its name
and its URL.

Examples:
  conformance serve --listen 127.0.0.1:3000
  conformance serve --instances 3 --fault cluster/delivered-twice
  conformance serve --redis redis://localhost:6379 --listen 127.0.0.1:4000`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if *name == "list" {
		for _, one := range fault.All() {
			fmt.Fprintf(out, "%-50s %s\n", one.Name, one.Sentence)
		}
		return 0, nil
	}
	if options.Instances < 1 {
		return 0, usage("--instances must be at least 1, not %d", options.Instances)
	}
	if _, port, err := net.SplitHostPort(options.Listen); err != nil || !isPort(port) {
		return 0, usage("--listen: %q is not of the form HOST:PORT, with a port up to 65535", options.Listen)
	}
	switch *adapter {
	case "redis":
	case "sharded":
		if options.Sharded = true; options.RedisURL == "" {
			return 0, usage("--adapter sharded needs a Redis server: name it with --redis")
		}
	default:
		return 0, usage("--adapter must be redis or sharded, not %q", *adapter)
	}
	if *name != "" {
		one, found := fault.Find(*name)
		if !found {
			return 0, usage("there is no fault %q%s: `conformance serve --fault list` lists them", *name, runner.Meant(*name, faultNames()))
		}
		one.Apply(&options)
	}
	if *client != "" {
		script, err := os.ReadFile(*client)
		if err != nil {
			return 0, usage("--client: %v", err)
		}
		options.Client = script
	}
	cluster, err := application.Start(ctx, options)
	if at, ok := errors.AsType[*net.OpError](err); ok && at.Op == "listen" {
		return 0, usage("%v: name another address with --listen", at)
	}
	if err != nil {
		return 0, err
	}
	for i, url := range cluster.URLs() {
		fmt.Fprintf(out, "ready %c %s\n", 'a'+i, url)
	}
	<-ctx.Done()
	return 0, embedded.Close(cluster)
}

func faultNames() []string { return namesOf(fault.All()) }

func namesOf(faults []fault.Fault) []string {
	names := []string{}
	for _, one := range faults {
		names = append(names, one.Name)
	}
	return names
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}
