package redisadapter

import "sync"

// inbox keeps what the broker sent, in order, until the receivers have handled it. The goroutine that reads from the broker
// must not wait for them: a receiver may wait for the broker in order to publish an answer, and a broker may wait for its
// readers.
type inbox struct {
	mu    sync.Mutex
	more  *sync.Cond
	jobs  []func()
	ended bool
}

func newInbox() *inbox {
	i := &inbox{}
	i.more = sync.NewCond(&i.mu)
	return i
}

func (i *inbox) put(job func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.jobs = append(i.jobs, job)
	i.more.Signal()
}

// end makes run return when the inbox is empty.
func (i *inbox) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	i.more.Signal()
}

// run calls the receivers until end is called.
func (i *inbox) run() {
	for {
		i.mu.Lock()
		for len(i.jobs) == 0 && !i.ended {
			i.more.Wait()
		}
		jobs := i.jobs
		i.jobs = nil
		i.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		for _, job := range jobs {
			job()
		}
	}
}
