package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"net"
	neturl "net/url"
	"time"

	"github.com/gomodule/redigo/redis"
)

// commandTimeout bounds the wait for a connection and for the answer to a command. It is long because a command that is
// sent again may be carried out twice, and one that is given up may have carried an answer.
const commandTimeout = 30 * time.Second

// mostConnections is the largest number of connections for commands that a server has at once.
const mostConnections = 4

// dial opens a connection to a Redis server, redis://host:port/database, or rediss:// for TLS.
func dial(ctx context.Context, url string, more ...redis.DialOption) (redis.Conn, error) {
	return redis.DialURLContext(ctx, url, append([]redis.DialOption{
		redis.DialConnectTimeout(commandTimeout), redis.DialReadTimeout(commandTimeout), redis.DialWriteTimeout(commandTimeout),
	}, more...)...)
}

// host returns the host of a Redis URL, without the password that the URL may contain.
func host(url string) string {
	u, err := neturl.Parse(url)
	if err != nil {
		return "its URL"
	}
	return u.Host
}

// idleUntested is how long a connection may be idle and still be used without a test: a server may close idle ones.
const idleUntested = 30 * time.Second

// commandPool returns a pool of connections for commands. usable returns an error for a connection that was last used at a time
// that rules it out; nil rules none out.
func commandPool(url string, usable func(used time.Time) error) *redis.Pool {
	return &redis.Pool{
		DialContext: func(ctx context.Context) (redis.Conn, error) { return dial(ctx, url) },
		MaxIdle:     mostConnections, MaxActive: mostConnections, Wait: true,
		TestOnBorrow: func(conn redis.Conn, used time.Time) error {
			if usable != nil {
				if err := usable(used); err != nil {
					return err
				}
			}
			if time.Since(used) < idleUntested {
				return nil
			}
			_, err := conn.Do("PING")
			return err
		},
	}
}

// do runs one command on a connection of its own from the pool.
func do(ctx context.Context, pool *redis.Pool, name string, args ...any) (any, error) {
	conn, err := pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return redis.DoContext(conn, ctx, name, args...)
}

// subscription is a connection for subscriptions. One goroutine may receive, another may send, and any may close it.
type subscription struct {
	conn   redis.Conn
	socket net.Conn
}

func subscribe(ctx context.Context, url string) (*subscription, error) {
	s := &subscription{}
	conn, err := dial(ctx, url, redis.DialContextFunc(func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		dialer := net.Dialer{Timeout: commandTimeout}
		s.socket, err = dialer.DialContext(ctx, network, address)
		return s.socket, err
	}))
	if err != nil {
		return nil, err
	}
	s.conn = conn
	return s, nil
}

// send sends a command about subscriptions. [subscription.receive] returns its confirmation.
func (s *subscription) send(command string, channels ...string) error {
	args := make([]any, len(channels))
	for i, channel := range channels {
		args[i] = channel
	}
	if err := s.conn.Send(command, args...); err != nil {
		return err
	}
	return s.conn.Flush()
}

// pushed is what Redis pushes: a message, or the confirmation of a command, with the command's name as its kind.
type pushed struct {
	kind, channel string
	payload       string
	message       bool
}

// receive waits for what Redis sends next.
func (s *subscription) receive() (pushed, error) {
	values, err := redis.Values(redis.ReceiveWithTimeout(s.conn, 0))
	if err != nil {
		return pushed{}, err
	}
	if len(values) < 3 {
		return pushed{}, fmt.Errorf("redis pushed %d values", len(values))
	}
	var p pushed
	p.kind, err = redis.String(values[0], nil)
	switch p.kind {
	case "message", "smessage", "pmessage": // a pmessage has the pattern before the channel
		p.message = true
		channel, payload := values[len(values)-2], values[len(values)-1]
		var wrongChannel, wrongPayload error
		p.channel, wrongChannel = redis.String(channel, nil)
		p.payload, wrongPayload = redis.String(payload, nil)
		err = errors.Join(err, wrongChannel, wrongPayload)
	default:
		p.channel, _ = redis.String(values[1], nil) // nil when the last subscription ends
	}
	return p, err
}

// close ends the connection. redigo's own Close must not be called while another goroutine receives.
func (s *subscription) close() error { return s.socket.Close() }
