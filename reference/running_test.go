package reference

import (
	"sync"
	"testing"
)

func TestRunning(t *testing.T) {
	var r running
	if !r.begin() {
		t.Fatal("nothing may begin before the end")
	}
	ended := r.end()
	if !r.begin() {
		t.Error("what runs may not begin more")
	}
	r.done()
	select {
	case <-ended:
		t.Error("it has ended, but one still runs")
	default:
	}
	r.done()
	<-ended
	if r.begin() {
		t.Error("one may begin after the end")
	}
	<-r.end()
}

// Under the race detector, a sync.WaitGroup in place of it fails here.
func TestRunningBeginsWhileOthersWait(t *testing.T) {
	var r running
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if r.begin() {
				r.done()
			}
		})
	}
	<-r.end()
	group.Wait()
}
