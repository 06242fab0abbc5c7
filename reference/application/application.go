// Package application is the conformance application, contract version 2, on the reference server: it makes visible
// what happens inside a server, so that a test suite can judge it. Start runs one instance or a cluster of them on
// loopback.
package application

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
)

// Options says what to start. The zero Options are one instance on a free port of 127.0.0.1 with the settings that
// the contract recommends.
type Options struct {
	// Listen is the address of the first instance; "127.0.0.1:0" by default. The others take the ports that follow,
	// or free ones where the port is 0.
	Listen string
	// Instances is their number; 1 by default.
	Instances int
	// Names of the instances, each unique in the cluster; "a", "b" and so on where there are no more.
	Names []string
	// RedisURL is the broker of the cluster, redis://host:port/database. Where it is empty, one instance has an
	// in-memory adapter and several share an embedded broker.
	RedisURL string
	// Sharded joins the instances in the format of the sharded Redis adapter. It needs a RedisURL of Redis 7, as the
	// embedded broker lacks the commands.
	Sharded bool

	PingInterval          time.Duration // 300 ms by default
	PingTimeout           time.Duration // 200 ms by default
	UpgradeTimeout        time.Duration // 10 s by default
	ConnectTimeout        time.Duration // 1 s by default
	ServerSideEmitTimeout time.Duration // 1 s by default
	MaxPayload            int64         // bytes; 1,000,000 by default

	// Contract is the version of the contract; 2 by default. The application of contract 1 declares no feature that
	// contract 2 added, and has them all.
	Contract int
	// Without are features of the contract that the application lacks, as it would where a server's API lacks them.
	Without []string
	// Parsed lets the records have the parameters of a request as query in place of its url.
	Parsed bool

	// Client is the bundle for browsers that is served as socket.io.js beside the Engine.IO path; none where empty.
	Client []byte

	// The decisions of the servers and of the application; the right ones by default.
	Engine engineio.Rules
	Socket reference.Rules
	App    Rules
}

func (o *Options) setDefaults() {
	o.App = o.App.WithDefaults()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Instances == 0 {
		o.Instances = 1
	}
	for _, d := range []struct {
		duration *time.Duration
		value    time.Duration
	}{
		{&o.PingInterval, 300 * time.Millisecond}, {&o.PingTimeout, 200 * time.Millisecond},
		{&o.UpgradeTimeout, 10 * time.Second},
		{&o.ConnectTimeout, time.Second}, {&o.ServerSideEmitTimeout, time.Second},
	} {
		if *d.duration == 0 {
			*d.duration = d.value
		}
	}
	if o.Contract == 0 {
		o.Contract = 2
	}
	if o.MaxPayload == 0 {
		o.MaxPayload = 1_000_000
	}
}

// Cluster is one instance of the application, or several that reach each other through Redis.
type Cluster struct {
	options Options
	broker  *miniredis.Miniredis // nil where there is none of its own

	mu        sync.Mutex
	instances []*instance
	addresses []string
}

// Start starts the instances and returns when all of them listen. ctx bounds the start only.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	options.setDefaults()
	if options.Instances < 0 {
		return nil, fmt.Errorf("%d instances", options.Instances)
	}
	if options.Sharded && options.RedisURL == "" {
		return nil, errors.New("the sharded adapter needs a Redis server")
	}
	c := &Cluster{options: options}
	if options.Instances > 1 && options.RedisURL == "" {
		broker, err := miniredis.Run()
		if err != nil {
			return nil, fmt.Errorf("embedded broker: %w", err)
		}
		c.broker = broker
		c.options.RedisURL = "redis://" + broker.Addr()
	}
	for i := range options.Instances {
		_, err := c.StartInstance()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("instance %s: %w", c.name(i), err), c.Close(context.WithoutCancel(ctx))) // what has started is stopped even so
		}
	}
	return c, nil
}

// URLs gives the URL of each instance in the order of their names, those that are stopped included.
func (c *Cluster) URLs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	urls := make([]string, len(c.addresses))
	for i, address := range c.addresses {
		urls[i] = "http://" + address
	}
	return urls
}

// StartInstance adds an instance and gives its index. It fails where the cluster was begun with one instance and
// without Redis.
func (c *Cluster) StartInstance() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := len(c.instances)
	if i > 0 && c.options.RedisURL == "" {
		return 0, errors.New("the first instance has no broker that another could reach it by")
	}
	address, err := c.address(i)
	if err != nil {
		return 0, err
	}
	started, err := startInstance(c.name(i), address, c.options)
	if err != nil {
		return 0, err
	}
	c.instances = append(c.instances, started)
	c.addresses = append(c.addresses, started.address)
	return i, nil
}

// Stop ends instance i: its sessions with the reason "server shutting down", and its part in the cluster.
func (c *Cluster) Stop(ctx context.Context, i int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i < 0 || i >= len(c.instances) || c.instances[i] == nil {
		return fmt.Errorf("there is no running instance %d", i)
	}
	stopping := c.instances[i]
	c.instances[i] = nil
	return stopping.close(ctx)
}

// Restart starts instance i again, on its port and with its name, after Stop.
func (c *Cluster) Restart(i int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i < 0 || i >= len(c.instances) || c.instances[i] != nil {
		return fmt.Errorf("there is no stopped instance %d", i)
	}
	started, err := startInstance(c.name(i), c.addresses[i], c.options)
	for since := time.Now(); errors.Is(err, syscall.EADDRINUSE) && time.Since(since) < addressLimit; {
		time.Sleep(addressPause)
		started, err = startInstance(c.name(i), c.addresses[i], c.options)
	}
	if err != nil {
		return err
	}
	c.instances[i] = started
	return nil
}

// A connection of another process may have the address of a stopped instance for a while.
const (
	addressLimit = 5 * time.Second
	addressPause = 50 * time.Millisecond
)

// Close stops all instances and the embedded broker.
func (c *Cluster) Close(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for i, running := range c.instances {
		if running != nil {
			errs = append(errs, running.close(ctx))
			c.instances[i] = nil
		}
	}
	if c.broker != nil {
		c.broker.Close()
	}
	return errors.Join(errs...)
}

// address gives what instance i listens on.
func (c *Cluster) address(i int) (string, error) {
	host, port, err := net.SplitHostPort(c.options.Listen)
	if err != nil {
		return "", err
	}
	number, err := net.LookupPort("tcp", port)
	if err != nil {
		return "", err
	}
	if number != 0 {
		number += i
	}
	return net.JoinHostPort(host, strconv.Itoa(number)), nil
}

func (c *Cluster) name(i int) string {
	if i < len(c.options.Names) {
		return c.options.Names[i]
	}
	return instanceName(i)
}

// instanceName gives "a", "b" … "z", "aa", "ab" …
func instanceName(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return instanceName(i/26-1) + string(rune('a'+i%26))
}
