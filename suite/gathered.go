package suite

import (
	"reflect"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/result"
)

// List is what had come when the case looked; more may come later. So a missing item counts as absent, and an extra item is
// evidence of content. Make it with [Gathered].
type List struct{ items any }

// Gathered marks a slice, a map or a number that a case made from what had come so far. It is not needed for the records of
// observers, the messages that a client had not read and the events of a page.
func Gathered(items any) List { return List{items} }

// gathered returns the value of an expectation without its [List], and the span in which a gathered value came.
func (a Actual) gathered() (value any, span result.Span, is bool) {
	span = result.Span{From: a.t.begun, Until: time.Now()}
	switch v := a.value.(type) {
	case List:
		return v.items, span, true
	case []Entry, []Message, []PageEvent:
		return v, span, true
	}
	return a.value, span, false
}

// couldCome reports whether further items could make the expectation hold.
func couldCome(m types.GomegaMatcher, items reflect.Value, not bool) bool {
	switch items.Kind() {
	case reflect.Int:
		return couldGrow(m, int(items.Int()), not)
	case reflect.Slice, reflect.Array, reflect.Map, reflect.String:
	default:
		return false
	}
	switch m := m.(type) {
	case *matchers.HaveLenMatcher:
		return !not && items.Len() < m.Count
	case *matchers.BeEmptyMatcher, *matchers.BeZeroMatcher:
		return not
	case *matchers.ContainElementMatcher, *matchers.ContainElementsMatcher, *matchers.HaveKeyMatcher, *matchers.ContainSubstringMatcher:
		return !not
	case *matchers.EqualMatcher:
		return !not && (partOf(items, reflect.ValueOf(m.Expected)) || begins(items, reflect.ValueOf(m.Expected)))
	case *matchers.ConsistOfMatcher:
		return !not && items.Kind() != reflect.Map && items.Len() < len(flat(m.Elements)) && amongEach(items, flat(m.Elements))
	case *matchers.NotMatcher:
		return couldCome(m.Matcher, items, !not)
	case *matchers.OrMatcher:
		return several(m.Matchers, items, not, not)
	case *matchers.AndMatcher:
		return several(m.Matchers, items, not, !not)
	}
	return false
}

// couldGrow reports whether a larger number could make the expectation hold. A matcher does not say so itself, so larger
// numbers are tried.
func couldGrow(m types.GomegaMatcher, n int, not bool) bool {
	if not {
		return false
	}
	const enough = 1 << 16
	for more := n + 1; more < n+enough; more++ {
		if ok, err := m.Match(more); err == nil && ok {
			return true
		}
	}
	return false
}

// several reports whether further items could make all of the matchers hold, or any of them. Each means that all of them
// have to hold. A matcher of all that already holds is assumed to keep holding.
func several(all []types.GomegaMatcher, items reflect.Value, not, each bool) bool {
	for _, one := range all {
		ok, err := one.Match(items.Interface())
		holds := err == nil && ok != not
		if could := holds || couldCome(one, items, not); could != each {
			return could
		}
	}
	return each
}

// partOf reports whether a larger map holds everything that a map holds.
func partOf(items, whole reflect.Value) bool {
	if items.Kind() != reflect.Map || whole.Kind() != reflect.Map || items.Len() >= whole.Len() {
		return false
	}
	for _, key := range items.MapKeys() {
		if v := whole.MapIndex(key); !v.IsValid() || !reflect.DeepEqual(v.Interface(), items.MapIndex(key).Interface()) {
			return false
		}
	}
	return true
}

// begins reports whether a list is a prefix of a longer one.
func begins(items, whole reflect.Value) bool {
	if items.Kind() != reflect.Slice || whole.Kind() != reflect.Slice || items.Len() >= whole.Len() {
		return false
	}
	for i := range items.Len() {
		if !reflect.DeepEqual(items.Index(i).Interface(), whole.Index(i).Interface()) {
			return false
		}
	}
	return true
}

// amongEach reports whether each item matches one of the elements.
func amongEach(items reflect.Value, elements []any) bool {
	for i := range items.Len() {
		found := false
		for _, e := range elements {
			ok, err := elementMatcher(e).Match(items.Index(i).Interface())
			found = found || err == nil && ok
		}
		if !found {
			return false
		}
	}
	return true
}

// flat returns the elements of a matcher: gomega treats a single slice as a list of elements.
func flat(elements []any) []any {
	if len(elements) == 1 {
		if v := reflect.ValueOf(elements[0]); v.Kind() == reflect.Slice {
			all := make([]any, v.Len())
			for i := range all {
				all[i] = v.Index(i).Interface()
			}
			return all
		}
	}
	return elements
}

func elementMatcher(v any) types.GomegaMatcher {
	if m, is := v.(types.GomegaMatcher); is {
		return m
	}
	if v == nil {
		return gomega.BeNil()
	}
	return gomega.Equal(v)
}
