package application

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/redisadapter"
)

// What goes wrong with Redis is told by the errors of its commands.
func init() { redis.SetLogger(silence{}) }

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

var dynamic = regexp.MustCompile(`^/dynamic-\w+$`)

// instance is one server with the application on it.
type instance struct {
	name    string
	address string
	options Options
	records *recorder
	server  *reference.Server
	http    *http.Server
	serving sync.WaitGroup
	leave   func() error // leaves the cluster

	stopping context.Context
	stop     context.CancelFunc
	waiting  sync.WaitGroup // answers that come later
}

func startInstance(name, listen string, options Options) (*instance, error) {
	i := &instance{name: name, options: options, records: newRecorder(name, options.App.Record), leave: func() error { return nil }}
	i.stopping, i.stop = context.WithCancel(context.Background())
	adapter, err := i.join()
	if err != nil {
		return nil, err
	}
	quiet := net.ListenConfig{KeepAlive: -1} // the heartbeat finds out about connections that are gone
	listener, err := quiet.Listen(i.stopping, "tcp", listen)
	if err != nil {
		return nil, errors.Join(err, i.leave())
	}
	i.address = listener.Addr().String()

	i.server = reference.NewServer(reference.Options{
		Engine: engineio.Options{
			PingInterval: options.PingInterval, PingTimeout: options.PingTimeout, UpgradeTimeout: options.UpgradeTimeout,
			MaxPayload: options.MaxPayload, CORS: &engineio.CORS{Origins: []string{"*"}},
			AllowRequest: allowRequest, OnConnectionError: i.onConnectionError,
			OnInitialHeaders: i.onInitialHeaders, OnHeaders: i.onHeaders,
			Departures: options.Engine,
		},
		ConnectTimeout: options.ConnectTimeout,
		Adapter:        adapter,
		Departures:     options.Socket,
	})
	i.serveNamespaces()
	control := i.server.Of(controlName)
	i.records.listens(func(entry reference.Value) { control.EmitLocal("entry", entry) })

	i.http = &http.Server{Handler: i.withClient(i.server), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	if wrap := options.App.Listener; wrap != nil {
		listener = wrap(listener)
	}
	i.serving.Go(func() { i.http.Serve(listener) })
	return i, nil
}

// brokerPatience is how long an instance waits for its broker.
const brokerPatience = 30 * time.Second

// join makes the adapters of the instance, and leave undo it.
func (i *instance) join() (reference.AdapterFactory, error) {
	if i.options.RedisURL == "" {
		return reference.NewInMemoryAdapter, nil
	}
	settings, err := redis.ParseURL(i.options.RedisURL)
	if err != nil {
		return nil, err
	}
	// What follows would only add exchanges with the broker before the first message.
	settings.Protocol = 2
	settings.DisableIdentity = true
	settings.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	// Its buffers are 64 KiB a connection by default, which is much beside all else that an instance holds.
	settings.PoolSize, settings.ReadBufferSize, settings.WriteBufferSize = 4, 4<<10, 4<<10
	// A command that is sent again may be carried out twice, and one that is given up may have been an answer: a
	// broker on a busy machine is waited for.
	settings.MaxRetries, settings.DialTimeout = -1, brokerPatience
	settings.ReadTimeout, settings.WriteTimeout, settings.PoolTimeout = brokerPatience, brokerPatience, brokerPatience
	client := redis.NewClient(settings)
	ctx, cancel := context.WithTimeout(i.stopping, 5*time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		client.Close()
		return nil, fmt.Errorf("redis at %s: %w", settings.Addr, err)
	}
	if i.options.Sharded {
		if err := client.PubSubShardNumSub(ctx, "").Err(); err != nil {
			client.Close()
			return nil, fmt.Errorf("the sharded adapter needs Redis 7 at %s: %w", settings.Addr, err)
		}
	}
	factory := redisadapter.New(client, redisadapter.Options{RequestsTimeout: i.options.ServerSideEmitTimeout, Sharded: i.options.Sharded})
	i.leave = func() error { return errors.Join(factory.Close(), client.Close()) }
	return factory.Adapter, nil
}

// close ends the sessions first, so that requests which wait are answered.
func (i *instance) close(ctx context.Context) error {
	i.stop()
	err := i.server.Close(ctx)
	i.waiting.Wait()
	i.records.wait()
	// A connection without a request would make Shutdown wait for seconds.
	grace, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if i.http.Shutdown(grace) != nil {
		i.http.Close()
	}
	i.serving.Wait()
	return errors.Join(err, i.leave())
}
