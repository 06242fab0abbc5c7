package reference

import "sync"

// running counts the goroutines that run handlers. Unlike a sync.WaitGroup, it may be told to begin one while another
// goroutine waits for the end: an event of the cluster can arrive while the server closes.
type running struct {
	mu    sync.Mutex
	n     int
	ended chan struct{} // closed when nothing runs after end; nil before end
}

// begin counts one more. It returns false if the server has closed and nothing runs any more: then nothing may begin.
func (r *running) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != nil && r.n == 0 {
		return false
	}
	r.n++
	return true
}

// done counts one less.
func (r *running) done() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n--; r.n == 0 && r.ended != nil {
		close(r.ended)
	}
}

// end returns a channel that is closed when nothing runs any more. What runs may still begin more.
func (r *running) end() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended == nil {
		r.ended = make(chan struct{})
		if r.n == 0 {
			close(r.ended)
		}
	}
	return r.ended
}
