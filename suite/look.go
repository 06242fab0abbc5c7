package suite

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"example.test/conformance/suite/result"
)

// mostInVain is how many looks without a result are remembered for an execution.
const mostInVain = 32

// Look is what a good execution has seen of the records. It says which later records would contradict it.
type Look struct {
	Case  string // its ID
	ended time.Time
	marks []string              // the words that the execution drew
	seen  map[recordDigest]bool // records that it saw
	vain  []vainLook
}

// vainLook is a query for records that found none.
type vainLook struct {
	target     int
	conditions []func(Entry) bool
}

// holds reports whether a record matches the query.
func (v vainLook) holds(e Entry) (holds bool) {
	defer func() {
		if recover() != nil { // a condition may rely on the form of the case's own records
			holds = false
		}
	}()
	return e.Meets(v.conditions...)
}

// recordDigest identifies a record by everything but its number.
type recordDigest uint64

func digestOf(target int, e Entry) recordDigest {
	if e.shortened {
		return e.digest
	}
	h := fnv.New64a()
	_ = binary.Write(h, binary.LittleEndian, int64(target))
	for _, part := range []string{
		e.Instance, e.Type, e.Mark, string(e.Code), e.Message, string(e.Context), e.Method, e.URL, string(e.Query), e.Name, e.Namespace,
		e.SID, e.Reason, e.Event, string(e.Args), fmt.Sprint(e.Ack),
	} {
		_ = binary.Write(h, binary.LittleEndian, int64(len(part)))
		_, _ = h.Write([]byte(part))
	}
	return recordDigest(h.Sum64())
}

// looksInVain notes a query for records that found none.
func (e *execution) looksInVain(target int, conditions []func(Entry) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.vain) < mostInVain {
		e.vain = append(e.vain, vainLook{target, conditions})
	}
}

// look returns what the execution, which is over, has seen of the records; nil if it looked at none.
func (e *execution) look() *Look {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.looked)+len(e.vain) == 0 {
		return nil
	}
	l := &Look{Case: e.it.ID, ended: time.Now(), marks: e.drawn, seen: map[recordDigest]bool{}}
	for key, one := range e.looked {
		if l.owns(one) || one.SID != "" {
			l.seen[digestOf(key.target, one)] = true
		}
	}
	for _, v := range e.vain {
		later := false // a record came when the case asked again
		for key, one := range e.looked {
			later = later || key.target == v.target && v.holds(one)
		}
		if !later {
			l.vain = append(l.vain, v)
		}
	}
	return l
}

// owns reports whether a record carries a word that the execution drew.
func (l *Look) owns(e Entry) bool {
	for _, word := range e.words() {
		if slices.Contains(l.marks, word) {
			return true
		}
	}
	return false
}

// contradicts says why a record that came after the case contradicts it. It is empty if the record does not.
func (l *Look) contradicts(target int, e Entry) string {
	if l.seen[digestOf(target, e)] {
		return "without a repeat of a record that the case had seen"
	}
	if e.Type == "disconnect" || !l.owns(e) { // sockets disconnect after a case
		return ""
	}
	for _, v := range l.vain {
		if v.target == target && v.holds(e) {
			return "without a record that the case had looked for and not found"
		}
	}
	return ""
}

// Looks are the looks of the executions of a run.
type Looks struct {
	bySeen map[recordDigest][]*Look
	byMark map[string][]*Look
}

// NewLooks indexes looks so that those which a record may contradict are found quickly.
func NewLooks(all []*Look) *Looks {
	s := &Looks{bySeen: map[recordDigest][]*Look{}, byMark: map[string][]*Look{}}
	for _, l := range all {
		for digest := range l.seen {
			s.bySeen[digest] = append(s.bySeen[digest], l)
		}
		for _, word := range l.marks {
			s.byMark[word] = append(s.byMark[word], l)
		}
	}
	return s
}

// Contradiction is a record that came after a case and that would have failed it.
type Contradiction struct {
	Case    string         // its ID
	Failure result.Failure // of the case; it refers to no trace events
}

// Contradicted returns the cases that a record of a target contradicts. Late reports whether the record came after
// everything that an execution which ended at that time may have caused.
func (s *Looks) Contradicted(target int, e Entry, late func(ended time.Time) bool) (all []Contradiction) {
	candidates := slices.Clone(s.bySeen[digestOf(target, e)])
	for _, word := range e.words() {
		candidates = append(candidates, s.byMark[word]...)
	}
	for _, l := range candidates {
		if !late(l.ended) {
			continue
		}
		if why := l.contradicts(target, e); why != "" {
			all = append(all, Contradiction{l.Case, l.failure(target, e, why)})
		}
	}
	return all
}

// failure returns the failure of the case for such a record.
func (l *Look) failure(target int, e Entry, why string) result.Failure {
	return result.Failure{
		Kind: result.Content, Subject: fmt.Sprintf("the records of target %d after the case was over", target+1), Expected: describes("%s", why),
		Received: text(result.JSON, e.Raw), Span: result.Span{From: l.ended, Until: e.At},
		Step: fmt.Sprintf("all records are checked once more at the end of the run: this one came %d ms after the case", e.At.Sub(l.ended).Milliseconds()),
	}
}
