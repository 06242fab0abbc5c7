package application

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/redisadapter"
)

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
	waiting  sync.WaitGroup // goroutines that wait for answers
}

func startInstance(name, listen string, options Options) (*instance, error) {
	i := &instance{name: name, options: options, records: newRecorder(name, options.App.Records), leave: func() error { return nil }}
	i.stopping, i.stop = context.WithCancel(context.Background()) // it lives until it is stopped, not only during the start
	adapter, err := i.join()
	if err != nil {
		return nil, err
	}
	quiet := net.ListenConfig{KeepAlive: -1} // only the heartbeat should detect dead connections
	listener, err := quiet.Listen(i.stopping, "tcp", listen)
	if err != nil {
		return nil, errors.Join(err, i.leave())
	}
	i.address = listener.Addr().String()

	i.server = reference.NewServer(reference.Options{
		Engine: engineio.Options{
			PingInterval: options.PingInterval, PingTimeout: options.PingTimeout, UpgradeTimeout: options.UpgradeTimeout,
			MaxPayload: options.MaxPayload, Compression: options.Compression, CORS: &engineio.CORS{Origins: []string{"*"}},
			AllowRequest: i.allowRequest, OnConnectionError: i.onConnectionError,
			OnInitialHeaders: i.onInitialHeaders, OnHeaders: i.onHeaders,
			Rules: options.Engine,
		},
		ConnectTimeout: i.connectTimeout(),
		Adapter:        adapter,
		Rules:          options.Socket,
	})
	i.serveNamespaces()
	control := i.server.Of(controlName)
	i.records.listens(func(entry reference.Value) { control.EmitLocal("entry", entry) })

	i.http = &http.Server{Handler: i.withClient(i.server), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	listener = options.App.Serving.Listener(listener)
	i.serving.Go(func() { i.http.Serve(listener) })
	return i, nil
}

// join creates the instance's adapter factory and sets leave.
func (i *instance) join() (reference.AdapterFactory, error) {
	if i.options.RedisURL == "" {
		return reference.NewInMemoryAdapter, nil
	}
	ctx, cancel := context.WithTimeout(i.stopping, 5*time.Second)
	defer cancel()
	factory, err := redisadapter.Open(ctx, i.options.RedisURL, redisadapter.Options{RequestsTimeout: i.options.ServerSideEmitTimeout, Sharded: i.options.Sharded})
	if err != nil {
		return nil, err
	}
	i.leave = factory.Close
	return factory.Adapter, nil
}

// close ends the sessions first, so that waiting requests are answered.
func (i *instance) close(ctx context.Context) error {
	i.stop()
	err := i.server.Close(ctx)
	i.waiting.Wait()
	i.records.wait()
	// Shutdown would wait for seconds for a connection without a request.
	grace, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if i.http.Shutdown(grace) != nil {
		i.http.Close()
	}
	i.serving.Wait()
	return errors.Join(err, i.leave())
}
