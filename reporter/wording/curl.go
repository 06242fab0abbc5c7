package wording

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// ofCurl are the header fields that curl sends by itself, or that belong to the suite.
var ofCurl = []string{"Host", "User-Agent", "Accept", "Content-Length"}

// Curl returns the command that repeats the request of a failure. It is empty if one command cannot do that: within a session,
// if the request is not well-formed HTTP, or if a part of it is not shown.
func Curl(r *result.Results, c result.CaseResult) string {
	if len(c.Evidence) == 0 {
		return ""
	}
	event := requestOf(c.Trace, c.Evidence[0])
	if event == nil || event.Target >= len(r.Targets) || event.HTTP.Size > 0 || len(event.HTTP.Bytes) > 0 {
		return ""
	}
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(event.HTTP.Text)))
	if err != nil || request.URL.Query().Has("sid") || request.Host == "" {
		return ""
	}
	body, err := io.ReadAll(request.Body)
	target, parseErr := url.Parse(r.Targets[event.Target].URL)
	if err != nil || parseErr != nil {
		return ""
	}
	words := []string{"curl", "-i"}
	if request.ProtoMinor == 0 {
		words = append(words, "--http1.0")
	}
	if request.Method != http.MethodGet {
		words = append(words, "-X", shellWord(request.Method))
	}
	var names []string
	for name := range request.Header {
		if !slices.Contains(ofCurl, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range request.Header[name] {
			words = append(words, "-H", shellWord(name+": "+value))
		}
	}
	if len(body) > 0 {
		words = append(words, "--data-binary", shellWord(string(body)))
	}
	line := strings.Join(append(words, shellWord(target.Scheme+"://"+request.Host+request.RequestURI)), " ")
	if strings.ContainsRune(line, '…') {
		return "" // something was hidden or cut
	}
	return line
}

// requestOf returns the request that a failure is about: one that it names, or the one whose answer it names. It returns nil if
// the failure is about something else.
func requestOf(trace wire.Trace, f result.Failure) *wire.Event {
	for _, seq := range slices.Backward(f.About) {
		about := trace.Find(seq)
		if about == nil || about.HTTP == nil {
			continue
		}
		for i := len(trace) - 1; i >= 0; i-- {
			e := &trace[i]
			if e.Seq <= seq && e.Connection == about.Connection && e.HTTP != nil && e.HTTP.Direction == wire.Sent {
				return e
			}
		}
	}
	return nil
}

// shellWord makes a word safe for a shell: in single quotes, or in bash's $'…' where it has control characters.
func shellWord(word string) string {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if !strings.ContainsFunc(word, control) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, r := range word {
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case control(r):
			const hex = "0123456789abcdef"
			b.WriteString(`\x` + string(hex[r>>4]) + string(hex[r&15]))
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + "'"
}
