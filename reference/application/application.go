// Package application is the conformance application, contract version 2, on the reference server. It shows what happens
// inside a server, so that a test suite can check it. Start runs one instance or a cluster on loopback.
package application

import (
	"cmp"
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

// Options says what to start. The zero value starts one instance on a free port of 127.0.0.1 with the settings that the
// contract recommends.
type Options struct {
	// Listen is the address of the first instance; "127.0.0.1:0" by default. The others take the ports that follow, or free
	// ones if the port is 0.
	Listen string
	// Instances is the number of instances; 1 by default.
	Instances int
	// Names are the names of the instances, each unique in the cluster. Further instances are called "a", "b" and so on, by
	// index.
	Names []string
	// RedisURL is the broker of the cluster, redis://host:port/database. If it is empty, a single instance has an in-memory
	// adapter, and several share an embedded broker.
	RedisURL string
	// Sharded connects the instances in the format of the sharded Redis adapter. It needs the RedisURL of a Redis 7 server,
	// since the embedded broker lacks the commands.
	Sharded bool

	PingInterval          time.Duration // 300 ms by default
	PingTimeout           time.Duration // 200 ms by default
	UpgradeTimeout        time.Duration // 10 s by default
	ConnectTimeout        time.Duration // 1 s by default
	ServerSideEmitTimeout time.Duration // 1 s by default
	MaxPayload            int64         // bytes; 1,000,000 by default
	Compression           bool          // whether to compress messages over WebSocket for clients that offer it

	// Contract is the version of the contract; 2 by default. With contract 1, the application does not declare the features
	// that contract 2 added, but it has them all.
	Contract int
	// Without lists features of the contract that the application lacks, as if the server's API lacked them.
	Without []string
	// Parsed makes records contain the parameters of a request, as query, instead of its url.
	Parsed bool

	// Client is the client bundle for browsers, served as socket.io.js under the Engine.IO path. If it is empty, there is
	// none.
	Client []byte

	// The decisions of the servers and of the application; by default those of the protocol and the contract.
	Engine engineio.Rules
	Socket reference.Rules
	App    Rules
}

func (o *Options) setDefaults() {
	o.App = o.App.WithDefaults()
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	o.Instances = cmp.Or(o.Instances, 1)
	o.PingInterval = cmp.Or(o.PingInterval, 300*time.Millisecond)
	o.PingTimeout = cmp.Or(o.PingTimeout, 200*time.Millisecond)
	o.UpgradeTimeout = cmp.Or(o.UpgradeTimeout, 10*time.Second)
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, time.Second)
	o.ServerSideEmitTimeout = cmp.Or(o.ServerSideEmitTimeout, time.Second)
	o.Contract = cmp.Or(o.Contract, 2)
	o.MaxPayload = cmp.Or(o.MaxPayload, 1_000_000)
}

// Cluster is one instance of the application, or several that reach each other through Redis.
type Cluster struct {
	options Options
	broker  *miniredis.Miniredis // nil if there is no embedded broker

	mu        sync.Mutex
	instances []*instance
	addresses []string
}

// Start starts the instances and returns when all of them listen. ctx limits only the start.
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
			return nil, errors.Join(fmt.Errorf("instance %s: %w", c.name(i), err), c.Close(context.WithoutCancel(ctx))) // stop what has started even if ctx is done
		}
	}
	return c, nil
}

// URLs returns the URL of each instance in the order of their names, including stopped ones.
func (c *Cluster) URLs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	urls := make([]string, len(c.addresses))
	for i, address := range c.addresses {
		urls[i] = "http://" + address
	}
	return urls
}

// StartInstance adds an instance and returns its index. It fails if the cluster was started with one instance and without
// Redis.
func (c *Cluster) StartInstance() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := len(c.instances)
	if i > 0 && c.options.RedisURL == "" {
		return 0, errors.New("the first instance has no broker through which another could reach it")
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

// Stop stops instance i: it ends its sessions with the reason "server shutting down" and leaves the cluster.
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

// Another process may use the address of a stopped instance for a connection for a while.
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

// address returns the address on which instance i listens.
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

// instanceName returns "a", "b" … "z", "aa", "ab" …
func instanceName(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return instanceName(i/26-1) + string(rune('a'+i%26))
}
