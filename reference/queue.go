package reference

import "sync"

// queueLimit is how many packets of one client the server keeps while a handler is busy.
const queueLimit = 1024

// queue runs functions one after another, on a goroutine that exists only while there is something to run.
type queue struct {
	work *running

	mu      sync.Mutex
	room    *sync.Cond
	jobs    []func()
	running bool
}

func newQueue(work *running) *queue {
	q := &queue{work: work}
	q.room = sync.NewCond(&q.mu)
	return q
}

// add queues a job behind all earlier ones. It waits while the queue is full, so a job must not add to its own queue.
func (q *queue) add(job func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.jobs) >= queueLimit {
		q.room.Wait()
	}
	q.push(job)
}

// addNow is like add but without the limit. A job of the queue itself may call it.
func (q *queue) addNow(job func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.push(job)
}

// push drops the job if the server has closed.
func (q *queue) push(job func()) {
	if !q.running {
		if !q.work.begin() {
			return
		}
		q.running = true
		go q.run()
	}
	q.jobs = append(q.jobs, job)
}

func (q *queue) run() {
	defer q.work.done()
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
