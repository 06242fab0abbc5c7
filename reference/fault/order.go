package fault

import (
	"net/http"
	"sync"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults that show only in a packet that comes right after another kind of packet.
func init() {
	register(
		Fault{
			Name:     "acks/id-of-the-question-before",
			Breaks:   "socket.io/164",
			Sentence: "The first acknowledgement after the server has asked for one has the ID of that question.",
			Apply: fresh(func() apply {
				var asked memory[*uint64]
				return packetsOut(func(c client, p pkt) []pkt {
					asked.of(c, func(id **uint64) {
						switch {
						case p.Type == packet.Event && p.ID != nil:
							*id = p.ID
						case p.Type == packet.Ack && *id != nil:
							p.ID, *id = *id, nil
						}
					})
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "acks/id-kept-over-a-refusal",
			Breaks:   "socket.io/164",
			Sentence: "An acknowledgement that is sent right after a CONNECT_ERROR has the ID 0.",
			Apply: rightAfter(func(before, p pkt) {
				if p.Type == packet.Ack && before.Type == packet.ConnectError {
					p.ID = new(uint64(0))
				}
			}),
		},
		Fault{
			Name:     "events/in-the-namespace-acknowledged-before",
			Breaks:   "socket.io/151",
			Sentence: "An event that is sent right after an acknowledgement goes to the namespace of that acknowledgement.",
			Apply: rightAfter(func(before, p pkt) {
				if p.Type == packet.Event && before.Type == packet.Ack {
					p.Namespace = before.Namespace
				}
			}),
		},
		Fault{
			Name:     "binary/lost-after-a-disconnect",
			Breaks:   "socket.io/192",
			Sentence: "The attachments of the first packets after a DISCONNECT of the server are empty.",
			Apply:    fresh(emptyAfterDisconnect),
		},
		Fault{
			Name:     "cluster/ack-kept-for-the-next-event",
			Breaks:   "announcement/39",
			Sentence: "A listener sees an acknowledgement asked for with the first event after one that asked for it.",
			Apply: fresh(func() apply {
				var asked sync.Map // the names of the namespaces
				return receives(func(l *link, p []value, acknowledge func(value)) {
					_, kept := asked.LoadAndDelete(l.receiver.Name())
					if acknowledge != nil {
						asked.Store(l.receiver.Name(), true)
					} else if kept {
						acknowledge = func(value) {}
					}
					l.receiver.HandleServerSideEvent(p, acknowledge)
				})
			}),
		},
		Fault{
			Name:     "headers/each-lost-right-after-a-refusal",
			Breaks:   "announcement/15",
			Sentence: "The headers that the hook headers sets are not sent right after a refused request over the same connection.",
			Apply: rightAfterRequest(func(before *requests) apply {
				return hooked(func(r *http.Request, _ engineio.Occasion, h http.Header) {
					if before.of(r).status >= 400 {
						h.Del("X-Each")
					}
				})
			}),
		},
		Fault{
			Name:     "errors/lost-right-after-a-post",
			Breaks:   "announcement/7",
			Sentence: "A refusal right after a POST over the same connection does not raise connection_error.",
			Apply: rightAfterRequest(func(before *requests) apply {
				return inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
					if last := before.of(e.Request); last.method == "POST" && last.status == 200 {
						return nil
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
	)
}

// rightAfter changes a packet to send, given the packet that was sent to the same client before it.
func rightAfter(f func(before, p pkt)) apply {
	return fresh(func() apply {
		var last memory[pkt]
		return packetsOut(func(c client, p pkt) []pkt {
			unchanged := *p
			last.of(c, func(before *pkt) {
				if *before != nil {
					f(*before, p)
				}
				*before = &unchanged
			})
			return []pkt{p}
		})
	})
}

// emptyAfterDisconnect empties attachments until five packets have been sent after a DISCONNECT.
func emptyAfterDisconnect() apply {
	const packets = 5
	var left memory[int]
	return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
		left.of(c, func(n *int) {
			if p.Type == packet.Disconnect {
				*n = packets + 1
			}
			if *n == 0 {
				return
			}
			*n--
			for i := range messages {
				if messages[i].Binary {
					messages[i].Data = nil
				}
			}
		})
		return messages
	})
}

// requests keeps the last request of each connection.
type requests struct {
	mu   sync.Mutex
	last map[string]answeredRequest
}

type answeredRequest struct {
	method string
	status int
}

// of returns the request that was answered over the connection of a request before it.
func (a *requests) of(r *http.Request) answeredRequest {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last[r.RemoteAddr]
}

// rightAfterRequest makes a fault that depends on the request before.
func rightAfterRequest(f func(before *requests) apply) apply {
	return fresh(func() apply {
		kept := &requests{last: map[string]answeredRequest{}}
		return all(f(kept), answers(func(r *http.Request, a *engineio.Answer) {
			kept.mu.Lock()
			defer kept.mu.Unlock()
			kept.last[r.RemoteAddr] = answeredRequest{r.Method, a.Status}
		}))
	})
}
