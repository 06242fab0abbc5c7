package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// mortal is a proxy in front of a reference instance. It goes away if a client sends certain bytes.
type mortal struct {
	behind  string // host and port
	address string
	fatal   []byte
	hangs   bool // it still accepts connections, but no longer answers
	most    int  // how often it goes away at most; 0 for no limit

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	gone     bool
	times    int
}

// newMortal starts one. Fields that are not set here must be set before the run.
func newMortal(t *testing.T, fatal string) *mortal {
	t.Helper()
	config, stop, err := cluster(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	m := &mortal{behind: config.Targets[0].Host, address: "127.0.0.1:0", fatal: []byte(fatal)}
	if err := m.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.stop)
	return m
}

func (m *mortal) url() string { return "http://" + m.address }

// start listens, later again at the same address. Another process may have taken the port for a connection meanwhile.
func (m *mortal) start() error {
	l, err := net.Listen("tcp", m.address)
	for range 50 {
		if !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		time.Sleep(100 * time.Millisecond)
		l, err = net.Listen("tcp", m.address)
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.listener, m.address, m.open, m.gone = l, l.Addr().String(), map[net.Conn]bool{}, false
	m.mu.Unlock()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go m.serve(conn)
		}
	}()
	return nil
}

// stop closes open connections and refuses new ones.
func (m *mortal) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.listener.Close()
	for conn := range m.open {
		conn.Close()
	}
}

// Revive implements that of [runner.Config].
func (m *mortal) Revive(_ context.Context, _ int, hangs bool) error {
	if hangs != m.hangs {
		return fmt.Errorf("it is said to hang: %t", hangs)
	}
	m.stop()
	return m.start()
}

// returns lets it come back by itself, a while after it has gone.
func (m *mortal) returns(ctx context.Context) {
	go func() {
		for ctx.Err() == nil {
			time.Sleep(50 * time.Millisecond)
			m.mu.Lock()
			gone := m.gone
			m.mu.Unlock()
			if gone {
				time.Sleep(3 * time.Second)
				_ = m.start()
			}
		}
	}()
}

func (m *mortal) keep(conn net.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open[conn] = true
	return !m.gone
}

func (m *mortal) serve(conn net.Conn) {
	if !m.keep(conn) { // it hangs
		return
	}
	server, err := net.Dial("tcp", m.behind)
	if err != nil {
		conn.Close()
		return
	}
	m.keep(server)
	go m.carry(conn, server, nil)
	m.carry(server, conn, m.fatal)
}

// carry copies bytes until the fatal bytes come.
func (m *mortal) carry(to, from net.Conn, fatal []byte) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		m.mu.Lock()
		if n > 0 && fatal != nil && !m.gone && bytes.Contains(buffer[:n], fatal) && (m.most == 0 || m.times < m.most) {
			m.gone = true
			m.times++
			if !m.hangs {
				m.listener.Close()
				for conn := range m.open {
					conn.Close()
				}
			}
		}
		gone := m.gone
		m.mu.Unlock()
		if gone && m.hangs {
			for {
				if _, err := from.Read(buffer); err != nil {
					return
				}
			}
		}
		if gone || err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// run runs the polling cases against it, together with those of other areas.
func (m *mortal) run(t *testing.T, config runner.Config) *suite.Results {
	t.Helper()
	config.Profile, config.Targets = suite.ProfileWire, targetsOf(t, []string{m.url()})
	config.Only = []string{"polling", "websocket"}
	if !raceDetector { // the race detector makes servers and suite too slow for short timers
		config.Only = append(config.Only, "heartbeat")
	}
	return runSuite(t, config)
}

// mortals starts one in a script and puts its URL into $A; the command instance restarts it: mortal BYTES
func mortals(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: mortal BYTES")
	}
	config, stop, err := embedded.Start(context.Background(), func() application.Options { return embedded.Patient(application.Options{}) })
	ts.Check(err)
	ts.Defer(stop)
	m := &mortal{behind: config.Targets[0].Host, address: "127.0.0.1:0", fatal: []byte(args[0])}
	ts.Check(m.start())
	ts.Defer(m.stop)
	ts.Setenv("A", m.url())
	controlled(ts, mortalInstance{m})
}

// mortalInstance is the only instance of a cluster.
type mortalInstance struct{ *mortal }

func (m mortalInstance) Stop(context.Context, int) error { m.stop(); return nil }
func (m mortalInstance) Restart(int) error               { m.stop(); return m.start() }
