package result

import (
	"bytes"
	"encoding/json"
	"slices"
)

// What happened to an expected value, if the same happens to any value.
const (
	withinList = "each value within a list of its own"
	twice      = "each value twice"
)

// deformation says how the expected value was changed, if it came in the wrong form: [withinList] or [twice]; empty
// otherwise. Such failures have one cause even if their values and requests differ.
func deformation(f Failure) string {
	if f.Expected.Not || f.Received.Form != List {
		return ""
	}
	switch received := f.Received.Items; {
	case f.Expected.Relation == Consists && len(received) > 0 && len(received) == len(f.Expected.Of):
		for i, one := range f.Expected.Of {
			if one.Relation != HasJSON || one.Value == nil || compact(received[i].Text) != "["+compact(one.Value.Text)+"]" {
				return ""
			}
		}
		return withinList
	case f.Expected.Relation == Equals && f.Expected.Value != nil && f.Expected.Value.Form == List:
		items := f.Expected.Value.Items
		equal := func(a, b Value) bool { return a.Form == b.Form && a.Text == b.Text && len(a.Items)+len(b.Items) == 0 }
		if len(items) > 0 && slices.EqualFunc(received, slices.Concat(items, items), equal) {
			return twice
		}
	}
	return ""
}

// compact returns JSON without spaces between its tokens, or the text itself if it is not JSON.
func compact(text string) string {
	var out bytes.Buffer
	if json.Compact(&out, []byte(text)) != nil {
		return text
	}
	return out.String()
}
