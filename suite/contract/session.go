package contract

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// maxKept is how many received bytes a session keeps: a target may flood it.
const maxKept = 8 << 20

var errEnded = errors.New("the connection ended")

// session is a session over either transport that answers pings and keeps the packets it receives.
type session struct {
	link suite.Link
	auth string // the data of its CONNECTs, JSON

	mu     sync.Mutex
	inbox  []*protocol.Packet
	kept   int
	news   chan struct{} // closed with the next packet
	ended  bool
	lastID int
}

// open opens a session, over polling if the target refuses WebSockets. The error holds the answers if the target refuses
// both. The session ends with the context, even in the middle of a send.
func open(ctx context.Context, target *wire.Target, auth string) (*session, error) {
	link, err := suite.Dial(ctx, target, wire.NewRecorder())
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, link.Break)
	s := &session{link: link, auth: auth, news: make(chan struct{})}
	go s.read()
	return s, nil
}

func (s *session) read() {
	defer s.link.Close()
	for {
		m, end := s.link.Receive()
		if end != nil {
			s.arrived(nil, 0)
			return
		}
		if m.Binary || m.Data == "" {
			continue
		}
		if m.Data[0] == '2' {
			_ = s.link.Send(wire.Message{Data: "3"})
		}
		if p, err := protocol.ParsePacket(m.Data); err == nil && !s.arrived(p, len(m.Data)) {
			return
		}
	}
}

// arrived keeps a packet, or notes the end if p is nil.
func (s *session) arrived(p *protocol.Packet, size int) (goesOn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept += size; p == nil || s.kept > maxKept {
		s.ended = true
	} else {
		s.inbox = append(s.inbox, p)
	}
	close(s.news)
	s.news = make(chan struct{})
	return !s.ended
}

// await returns the first matching packet, among those that have come and those to come.
func (s *session) await(ctx context.Context, matches func(*protocol.Packet) bool) (*protocol.Packet, error) {
	for from := 0; ; {
		s.mu.Lock()
		for ; from < len(s.inbox); from++ {
			if p := s.inbox[from]; matches(p) {
				s.mu.Unlock()
				return p, nil
			}
		}
		news, ended := s.news, s.ended
		s.mu.Unlock()
		if ended {
			return nil, errEnded
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// join asks for a namespace and returns the answer: a CONNECT or a CONNECT_ERROR.
func (s *session) join(ctx context.Context, namespace, data string) (*protocol.Packet, error) {
	if data == "" {
		data = s.auth
	}
	if err := s.send("40" + suite.Prefix(namespace) + data); err != nil {
		return nil, err
	}
	return s.await(ctx, func(p *protocol.Packet) bool {
		return p.Namespace == namespace && (p.Type == protocol.Connect || p.Type == protocol.ConnectError)
	})
}

func (s *session) send(packet string) error {
	err := s.link.Send(wire.Message{Data: packet})
	if errors.Is(err, net.ErrClosed) {
		return errEnded
	}
	return err
}

// emit sends an event, with an ID if it asks for an acknowledgement.
func (s *session) emit(namespace, id, event string, args ...any) error {
	data, err := json.Marshal(append([]any{event}, args...))
	if err != nil {
		return err
	}
	return s.send("42" + suite.Prefix(namespace) + id + string(data))
}

// event waits for an event of a namespace and returns its packet and its arguments as a JSON array.
func (s *session) event(ctx context.Context, namespace, name string) (*protocol.Packet, string, error) {
	var text string
	p, err := s.await(ctx, func(p *protocol.Packet) bool {
		got, args := p.Event()
		if p.Type != protocol.Event || p.Namespace != namespace || got != name {
			return false
		}
		text = array(args)
		return true
	})
	return p, text, err
}

// ask sends an event that asks for an acknowledgement, and returns the acknowledgement's arguments as a JSON array.
func (s *session) ask(ctx context.Context, namespace, event string, args ...any) (string, error) {
	s.mu.Lock()
	s.lastID++
	id := strconv.Itoa(s.lastID)
	s.mu.Unlock()
	if err := s.emit(namespace, id, event, args...); err != nil {
		return "", err
	}
	p, err := s.await(ctx, func(p *protocol.Packet) bool {
		return p.Type == protocol.Ack && p.Namespace == namespace && p.ID == id
	})
	if err != nil {
		return "", err
	}
	return p.Data, nil
}

// entries returns the records so far that meet all the conditions.
func (s *session) entries(conditions ...func(suite.Entry) bool) (found []suite.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.inbox {
		name, args := p.Event()
		if p.Type != protocol.Event || p.Namespace != control || name != "entry" || len(args) == 0 {
			continue
		}
		e := suite.Entry{Raw: string(args[0])}
		if protocol.Unmarshal(args[0], &e) != nil {
			continue
		}
		if e.Meets(conditions...) {
			found = append(found, e)
		}
	}
	return found
}

func (s *session) close() { s.link.Close() }

func array(values []json.RawMessage) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return "[" + strings.Join(texts, ",") + "]"
}
