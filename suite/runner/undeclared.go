package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// tryFor is how long an undeclared feature may take to show that it works.
const tryFor = time.Second

// featureTrial tries features that an application does not declare: if one works anyway, that is worth knowing, but it
// changes no verdict.
type featureTrial struct {
	target   *wire.Target
	observer *suite.Control
	recorder *wire.Recorder
	auth     string
	mark     string
	missing  []string
	from     int // the position at which the records begin
}

// worksUndeclared tries the features that an application does not declare, and returns those that work.
func worksUndeclared(ctx context.Context, config Config, target *wire.Target, o *suite.Control, info *suite.Info, recorder *wire.Recorder) (works []string) {
	u := &featureTrial{target: target, observer: o, recorder: recorder, auth: config.Auth, mark: result.DrawnWord(config.Seed, fmt.Sprintf("undeclared %d", target.Index))}
	for _, feature := range suite.Features {
		if !info.Declares(feature) && config.leavesOut(feature) == "" {
			u.missing = append(u.missing, feature)
		}
	}
	if len(u.missing) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	u.from, _ = o.Position()
	found := map[string]bool{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, try := range []struct {
		features []string
		show     func(context.Context) []string
	}{
		{[]string{suite.ConnectionError}, u.refusal},
		{[]string{suite.InitialHeaders, suite.Headers}, u.hooks},
		{[]string{suite.AllowRequest}, u.denial},
		{[]string{suite.NewNamespace, suite.DynamicNamespaces}, u.namespaces},
		{[]string{suite.ServerSideEmit, suite.ServerSideEmitAck}, u.emits},
	} {
		if !slices.ContainsFunc(try.features, func(one string) bool { return slices.Contains(u.missing, one) }) {
			continue
		}
		group.Go(func() {
			shown := try.show(ctx)
			mu.Lock()
			defer mu.Unlock()
			for _, one := range shown {
				found[one] = true
			}
		})
	}
	group.Wait()
	for _, feature := range u.missing {
		if found[feature] {
			works = append(works, feature)
		}
	}
	return works
}

func (u *featureTrial) get(ctx context.Context, query string) *wire.Response {
	r, err := u.target.Do(ctx, u.recorder, wire.Request{Method: "GET", Path: query})
	if err != nil {
		return nil
	}
	return r
}

// recorded reports whether the application has made a record.
func (u *featureTrial) recorded(ctx context.Context, holds func(suite.Entry) bool) bool {
	if _, _, err := u.observer.Flush(ctx); err != nil {
		return false
	}
	all := u.observer.All()
	return slices.ContainsFunc(all[min(u.from, len(all)):], holds)
}

func (u *featureTrial) refusal(ctx context.Context) []string {
	mark := u.mark + "r"
	if u.get(ctx, "?EIO=4&transport="+u.mark+"&mark="+mark) != nil &&
		u.recorded(ctx, func(e suite.Entry) bool { return e.Type == suite.ConnectionError && e.Mark == mark }) {
		return []string{suite.ConnectionError}
	}
	return nil
}

func (u *featureTrial) hooks(ctx context.Context) (shown []string) {
	mark := u.mark + "h"
	r := u.get(ctx, suite.PollingQuery+"&mark="+mark)
	if r == nil {
		return nil
	}
	for header, feature := range map[string]string{"x-initial": suite.InitialHeaders, "x-each": suite.Headers} {
		if r.Header.Get(header) == mark && u.recorded(ctx, func(e suite.Entry) bool { return e.Type == feature && e.Mark == mark }) {
			shown = append(shown, feature)
		}
	}
	return shown
}

func (u *featureTrial) denial(ctx context.Context) []string {
	r := u.get(ctx, suite.PollingQuery+"&deny="+u.mark)
	if r != nil && suite.Refuses(r) && strings.Contains(r.Body, u.mark) {
		return []string{suite.AllowRequest}
	}
	return nil
}

func (u *featureTrial) namespaces(ctx context.Context) (shown []string) {
	name := "/dynamic-" + u.mark
	socket, err := suite.Dial(ctx, u.target, u.recorder)
	if err != nil {
		return nil
	}
	p := probe(socket)
	defer p.Close()
	stop := context.AfterFunc(ctx, p.Break)
	defer stop()
	if _, err := p.next(ctx); err != nil {
		return nil
	}
	_ = p.Send(wire.Message{Data: "40" + name + "," + u.auth})
	for {
		packet, err := p.next(ctx)
		if err != nil || strings.HasPrefix(packet, "44") {
			return nil
		}
		if strings.HasPrefix(packet, "40"+name+",") {
			break
		}
	}
	shown = append(shown, suite.DynamicNamespaces)
	if u.recorded(ctx, func(e suite.Entry) bool { return e.Type == suite.NewNamespace && e.Name == name }) {
		shown = append(shown, suite.NewNamespace)
	}
	return shown
}

// emits asks the other instances a question. An answer shows that emits reach them. An emit that asks for no answer shows
// nothing: a server whose adapter has no such function may do nothing, without an error.
func (u *featureTrial) emits(ctx context.Context) []string {
	answer, err := u.observer.Command(ctx, "server_side_emit", map[string]any{"namespace": "/", "event": "whoami", "args": []any{}, "ack": true})
	var r struct {
		Thrown    *string
		Error     *string
		Responses []json.RawMessage
	}
	if err != nil || json.Unmarshal(answer, &r) != nil || r.Thrown != nil || r.Error != nil || len(r.Responses) == 0 {
		return nil
	}
	return []string{suite.ServerSideEmit, suite.ServerSideEmitAck}
}

// undeclaredWork says which undeclared features work, with one sentence for each target.
func undeclaredWork(c *suite.Capabilities) (sentences []string) {
	for i, t := range c.Targets {
		switch n := len(t.Works); {
		case n == 1:
			sentences = append(sentences, fmt.Sprintf("The feature %s of target %d works but is not declared: name it in the info of its application.", t.Works[0], i+1))
		case n > 1:
			sentences = append(sentences, fmt.Sprintf("The features %s of target %d work but are not declared: name them in the info of its application.", strings.Join(t.Works, ", "), i+1))
		}
	}
	return sentences
}
