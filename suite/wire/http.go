package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one HTTP request, sent as it is.
type Request struct {
	Method string
	// Path and query, as they go into the request line. A lone query ("?EIO=4") is appended to the target's path.
	Path   string
	Header [][2]string // in order, with their case kept
	Body   []byte
	// Chunks splits the body into several writes, and so into several TCP segments, with a pause between them.
	Chunks [][]byte
	// Declared is the Content-Length to declare, if it is not the length of the body.
	Declared int
}

// Response is the response to a request.
type Response struct {
	Status  int
	Header  http.Header
	Body    string
	Chunked bool
	// Truncated means that the connection broke inside the body.
	Truncated bool
	// At is when the response was complete.
	At time.Time
	// About are the numbers of the trace events of request and response.
	About []int
}

func (r *Response) String() string {
	return fmt.Sprintf("%d %s", r.Status, r.Body)
}

// Exchange is a pending request.
type Exchange struct {
	conn     *Conn
	done     chan struct{}
	response *Response
	err      error
}

// Done returns a channel that is closed when there is a response or an error.
func (e *Exchange) Done() <-chan struct{} { return e.done }

// Result waits for the response.
func (e *Exchange) Result() (*Response, error) {
	<-e.done
	return e.response, e.err
}

// About returns the numbers of the events of the request, and of the part of the response that has come.
func (e *Exchange) About() []int { return e.conn.About() }

// Abort aborts the request.
func (e *Exchange) Abort() { _ = e.conn.Close() }

// Start sends a request on a connection of its own and reads the response in the background. It returns once the request is
// written.
func (t *Target) Start(ctx context.Context, recorder *Recorder, request Request) (*Exchange, error) {
	ctx, err := t.Await(ctx, request.Path)
	if err != nil {
		return nil, err
	}
	conn, err := t.Dial(ctx, recorder, KindHTTP)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	e := &Exchange{conn: conn, done: make(chan struct{})}
	// Read from the start: a server may answer and close before the request is complete.
	go func() {
		defer close(e.done)
		defer stop()
		defer conn.Close()
		e.response, e.err = conn.readResponse(request.Method)
		if e.response != nil {
			e.response.About = conn.About()
		}
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

// Head returns the head of a request: the request line and the headers.
func (t *Target) Head(request Request) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", request.Method, oneLine.Replace(t.location(request.Path)), t.Authority()) // nothing that a target sent may end the request line
	named := func(name string) bool {
		return t.Header.Get(name) != "" || slices.ContainsFunc(request.Header, func(h [2]string) bool { return strings.EqualFold(h[0], name) })
	}
	for _, usual := range [][2]string{{"User-Agent", t.agent()}, {"Accept", "*/*"}} {
		if !named(usual[0]) {
			fmt.Fprintf(&b, "%s: %s\r\n", usual[0], usual[1])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Header)) {
		for _, value := range t.Header[name] {
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

var oneLine = strings.NewReplacer("\r", "%0D", "\n", "%0A")

// readResponse reads the response to a request of that method.
func (c *Conn) readResponse(method string) (*Response, error) {
	c.head = &bounded{MaxHead}
	r := readers.Get().(*bufio.Reader)
	defer readers.Put(r)
	r.Reset(c)
	response, err := readResponse(r, method, c.target, func() { c.head = nil })
	if err == nil {
		c.answered(response)
	}
	return response, err
}

// readers are reused: each request has its own connection.
var readers = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// headError says why the head of a response could not be read.
type headError struct{ error }

func (e headError) Error() string {
	if errors.Is(e.error, io.ErrUnexpectedEOF) {
		return "no HTTP response: the connection ended before its head was complete"
	}
	return "no HTTP response: " + e.error.Error()
}

func (e headError) Unwrap() error { return e.error }

// FinalResponse reads the answer to a request from a connection. Interim answers may come before it (RFC 9110, section 15.2).
func FinalResponse(r *bufio.Reader, method string) (*http.Response, error) {
	for {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil || response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			return response, err
		}
	}
}

// readResponse calls behind, if not nil, once it has read the head.
func readResponse(r *bufio.Reader, method string, t *Target, behind func()) (*Response, error) {
	raw, err := FinalResponse(r, method)
	if err != nil {
		return nil, headError{err}
	}
	defer raw.Body.Close()
	if behind != nil {
		behind()
	}
	body, taken, err := t.readAll(raw.Body)
	if errors.Is(err, ErrFlood) {
		t.Budget.Give(taken)
		return nil, fmt.Errorf("the response's body: %w", err)
	}
	response := &Response{
		Status:    raw.StatusCode,
		Header:    raw.Header,
		Body:      body,
		Chunked:   len(raw.TransferEncoding) > 0,
		Truncated: err != nil,
		At:        time.Now(),
	}
	if taken >= largeBody { // a case may keep it for long
		runtime.AddCleanup(response, t.Budget.Give, taken)
	} else {
		t.Budget.Give(taken)
	}
	return response, nil
}

// largeBody is the size, in bytes, from which a body counts against the budget until its response is no longer referenced.
const largeBody = 16 << 10

// scratches are reused: each body or message being read needs one.
var scratches = sync.Pool{New: func() any { return new([4 << 10]byte) }}

// readAll reads to the end, within the target's limit and the budget. Taken is what it took of the budget; the caller
// returns it.
func (t *Target) readAll(r io.Reader) (content string, taken int64, err error) {
	scratch := scratches.Get().(*[4 << 10]byte)
	defer scratches.Put(scratch)
	var b strings.Builder
	limit := t.Limit()
	for {
		n, err := r.Read(scratch[:])
		if size := int64(n); size > 0 {
			if taken+size > limit {
				return "", taken, fmt.Errorf("more than %d MiB came: %w", limit>>20, ErrFlood)
			}
			if err := t.Budget.Take(size); err != nil {
				return "", taken, err
			}
			taken += size
			b.Write(scratch[:n])
		}
		if err == io.EOF {
			return b.String(), taken, nil
		}
		if err != nil {
			return b.String(), taken, err
		}
	}
}
