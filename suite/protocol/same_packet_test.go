package protocol

import "testing"

func TestSameMessage(t *testing.T) {
	const (
		inOrder  = `452-["a",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]`
		reversed = `452-["a",{"num":1.0,"_placeholder":true},{"b":{"_placeholder":true,"num":0}}]`
		twice    = `452-["a",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":0}}]`
		beyond   = `452-["a",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":2}}]`
	)
	want := []string{"x", "y"}
	for _, test := range []struct {
		name        string
		packet      string
		attachments []string
		same        bool
	}{
		{"as expected", inOrder, []string{"x", "y"}, true},
		{"with other attachments", inOrder, []string{"y", "x"}, false},
		{"numbered from the end", reversed, []string{"y", "x"}, true},
		{"numbered from the end, with the attachments in the other order", reversed, []string{"x", "y"}, false},
		{"with one attachment in both places", twice, []string{"x", "y"}, false},
		{"with a placeholder without an attachment", beyond, []string{"x", "y"}, false},
		{"with an attachment too few", inOrder, []string{"x"}, false},
		{"with another head", "451" + inOrder[3:], []string{"x", "y"}, false},
	} {
		if got := SameMessage(test.packet, test.attachments, inOrder, want); got != test.same {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}
