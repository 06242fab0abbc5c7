package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits on a text in a cause's sentence, in bytes.
const (
	longText         = 120 // a longer one is shortened to the part that differs
	beforeDifference = 24
	afterDifference  = 64
)

// atDifference returns the failure with its long texts shortened. If the texts should be the same, they begin a little
// before their first difference and end a little after it. Other long texts keep their beginning.
func atDifference(f Failure) Failure {
	long := func(v *Value) bool { return v != nil && len(v.Text) > longText }
	if !long(f.Expected.Value) && !long(&f.Received) {
		return f
	}
	differs := 0
	if f.Expected.Value != nil && (f.Expected.Relation == IsPacket || f.Expected.Relation == Equals || f.Expected.Relation == HasJSON) {
		a, b := f.Expected.Value.Text, f.Received.Text
		for differs < min(len(a), len(b)) && a[differs] == b[differs] {
			differs++
		}
	}
	shorten := func(v Value) Value {
		if len(v.Text) <= longText {
			return v
		}
		from, until := max(0, differs-beforeDifference), min(len(v.Text), differs+afterDifference)
		for from > 0 && !utf8.RuneStart(v.Text[from]) {
			from--
		}
		for until < len(v.Text) && !utf8.RuneStart(v.Text[until]) {
			until++
		}
		text := v.Text[from:until]
		if from > 0 {
			text = "…" + text
		}
		if until < len(v.Text) {
			text += "…"
		}
		v.Text = text
		return v
	}
	if f.Expected.Value != nil {
		one := shorten(*f.Expected.Value)
		f.Expected.Value = &one
	}
	f.Received = shorten(f.Received)
	return f
}

// packetDifference says which arguments of a packet are missing and which are unexpected, after removing those at the
// beginning and the end that are as expected: `without [] with ["offset"]`. For a packet that has data instead of arguments
// it says which data came instead. It is empty if the packets do not differ in this, or have nothing in common: then it says
// nothing that other failures could share.
func packetDifference(f Failure) string {
	if f.Expected.Relation != IsPacket || f.Expected.Value == nil || f.Expected.Not {
		return ""
	}
	if head, data := withData(f.Expected.Value.Text); data != "" {
		if other, got := withData(f.Received.Text); got != "" && other == head && got != data {
			return fmt.Sprintf("without %s with %s", data, got)
		}
		return ""
	}
	want, got := arguments(f.Expected.Value.Text), arguments(f.Received.Text)
	same := 0
	for len(want) > 0 && len(got) > 0 && bytes.Equal(want[0], got[0]) {
		want, got = want[1:], got[1:]
		same++
	}
	for len(want) > 0 && len(got) > 0 && bytes.Equal(want[len(want)-1], got[len(got)-1]) {
		want, got = want[:len(want)-1], got[:len(got)-1]
		same++
	}
	if same == 0 || len(want)+len(got) == 0 {
		return ""
	}
	return fmt.Sprintf("without %s with %s", want, got)
}

// withData splits a packet whose data is an object or a string; data is empty for any other packet.
func withData(packet string) (head, data string) {
	at := strings.IndexAny(packet, `[{"`)
	if at < 0 || packet[at] == '[' {
		return packet, ""
	}
	return packet[:at], packet[at:]
}

// arguments returns the arguments of a packet, unchanged; none if it has no list of them.
func arguments(packet string) (all []json.RawMessage) {
	at := strings.IndexByte(packet, '[')
	if at < 0 {
		return nil
	}
	// Only attachments follow the list.
	if json.NewDecoder(strings.NewReader(packet[at:])).Decode(&all) != nil {
		return nil
	}
	return all
}
