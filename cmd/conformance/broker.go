package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"example.test/conformance/reference/redisadapter"
	"example.test/conformance/suite"
)

// brokerPatience is how long it may take to begin to listen at a broker.
const brokerPatience = 10 * time.Second

// broker listens at the Redis server that joins the targets' cluster. It is not one of the cluster's servers.
type broker struct{ *redisadapter.Watcher }

// listen begins to listen at a broker.
func listen(ctx context.Context, address string) (broker, error) {
	ctx, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	w, err := redisadapter.Watch(ctx, address)
	if err != nil {
		return broker{}, usage("--broker: %s: %v", withoutPassword(address), err)
	}
	return broker{w}, nil
}

// Emits implements [suite.Broker].
func (b broker) Emits(ctx context.Context) ([]suite.Emit, error) {
	crossed, err := b.Watcher.Emits(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]suite.Emit, len(crossed))
	for i, e := range crossed {
		all[i] = suite.Emit(e)
	}
	return all, nil
}

// withoutPassword returns a broker's URL that is safe to show.
func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the URL"
	}
	return fmt.Sprintf("%s://%s%s", u.Scheme, u.Host, u.Path)
}
