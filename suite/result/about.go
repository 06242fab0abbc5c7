package result

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.test/conformance/suite/wire"
)

// about describes the request or packet that a failure is about, by kind.
type about struct {
	request string // "POST of a session over polling"; empty if it is not about a request
	packets string // the kinds of the packets that the request carries, or the kind of the packet: "EVENT"
}

// aboutOf finds in a trace what a failure is about. If the failure does not say, that is the request whose answer came, or
// whatever was sent last.
func aboutOf(trace wire.Trace, f Failure) about {
	if f.Received.Form == Packet {
		return about{packets: "received " + packetKind(f.Received.Text)}
	}
	var all []string
	for _, seq := range f.About {
		e := trace.Find(seq)
		switch {
		case e == nil:
		case asks(e):
			one := requested(e.HTTP.Text)
			if answer := answerTo(trace, e); f.Received.Form != Response && answer != nil && statusOf(answer.HTTP.Text) == 200 && strings.HasPrefix(one.request, "GET of a session") {
				return about{packets: "received " + packetKinds(bodyOf(answer.HTTP.Text))}
			}
			return one
		case e.HTTP != nil:
		case e.Frame != nil:
			all = append(all, string(e.Frame.Direction)+" "+frameKind(e.Frame))
		case e.Record != nil:
			all = append(all, string(e.Record.Kind)+" "+e.Record.Name)
		}
	}
	if len(all) > 0 {
		slices.Sort(all)
		return about{packets: strings.Join(slices.Compact(all), ", ")}
	}
	if f.Received.Form == Response {
		for i := len(trace) - 1; i >= 0; i-- {
			e := &trace[i]
			if !asks(e) {
				continue
			}
			if answer := answerTo(trace[i:], e); answer != nil && statusOf(answer.HTTP.Text) == f.Received.Status {
				return requested(e.HTTP.Text)
			}
		}
	}
	return about{packets: lastSent(trace)}
}

// sentLast comes before the kind of what the suite sent last.
const sentLast = "after "

// lastSent returns the kind of what the suite sent last, ignoring pongs and control frames.
func lastSent(trace wire.Trace) string {
	for i := len(trace) - 1; i >= 0; i-- {
		e := &trace[i]
		switch {
		case e.Direction() != wire.Sent:
		case e.Frame != nil && !e.Frame.Opcode.Control() && e.Frame.Text != "3":
			return sentLast + frameKind(e.Frame)
		case asks(e):
			one := requested(e.HTTP.Text)
			if strings.HasPrefix(one.request, "GET of a session") || one.packets == "PONG" {
				continue // a poll asks for nothing in particular
			}
			return sentLast + cmp.Or(one.packets, "a "+one.request)
		case e.Record != nil:
			return sentLast + "the command " + e.Record.Name
		}
	}
	return ""
}

// asks reports whether an event begins an HTTP request. Later events may carry the rest of its body.
func asks(e *wire.Event) bool {
	if e.HTTP == nil || e.HTTP.Direction != wire.Sent {
		return false
	}
	head, _, _ := strings.Cut(e.HTTP.Text, "\r\n")
	return strings.Contains(head, " HTTP/")
}

// answerTo returns the answer to a request: what came next over its connection.
func answerTo(trace wire.Trace, request *wire.Event) *wire.Event {
	for i := range trace {
		e := &trace[i]
		if e.Seq > request.Seq && e.Connection == request.Connection && e.HTTP != nil {
			switch {
			case asks(e):
				return nil
			case e.HTTP.Direction == wire.Received:
				return e
			}
		}
	}
	return nil
}

// requested returns the kind of an HTTP request.
func requested(text string) about {
	head, _, _ := strings.Cut(text, "\r\n")
	method, rest, _ := strings.Cut(head, " ")
	target, _, _ := strings.Cut(rest, " ")
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return about{request: method}
	}
	query := u.Query()
	of := "without a session"
	if query.Get("sid") != "" {
		of = "of a session"
	}
	transport := query.Get("transport")
	if transport == "websocket" {
		transport = "WebSocket"
	}
	one := about{request: fmt.Sprintf("%s %s over %s", method, of, transport)}
	if method == "POST" && bodyOf(text) != "" {
		one.packets = packetKinds(bodyOf(text))
	}
	return one
}

func bodyOf(text string) string {
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	return body
}

// statusOf returns the status of an HTTP response; 0 if the text is not one.
func statusOf(text string) int {
	head, _, _ := strings.Cut(text, "\r\n")
	if words := strings.Fields(head); len(words) > 1 {
		status, _ := strconv.Atoi(words[1])
		return status
	}
	return 0
}

// packetKinds returns the kinds of the packets in a payload, each once, in order.
func packetKinds(payload string) string {
	var all []string
	for _, packet := range strings.Split(payload, "\x1e") {
		if kind := packetKind(packet); !slices.Contains(all, kind) {
			all = append(all, kind)
		}
	}
	return strings.Join(all, ", ")
}

var (
	engineKinds = []string{"OPEN", "CLOSE", "PING", "PONG", "MESSAGE", "UPGRADE", "NOOP"}
	socketKinds = []string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}
)

// packetKind returns the type of a packet as it appears on the wire.
func packetKind(packet string) string {
	switch {
	case packet == "":
		return "nothing"
	case packet[0] == 'b':
		return "attachment"
	case packet[0] < '0' || int(packet[0]-'0') >= len(engineKinds):
		return "no packet"
	case packet[0] != '4' || len(packet) == 1 || packet[1] < '0' || int(packet[1]-'0') >= len(socketKinds):
		return engineKinds[packet[0]-'0']
	}
	return socketKinds[packet[1]-'0']
}

func frameKind(f *wire.FrameData) string {
	switch {
	case f.Opcode == wire.Binary:
		return "attachment"
	case f.Opcode == wire.Text:
		return packetKind(f.Text)
	}
	return fmt.Sprintf("frame %d", f.Opcode)
}

// answers counts the statuses of the answers in all traces of a run, by the kind of request.
type answers map[string]map[int]int

func answered(cases []CaseResult) answers {
	all := answers{}
	for _, c := range cases {
		open := map[string]string{} // the kind of the pending request, by its connection
		for i := range c.Trace {
			e := &c.Trace[i]
			switch {
			case e.HTTP == nil:
			case asks(e):
				open[e.Connection] = requested(e.HTTP.Text).request
			case e.HTTP.Direction == wire.Received && open[e.Connection] != "":
				kind := open[e.Connection]
				delete(open, e.Connection)
				if all[kind] == nil {
					all[kind] = map[int]int{}
				}
				all[kind][statusOf(e.HTTP.Text)]++
			}
		}
	}
	return all
}

// kind describes a request as closely as necessary. If the target answered no request of this kind as expected, in any trace
// of the run, then what the request carried made no difference. Otherwise it may have made the difference.
func (a answers) kind(of about, f Failure) string {
	if of.request == "" {
		return of.packets
	}
	if f.Expected.Relation == Equals && f.Expected.Value != nil && f.Received.Form == Response && !f.Expected.Not {
		if status, err := strconv.Atoi(f.Expected.Value.Text); err == nil && a[of.request][status] == 0 {
			return of.request
		}
	}
	if of.packets == "" {
		return of.request
	}
	return of.request + " with " + of.packets
}

var (
	addresses = regexp.MustCompile(`(?:\b(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:.]+\]|\blocalhost):\d{1,5}\b`)
	idMembers = regexp.MustCompile(`\\?"(sid|id|pid)\\?":\\?"([^"\\]+)`)
	digits    = regexp.MustCompile(`^[0-9]+$`)
)

// The least length of an ID that is removed wherever it appears, and of one that is removed where it is a word: shorter ones
// appear by chance.
const (
	shortestID   = 8
	shortestWord = 3
)

// givenIDs returns a function that removes from a text the IDs that the target gave, according to a trace.
func givenIDs(trace wire.Trace) func(string) string {
	var pairs, words []string
	seen := map[string]bool{}
	for i := range trace {
		e := &trace[i]
		if e.Direction() != wire.Received {
			continue
		}
		for _, found := range idMembers.FindAllStringSubmatch(e.Content().Text, -1) {
			id := found[2]
			switch {
			case seen[id]:
			case len(id) >= shortestID:
				pairs = append(pairs, id, "‹id›")
			case found[1] == "sid" && len(id) >= shortestWord && !digits.MatchString(id):
				words = append(words, regexp.QuoteMeta(id))
			}
			seen[id] = true
		}
	}
	long := strings.NewReplacer(pairs...).Replace
	if len(words) == 0 {
		return long
	}
	short := regexp.MustCompile(`\b(?:` + strings.Join(words, "|") + `)\b`)
	return func(text string) string { return short.ReplaceAllString(long(text), "‹id›") }
}

// shortestQuote is how many bytes of a packet a subject must quote if it leaves out the rest.
const shortestQuote = 8

// quoting replaces the packets that a subject quotes by their kinds: "the answer to the POST of 40/custom,".
func quoting(trace wire.Trace, subject string) string {
	var packets []string
	for i := range trace {
		e := &trace[i]
		switch {
		case e.HTTP != nil:
			packets = append(packets, bodyOf(e.HTTP.Text))
			packets = append(packets, strings.Split(bodyOf(e.HTTP.Text), "\x1e")...)
		case e.Frame != nil && e.Frame.Opcode == wire.Text:
			packets = append(packets, e.Frame.Text)
		}
	}
	slices.SortFunc(packets, func(a, b string) int { return len(b) - len(a) })
	for _, packet := range packets {
		if len(packet) < 2 {
			continue
		}
		if at := strings.Index(subject, packet); at >= 0 && standsAlone(subject, at, len(packet)) {
			return subject[:at] + "‹" + packetKinds(packet) + "›" + subject[at+len(packet):]
		}
		if head, cut := strings.CutSuffix(subject, "…"); cut && len(packet) > shortestQuote {
			if at := strings.Index(head, packet[:shortestQuote]); at >= 0 && strings.HasPrefix(packet, head[at:]) {
				return head[:at] + "‹" + packetKinds(packet) + "›"
			}
		}
	}
	return subject
}

// standsAlone reports whether a part of a text is a whole word.
func standsAlone(text string, at, length int) bool {
	return (at == 0 || text[at-1] == ' ') && (at+length == len(text) || text[at+length] == ' ')
}
