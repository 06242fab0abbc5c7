package suite

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// Entry is one record of a target's conformance application (CONTRACT.md, section 3).
type Entry struct {
	Seq       int             `json:"seq"`
	Instance  string          `json:"instance"`
	Type      string          `json:"type"`
	Mark      string          `json:"mark"`
	Code      json.RawMessage `json:"code"`
	Message   string          `json:"message"`
	Context   json.RawMessage `json:"context"`
	Method    string          `json:"method"`
	URL       string          `json:"url"`
	Query     json.RawMessage `json:"query"` // instead of url, if the server's API offers no url
	Name      string          `json:"name"`
	Namespace string          `json:"namespace"`
	SID       string          `json:"sid"`
	Reason    string          `json:"reason"`
	Event     string          `json:"event"`
	Args      json.RawMessage `json:"args"`
	Ack       bool            `json:"ack"`
	Raw       string          `json:"-"`

	At time.Time `json:"-"` // when it arrived

	// Of a large entry that no case can ask for any more, this is kept in place of its content.
	shortened bool
	digest    recordDigest
}

func (e Entry) String() string { return e.Raw }

// Meets reports whether an entry meets all conditions.
func (e Entry) Meets(conditions ...func(Entry) bool) bool {
	for _, holds := range conditions {
		if !holds(e) {
			return false
		}
	}
	return true
}

// forget drops the first n entries. The epoch grows, so that observers which began before know that they missed some. The
// caller holds the lock.
func (o *Control) forget(n int) {
	for _, e := range o.entries[:n] {
		o.held -= e.weight()
		o.target.Budget.Give(e.weight())
	}
	o.epoch++
	o.entries, o.gaps, o.holds, o.whole = slices.Clone(o.entries[n:]), nil, nil, 0
}

// weight returns what keeping an entry takes, in bytes: both its raw text and the decoded parts are kept.
func (e Entry) weight() int64 { return 2*int64(len(e.Raw)) + entryOverhead }

// hold keeps the entries that come from now on whole until release is called; large ones are shortened after that. It
// returns the position at which they begin.
func (o *Control) hold() (at position, release func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at = position{len(o.entries), o.epoch}
	o.holds = append(o.holds, at.n)
	return at, sync.OnceFunc(func() { o.release(at) })
}

func (o *Control) release(at position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.epoch != at.epoch {
		return
	}
	i := slices.Index(o.holds, at.n)
	o.holds = slices.Delete(o.holds, i, i+1)
	end := len(o.entries)
	if len(o.holds) > 0 {
		end = slices.Min(o.holds)
	}
	for ; o.whole < end; o.whole++ {
		e := &o.entries[o.whole]
		before := e.weight()
		e.shorten(o.target.Index)
		o.held -= before - e.weight()
		o.target.Budget.Give(before - e.weight())
	}
}

// largeEntry is the size from which an entry is shortened, in bytes, and shortEntry what is left of its text.
const (
	largeEntry = 4 << 10
	shortEntry = 1 << 10
)

// shorten drops the content of a large entry of a target. What identifies it stays.
func (e *Entry) shorten(target int) {
	if len(e.Raw) < largeEntry {
		return
	}
	e.digest, e.shortened = digestOf(target, *e), true
	e.Raw = strings.Clone(protocol.Clip(e.Raw, shortEntry))
	e.Code, e.Context, e.Query, e.Args = nil, nil, nil, nil
	for _, part := range []*string{&e.Message, &e.URL, &e.Name, &e.Namespace, &e.Event, &e.Reason, &e.Mark} {
		*part = strings.Clone(protocol.Clip(*part, shortEntry))
	}
}

// words returns what in the entry looks like a word that a case draws; nil if it was shortened.
func (e Entry) words() []string {
	if e.shortened {
		return nil
	}
	return result.MarkWords(e.Raw)
}

// Limits on what is kept of an application's records, in bytes: it may flood the suite. Beyond them all are dropped, a new
// connection begins, and the cases under way are judged again.
const (
	maxRecorded   = 40 << 20
	entryOverhead = 512
	mostGaps      = 100
)

// largeAnswer is the size, in bytes, from which an answer counts against the budget until it is no longer referenced.
const largeAnswer = 4 << 10

// take keeps what a packet carries. It reports whether there was room for it; if not, all entries are dropped.
func (o *Control) take(p *protocol.Packet, at time.Time) bool {
	name, args := p.Event()
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case p.Type == protocol.Ack:
		id, _ := strconv.Atoi(p.ID)
		c, asked := o.waiting[id]
		if asked && c == nil {
			o.doubled[id] = true
		}
		if c != nil {
			value := append(args, json.RawMessage("null"))[0]
			if n := int64(len(value)); n >= largeAnswer {
				if o.target.Budget.Take(n) != nil {
					return false
				}
				runtime.AddCleanup(&value[0], o.target.Budget.Give, n)
			}
			o.waiting[id] = nil
			c <- reply{at, value}
		}
	case p.Type == protocol.Event && name == "entry" && len(args) > 0:
		e := Entry{Raw: string(args[0]), At: at}
		if err := protocol.Unmarshal(args[0], &e); err != nil && len(o.gaps) < mostGaps {
			o.gaps = append(o.gaps, "an entry cannot be read: "+protocol.Clip(e.Raw, 200))
		}
		if n := len(o.entries); n > 0 && len(o.gaps) < mostGaps && e.Seq != o.entries[n-1].Seq+1 {
			o.gaps = append(o.gaps, fmt.Sprintf("seq %d follows seq %d", e.Seq, o.entries[n-1].Seq))
		}
		weight := e.weight()
		if o.held+weight > maxRecorded || o.target.Budget.Take(weight) != nil {
			o.forget(len(o.entries))
			o.last = -1
			return false
		}
		o.entries, o.last = append(o.entries, e), e.Seq
		o.held += weight
	}
	return true
}

// position is a position in the entries of a connection. As long as the epoch stays the same, none was missed since.
type position struct{ n, epoch int }

// Position returns the number of entries so far. As long as the epoch stays the same, none was missed since.
func (o *Control) Position() (n, epoch int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.entries), o.epoch
}

// gap says what is missing among the entries from index n on, given the number that the application's last entry had at the
// flush. It is empty if nothing is missing.
func (o *Control) gap(n, flushed int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n > len(o.entries) {
		return "the entries of another connection"
	}
	for i := max(n, 1); i < len(o.entries); i++ {
		if seq, before := o.entries[i].Seq, o.entries[i-1].Seq; seq != before+1 {
			return fmt.Sprintf("number %d follows number %d", seq, before)
		}
	}
	if len(o.entries) == 0 {
		return ""
	}
	if last := o.entries[len(o.entries)-1].Seq; last < flushed {
		return fmt.Sprintf("number %d is the last of %d", last, flushed)
	}
	return ""
}

// All returns the entries that are kept.
func (o *Control) All() []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.entries)
}

// Since returns the entries from index n on, which the caller holds. The slice is shared: entries are added, and those that
// nobody holds are shortened.
func (o *Control) Since(n int) []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clip(o.entries[min(n, len(o.entries)):])
}
