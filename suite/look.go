package suite

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"example.test/conformance/suite/result"
)

// mostInVain is how many looks of an execution are remembered that found nothing.
const mostInVain = 32

// Look is what an execution that was good has seen of the records: it says which records would contradict it later.
type Look struct {
	Case  string // its ID
	ended time.Time
	marks []string              // the words that it drew
	seen  map[recordDigest]bool // records that it saw
	vain  []vainLook
}

// vainLook is a question for records of which there were none.
type vainLook struct {
	target     int
	conditions []func(Entry) bool
}

// holds reports whether a record answers the question.
func (v vainLook) holds(e Entry) (holds bool) {
	defer func() {
		if recover() != nil { // a condition may trust in what it knows of its own records
			holds = false
		}
	}()
	for _, condition := range v.conditions {
		if !condition(e) {
			return false
		}
	}
	return true
}

// recordDigest tells records apart by all but their numbers.
type recordDigest uint64

func digestOf(target int, e Entry) recordDigest {
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

// looksInVain takes note of a question for records of which there are none.
func (e *execution) looksInVain(target int, conditions []func(Entry) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.vain) < mostInVain {
		e.vain = append(e.vain, vainLook{target, conditions})
	}
}

// look is what the execution, which is over, has seen of the records; nil where that is nothing.
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
		later := false // it came when the case asked again
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
	for _, word := range result.MarkWord.FindAllString(e.Raw, -1) {
		if slices.Contains(l.marks, word) {
			return true
		}
	}
	return false
}

// contradicts says why a record that came when the case was over is against it; empty where it is not.
func (l *Look) contradicts(target int, e Entry) string {
	if l.seen[digestOf(target, e)] {
		return "without a second one of what it had seen"
	}
	if e.Type == "disconnect" || !l.owns(e) { // sockets disconnect when a case is over
		return ""
	}
	for _, v := range l.vain {
		if v.target == target && v.holds(e) {
			return "without one of what it had found none of"
		}
	}
	return ""
}

// Looks are those of the executions of a run.
type Looks struct {
	bySeen map[recordDigest][]*Look
	byMark map[string][]*Look
}

// NewLooks puts looks in an order in which those are found at once that a record may contradict.
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

// Contradiction is a record that came when a case was over, and that the case would not have borne.
type Contradiction struct {
	Case    string         // its ID
	Failure result.Failure // of the case; it refers to no events of a trace
}

// Contradicted returns the cases that a record of a target contradicts. Late reports whether the record came when all was
// over that an execution which ended at a time may have caused.
func (s *Looks) Contradicted(target int, e Entry, late func(ended time.Time) bool) (all []Contradiction) {
	candidates := slices.Clone(s.bySeen[digestOf(target, e)])
	for _, word := range result.MarkWord.FindAllString(e.Raw, -1) {
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

// failure is that of the case for such a record.
func (l *Look) failure(target int, e Entry, why string) result.Failure {
	return result.Failure{
		Kind: result.Content, Subject: fmt.Sprintf("the records of target %d since the case was over", target+1), Expected: describes("%s", why),
		Received: text(result.JSON, e.Raw), Span: result.Span{From: l.ended, Until: e.At},
		Step: fmt.Sprintf("all records are looked at once more at the end of the run: this one came %d ms after the case", e.At.Sub(l.ended).Milliseconds()),
	}
}
