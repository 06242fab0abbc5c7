// Package chromium runs a headless Chromium and speaks its DevTools protocol, as far as the browser cases need it.
package chromium

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/process"
)

// names under which Chromium is installed.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

// Find returns the path of the named browser, or of the first one that is installed.
func Find(name string) (string, error) {
	if name != "" {
		return exec.LookPath(name)
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("none of %s is installed", strings.Join(names, ", "))
}

// closeGrace is how long the browser may take to end when asked to.
const closeGrace = 5 * time.Second

// Browser is a Chromium process with its own profile in a temporary folder.
type Browser struct {
	command *exec.Cmd
	folder  string
	said    *process.Tail

	out  *os.File // to the browser
	over chan struct{}
	done chan struct{} // the process has ended

	writing sync.Mutex
	mu      sync.Mutex
	last    int
	waiting map[int]chan message
	pages   map[string]*Page // by session
}

// message is a message of the DevTools protocol.
type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Start runs the browser and returns when it answers. It ends with [Browser.Close] or with this process: Chromium ends when
// the pipe to it closes.
func Start(ctx context.Context, path string) (*Browser, error) {
	folder, err := os.MkdirTemp("", "conformance-chromium-")
	if err != nil {
		return nil, err
	}
	b := &Browser{
		folder: folder, said: &process.Tail{}, over: make(chan struct{}), done: make(chan struct{}),
		waiting: map[int]chan message{}, pages: map[string]*Page{},
	}
	if err := b.launch(path); err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	var version struct{ Product string }
	if err := b.call(ctx, "", "Browser.getVersion", nil, &version); err != nil {
		b.Close()
		if said := b.said.LastLine(); said != "" {
			return nil, fmt.Errorf("%w: %s", err, said)
		}
		return nil, err
	}
	return b, nil
}

func (b *Browser) launch(path string) error {
	theirs, out, err := os.Pipe()
	if err != nil {
		return err
	}
	in, mine, err := os.Pipe()
	if err != nil {
		theirs.Close()
		out.Close()
		return err
	}
	args := []string{
		"--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + b.folder,
		"--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync", "--mute-audio",
		"--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-gpu",
		"--disable-dev-shm-usage", "--metrics-recording-only", "--password-store=basic", "--use-mock-keychain",
		// Timers of background pages must not be slowed down.
		"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
		// The page is on loopback: a proxy of this machine must not come in between.
		"--no-proxy-server",
	}
	if os.Geteuid() == 0 { // the sandbox refuses to run as root
		args = append(args, "--no-sandbox")
	}
	b.command = exec.Command(path, append(args, "about:blank")...)
	b.command.Dir = b.folder
	b.command.Stdout, b.command.Stderr = b.said, b.said
	b.command.ExtraFiles = []*os.File{theirs, mine} // the browser reads 3 and writes 4
	b.command.WaitDelay = time.Second               // its children may keep the output open
	process.Apart(b.command)
	err = b.command.Start()
	theirs.Close()
	mine.Close()
	if err != nil {
		out.Close()
		in.Close()
		return err
	}
	b.out = out
	go func() {
		defer close(b.done)
		_ = b.command.Wait()
	}()
	go b.read(in)
	return nil
}

// maxMessage is the largest message from the browser, in bytes.
const maxMessage = 16 << 20

// read dispatches the browser's messages, which end with a NUL byte.
func (b *Browser) read(in io.ReadCloser) {
	defer close(b.over)
	defer in.Close()
	messages := bufio.NewScanner(in)
	messages.Buffer(make([]byte, 0, 64<<10), maxMessage)
	messages.Split(func(data []byte, _ bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, 0); i >= 0 {
			return i + 1, data[:i], nil
		}
		return 0, nil, nil
	})
	for messages.Scan() {
		var m message
		if json.Unmarshal(messages.Bytes(), &m) != nil {
			continue
		}
		b.mu.Lock()
		answer, page := b.waiting[m.ID], b.pages[m.SessionID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case m.ID != 0 && answer != nil:
			answer <- m
		case m.ID == 0 && page != nil:
			page.take(m)
		}
	}
}

var errEnded = errors.New("the browser ended")

// begin sends a command; its answer comes on the channel.
func (b *Browser) begin(session, method string, params any) (chan message, error) {
	text, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	if params == nil {
		text = []byte("{}")
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.waiting[id] = answer
	b.mu.Unlock()
	text, err = json.Marshal(message{ID: id, SessionID: session, Method: method, Params: text})
	if err != nil {
		return nil, err
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	if _, err := b.out.Write(append(text, 0)); err != nil {
		return nil, fmt.Errorf("%s: %w", method, errEnded)
	}
	return answer, nil
}

// end waits for the answer to a command.
func (b *Browser) end(ctx context.Context, method string, answer chan message, result any) error {
	select {
	case m := <-answer:
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-b.over:
		return fmt.Errorf("%s: %w", method, errEnded)
	case <-ctx.Done():
		return fmt.Errorf("%s was not answered: %w", method, context.Cause(ctx))
	}
}

func (b *Browser) call(ctx context.Context, session, method string, params, result any) error {
	answer, err := b.begin(session, method, params)
	if err != nil {
		return err
	}
	return b.end(ctx, method, answer, result)
}

// Ended reports whether the browser has ended.
func (b *Browser) Ended() bool {
	select {
	case <-b.over:
		return true
	case <-b.done:
		return true
	default:
		return false
	}
}

// Close ends the browser, with all processes that it started, and removes its profile.
func (b *Browser) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace) // closing continues if the run was interrupted
	defer cancel()
	_ = b.call(ctx, "", "Browser.close", nil, nil)
	select {
	case <-b.done:
	case <-ctx.Done():
	}
	_ = process.Kill(b.command.Process) // also its children, which may outlive it
	<-b.done
	b.out.Close()
	for range 50 { // until the last of them has released the folder
		if os.RemoveAll(b.folder) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
