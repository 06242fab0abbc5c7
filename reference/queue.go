package reference

import "sync"

// queueLimit bounds what one client can make the server keep while a handler is busy.
const queueLimit = 1024

// queue runs functions one after another, on a goroutine that lives only while there is something to run.
type queue struct {
	work *sync.WaitGroup

	mu      sync.Mutex
	room    *sync.Cond
	jobs    []func()
	running bool
}

func newQueue(work *sync.WaitGroup) *queue {
	q := &queue{work: work}
	q.room = sync.NewCond(&q.mu)
	return q
}

// add lets job run after all that were added before. It waits while the queue is full, so a job must not add to its
// own queue.
func (q *queue) add(job func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.jobs) >= queueLimit {
		q.room.Wait()
	}
	q.push(job)
}

// addNow is add without the limit: for a job that may come from the queue itself.
func (q *queue) addNow(job func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.push(job)
}

func (q *queue) push(job func()) {
	q.jobs = append(q.jobs, job)
	if !q.running {
		q.running = true
		q.work.Add(1)
		go q.run()
	}
}

func (q *queue) run() {
	defer q.work.Done()
	for {
		q.mu.Lock()
		if len(q.jobs) == 0 {
			q.running = false
			q.mu.Unlock()
			return
		}
		job := q.jobs[0]
		q.jobs[0] = nil
		q.jobs = q.jobs[1:]
		q.room.Signal()
		q.mu.Unlock()
		job()
	}
}
