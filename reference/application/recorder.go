package application

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/packet"
)

// Entry is one record without its number.
type Entry struct {
	Type   string
	Fields map[string]any
}

// recorder numbers the records of an instance and passes them to the observers in order. Making a record never waits for an
// observer.
type recorder struct {
	instance string
	rules    RecordRules
	push     func(entry reference.Value) // to all observers

	mu      sync.Mutex
	seq     int
	startup []json.RawMessage
	started bool
	backlog []task
	pushing bool
	pushers sync.WaitGroup
	later   []*time.Timer // for records to be made again
	delayed chan struct{} // closed when the last of the records that are made late has been made; nil if there are none
	stopped chan struct{} // closed when no more records are made late
}

// task is an entry to push, or a function to call when the entries before it have been pushed.
type task struct {
	entry json.RawMessage
	do    func(seq int)
	seq   int
}

func newRecorder(instance string, rules RecordRules) *recorder {
	return &recorder{instance: instance, rules: rules, startup: []json.RawMessage{}, stopped: make(chan struct{})}
}

// record makes one record.
func (r *recorder) record(kind string, fields map[string]any) {
	for _, entry := range r.rules.Record(r.instance, Entry{kind, fields}) {
		if late := r.rules.Late(entry); late > 0 && r.makeLater(entry, late) {
			continue
		}
		r.make(entry)
		if after := r.rules.Again(entry); after > 0 {
			r.mu.Lock()
			r.later = append(r.later, time.AfterFunc(after, func() { r.make(entry) }))
			r.mu.Unlock()
		}
	}
}

// makeLater makes a record after a time, and after those that were to be made later before it. It reports whether it does:
// what happens before the server listens is recorded by then.
func (r *recorder) makeLater(entry Entry, after time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.started {
		return false
	}
	before, made := r.delayed, make(chan struct{})
	r.delayed = made
	r.pushers.Go(func() {
		defer close(made)
		select {
		case <-time.After(after):
		case <-r.stopped:
			return
		}
		if before != nil {
			<-before
		}
		r.make(entry)
	})
	return true
}

// make numbers a record and pushes it.
func (r *recorder) make(entry Entry) {
	rest, err := encode(entry.Fields)
	if err != nil {
		rest, _ = encode(map[string]any{"error": err.Error()})
	}
	r.mu.Lock()
	r.seq++
	text := fmt.Appendf(nil, `{"seq":%d,"instance":%q,"type":%q`, r.rules.Number(r.seq), r.instance, entry.Type)
	if len(entry.Fields) > 0 {
		text = append(append(text, ','), rest[1:]...)
	} else {
		text = append(text, '}')
	}
	if r.started {
		r.add(task{entry: text, seq: r.seq})
	} else {
		r.startup = append(r.startup, text)
	}
	r.mu.Unlock()
}

// after calls do with the last number so far, when all records up to it have been pushed.
func (r *recorder) after(do func(seq int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(task{do: do, seq: r.seq})
}

func (r *recorder) add(t task) {
	r.backlog = append(r.backlog, t)
	if !r.pushing {
		r.pushing = true
		r.pushers.Go(r.run)
	}
}

func (r *recorder) run() {
	for {
		r.mu.Lock()
		tasks := r.backlog
		r.backlog = nil
		if len(tasks) == 0 {
			r.pushing = false
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
		for _, t := range tasks {
			if t.do != nil {
				t.do(t.seq)
			} else {
				r.push(packet.Raw(t.entry))
			}
		}
	}
}

// listens ends the startup. From then on, push is called with each record.
func (r *recorder) listens(push func(entry reference.Value)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.push, r.started = push, true
}

func (r *recorder) startupEntries() []json.RawMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.startup
}

// wait returns when every record has been pushed.
func (r *recorder) wait() {
	r.mu.Lock()
	for _, timer := range r.later {
		timer.Stop()
	}
	close(r.stopped)
	r.mu.Unlock()
	r.pushers.Wait()
}

// encode returns JSON without HTML escapes.
func encode(fields map[string]any) ([]byte, error) {
	value, err := packet.Of(fields) // packet.Of keeps Values as they are
	if err != nil {
		return nil, err
	}
	return value.MarshalJSON()
}
