package suite

import (
	"strings"
	"testing"
	"time"
)

// A target that floods a case fills a queue, not the memory; one that is read keeps its room.
func TestQueueIsBounded(t *testing.T) {
	q := newQueue(1000)
	taken := 0
	for taken < 100 && q.put(Message{Data: strings.Repeat("x", 200)}) {
		taken++
	}
	if taken != 4 {
		t.Errorf("%d messages were taken", taken)
	}
	for range taken {
		if _, ok := q.next(nil, time.Second, nil); !ok {
			t.Fatal("a message that was taken is gone")
		}
	}
	if q.bytes != 0 || !q.put(Message{Data: strings.Repeat("x", 5000)}) {
		t.Errorf("an empty queue holds %d bytes, and takes no message", q.bytes)
	}
}
