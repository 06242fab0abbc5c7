package suite

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/suite/wire"
)

// exchange is one HTTP request of a case and its answer, as recorded in the trace.
type exchange struct {
	target   int
	method   string
	query    url.Values
	readable bool // the request can be read in only one way

	answered bool // the answer is complete
	status   int
	header   http.Header
	body     string
	about    []int // the numbers of their events
}

// successful reports whether the request was granted.
func (x *exchange) successful() bool {
	return x.answered && (x.status >= 200 && x.status < 300 || x.status == http.StatusSwitchingProtocols)
}

// exchanges returns the requests of a trace that carry a mark, with their answers. If the trace is incomplete it returns
// none: the missing part may have been the answer.
func exchanges(trace wire.Trace) (all []*exchange) {
	sent, received := map[string]*strings.Builder{}, map[string]*strings.Builder{}
	about := map[string][]int{}
	targets := map[string]int{}
	var names []string
	for i := range trace {
		e := &trace[i]
		if e.Lost != nil {
			return nil
		}
		if e.Bytes != nil && e.Bytes.Direction == wire.Sent && strings.Contains(e.Bytes.Text, "mark=") { // not from an HTTP client
			all = append(all, unreadable(e.Target, e.Bytes.Text))
		}
		if e.HTTP == nil {
			continue
		}
		if sent[e.Connection] == nil {
			sent[e.Connection], received[e.Connection] = &strings.Builder{}, &strings.Builder{}
			targets[e.Connection] = e.Target
			names = append(names, e.Connection)
		}
		to := sent[e.Connection]
		if e.HTTP.Direction == wire.Received {
			to = received[e.Connection]
		}
		to.WriteString(e.HTTP.Text)
		about[e.Connection] = append(about[e.Connection], e.Seq)
	}
	for _, name := range names {
		if !strings.Contains(sent[name].String(), "mark=") {
			continue
		}
		x := readExchange(sent[name].String(), received[name].String())
		if x == nil {
			x = unreadable(targets[name], sent[name].String())
		}
		x.target, x.about = targets[name], about[name]
		all = append(all, x)
	}
	return all
}

var markParameter = regexp.MustCompile(`[?&]mark=([^&\s]*)`)

// unreadable returns an exchange of which only the marks of its requests are known.
func unreadable(target int, sent string) *exchange {
	x := &exchange{target: target, query: url.Values{}}
	for _, match := range markParameter.FindAllStringSubmatch(sent, -1) {
		x.query.Add("mark", match[1])
	}
	return x
}

// readExchange reads the single request of a connection and its answer. It returns nil if the connection carried more or
// less than that.
func readExchange(sent, received string) *exchange {
	line, _, _ := strings.Cut(sent, "\r\n")
	parts := strings.Split(line, " ")
	if len(parts) != 3 || !strings.HasPrefix(parts[2], "HTTP/") || strings.Count(received, "HTTP/1.1 ") > 1+strings.Count(received, "HTTP/1.1 10") {
		return nil
	}
	_, raw, _ := strings.Cut(parts[1], "?")
	query, err := url.ParseQuery(raw)
	x := &exchange{method: parts[0], query: query, readable: err == nil}
	answers := bufio.NewReader(strings.NewReader(received))
	r, err := wire.FinalResponse(answers, x.method)
	if err != nil {
		return x
	}
	x.status, x.header = r.StatusCode, r.Header
	if r.StatusCode == http.StatusSwitchingProtocols {
		x.answered = true
		return x
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	x.body, x.answered = string(body), err == nil
	return x
}

// ofMark returns the exchanges with a target whose request carries the mark.
func ofMark(all []*exchange, target int, mark string) (found []*exchange) {
	for _, x := range all {
		if x.target == target && slices.Contains(x.query["mark"], mark) {
			found = append(found, x)
		}
	}
	return found
}
