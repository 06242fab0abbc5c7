package suite

import (
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite/wire"
)

// A target that floods a case fills a queue, not the memory. A queue that is read has room again.
func TestQueueIsBounded(t *testing.T) {
	q := &queue{limit: 1000, more: make(chan struct{}, 1)}
	taken := 0
	for taken < 100 && q.put(Message{Data: strings.Repeat("x", 200)}) {
		taken++
	}
	if taken != 4 {
		t.Errorf("got %d messages, want 4", taken)
	}
	for range taken {
		if _, ok := q.next(nil, time.Second, nil); !ok {
			t.Fatal("a message is missing")
		}
	}
	if q.bytes != 0 || !q.put(Message{Data: strings.Repeat("x", 5000)}) {
		t.Errorf("an empty queue holds %d bytes, or took no message", q.bytes)
	}
}

func TestUnreadMessagesCountAgainstTheBudget(t *testing.T) {
	target := &wire.Target{MaxPayload: wire.MaxBody, Budget: &wire.Budget{}}
	queues := []*queue{newQueue(target), newQueue(target), newQueue(target), newQueue(target), newQueue(target)}
	message, taken := Message{Data: strings.Repeat("x", 1<<20)}, 0
	for _, q := range queues {
		for q.put(message) {
			taken++
		}
	}
	if taken > wire.MaxContent>>20 {
		t.Errorf("kept %d MiB", taken)
	}
	for _, q := range queues {
		q.drop()
		if q.put(message) {
			t.Error("a dropped queue kept a message")
		}
	}
	if err := target.Budget.Take(wire.MaxContent); err != nil {
		t.Errorf("the budget was not given back completely: %v", err)
	}
}
