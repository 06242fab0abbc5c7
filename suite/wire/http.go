package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Request is one HTTP request, sent as it stands.
type Request struct {
	Method string
	// Path and query, as they go into the request line. A query alone ("?EIO=4") is put behind the target's path.
	Path   string
	Header [][2]string // in order, their case kept
	Body   []byte
	// Chunks splits the body over several writes, so over several TCP segments, with a pause between them.
	Chunks [][]byte
	// Declared is the Content-Length to declare where it is not the body's own length.
	Declared int
}

// Response to a request.
type Response struct {
	Status  int
	Header  http.Header
	Body    string
	Chunked bool
	// Truncated says that the connection broke off inside the body.
	Truncated bool
	// At is when the response was whole.
	At time.Time
}

func (r *Response) String() string {
	return fmt.Sprintf("%d %s", r.Status, r.Body)
}

// Exchange is a request under way.
type Exchange struct {
	conn     *Conn
	done     chan struct{}
	response *Response
	err      error
}

// Done is closed when the response is there, or an error.
func (e *Exchange) Done() <-chan struct{} { return e.done }

// Result waits for the response.
func (e *Exchange) Result() (*Response, error) {
	<-e.done
	return e.response, e.err
}

// Abort breaks the request off.
func (e *Exchange) Abort() { _ = e.conn.Close() }

// Start sends a request on a connection of its own and reads the response in the background. It
// returns once the request is written.
func (t *Target) Start(ctx context.Context, recorder *Recorder, request Request) (*Exchange, error) {
	conn, err := t.Dial(ctx, recorder, "http")
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	e := &Exchange{conn: conn, done: make(chan struct{})}
	// Read from the start: a server may answer and close before the request is whole.
	go func() {
		defer close(e.done)
		defer stop()
		defer conn.Close()
		e.response, e.err = conn.readResponse(request.Method)
		if e.err != nil && ctx.Err() != nil {
			e.err = fmt.Errorf("no response: %w", context.Cause(ctx))
		}
	}()
	if err := t.write(conn, request); err != nil {
		select {
		case <-e.done:
			if e.err == nil {
				return e, nil
			}
		case <-time.After(time.Second):
		}
		_ = conn.Close()
		<-e.done
		if e.err == nil {
			return e, nil
		}
		return nil, err
	}
	return e, nil
}

// Do sends a request and waits for the response.
func (t *Target) Do(ctx context.Context, recorder *Recorder, request Request) (*Response, error) {
	e, err := t.Start(ctx, recorder, request)
	if err != nil {
		return nil, err
	}
	return e.Result()
}

func (t *Target) write(conn *Conn, request Request) error {
	head := t.Head(request)
	if len(request.Chunks) == 0 {
		_, err := conn.Write(append(head, request.Body...))
		return err
	}
	if _, err := conn.Write(head); err != nil {
		return err
	}
	for _, chunk := range request.Chunks {
		time.Sleep(20 * time.Millisecond)
		if _, err := conn.Write(chunk); err != nil {
			return err
		}
	}
	return nil
}

// Head of a request: the request line and the headers.
func (t *Target) Head(request Request) []byte {
	path := request.Path
	if path == "" || strings.HasPrefix(path, "?") {
		path = t.Path + path
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", request.Method, path, t.Host)
	for name, values := range t.Header {
		for _, value := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	length, declared := len(request.Body), request.Declared > 0
	for _, chunk := range request.Chunks {
		length += len(chunk)
	}
	if declared {
		length = request.Declared
	}
	for _, header := range request.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", header[0], header[1])
	}
	if length > 0 || request.Method == "POST" || request.Method == "PUT" || request.Method == "PATCH" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", length)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// readResponse reads the response to a request of that method.
func (c *Conn) readResponse(method string) (*Response, error) {
	c.head = &bounded{MaxHead}
	r := readers.Get().(*bufio.Reader)
	defer readers.Put(r)
	r.Reset(c)
	return readResponse(r, method, c.target.Limit(), func() { c.head = nil })
}

// readers are used again: there is a connection for each request.
var readers = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// readResponse calls behind, which may be nil, once the head is read.
func readResponse(r *bufio.Reader, method string, limit int64, behind func()) (*Response, error) {
	raw, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return nil, fmt.Errorf("no HTTP response: %w", err)
	}
	defer raw.Body.Close()
	if behind != nil {
		behind()
	}
	body, err := io.ReadAll(io.LimitReader(raw.Body, limit+1))
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("the response's body has more than %d MiB: %w", limit>>20, ErrFlood)
	}
	return &Response{
		Status:    raw.StatusCode,
		Header:    raw.Header,
		Body:      string(body),
		Chunked:   len(raw.TransferEncoding) > 0,
		Truncated: err != nil,
		At:        time.Now(),
	}, nil
}
