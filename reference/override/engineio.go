// Package override changes single methods of a server's rules: each function returns rules that act like the ones it gets,
// except that it changes the result or the arguments of the method of its name.
package override

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
)

// Engine returns an option that changes the rules of the Engine.IO servers.
func Engine(change func(*engineio.Rules)) func(*application.Options) {
	return func(o *application.Options) {
		o.Engine = o.Engine.WithDefaults()
		change(&o.Engine)
	}
}

// PingAfter changes when pings are due.
func PingAfter(rules engineio.HeartbeatRules, change func(time.Duration) time.Duration) engineio.HeartbeatRules {
	return pingAfter{rules, change}
}

type pingAfter struct {
	engineio.HeartbeatRules
	change func(time.Duration) time.Duration
}

func (o pingAfter) PingAfter(pingInterval time.Duration) time.Duration {
	return o.change(o.HeartbeatRules.PingAfter(pingInterval))
}

// PongWithin changes how long clients have for a pong.
func PongWithin(rules engineio.HeartbeatRules, change func(time.Duration) time.Duration) engineio.HeartbeatRules {
	return pongWithin{rules, change}
}

type pongWithin struct {
	engineio.HeartbeatRules
	change func(time.Duration) time.Duration
}

func (o pongWithin) PongWithin(pingTimeout time.Duration) time.Duration {
	return o.change(o.HeartbeatRules.PongWithin(pingTimeout))
}

// Ends decides whether a session ends on certain occasions.
func Ends(rules engineio.SessionRules, ends bool, on ...engineio.Occasion) engineio.SessionRules {
	all := map[engineio.Occasion]bool{}
	for _, o := range on {
		all[o] = true
	}
	return sessionEnds{rules, ends, all}
}

type sessionEnds struct {
	engineio.SessionRules
	ends bool
	on   map[engineio.Occasion]bool
}

func (o sessionEnds) Ends(s *engineio.Session, on engineio.Occasion) bool {
	if o.on[on] {
		return o.ends
	}
	return o.SessionRules.Ends(s, on)
}

// MaxPayload changes how many bytes a payload may have.
func MaxPayload(rules engineio.SessionRules, change func(int64) int64) engineio.SessionRules {
	return maxPayload{rules, change}
}

type maxPayload struct {
	engineio.SessionRules
	change func(int64) int64
}

func (o maxPayload) MaxPayload(told int64) int64 { return o.change(o.SessionRules.MaxPayload(told)) }

// Packets changes the packets that go out over a transport, or that came over one.
type Packets = func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet

// Outgoing changes the packets that go out.
func Outgoing(rules engineio.SessionRules, change Packets) engineio.SessionRules {
	return outgoing{rules, change}
}

type outgoing struct {
	engineio.SessionRules
	change Packets
}

func (o outgoing) Outgoing(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
	return o.change(s, transport, o.SessionRules.Outgoing(s, transport, packets))
}

// Incoming changes the packets that are acted on.
func Incoming(rules engineio.SessionRules, change Packets) engineio.SessionRules {
	return incoming{rules, change}
}

type incoming struct {
	engineio.SessionRules
	change Packets
}

func (o incoming) Incoming(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
	return o.change(s, transport, o.SessionRules.Incoming(s, transport, packets))
}

// Payload changes the bodies of answers to polls.
func Payload(rules engineio.EncodingRules, change func([]byte) []byte) engineio.EncodingRules {
	return payload{rules, change}
}

type payload struct {
	engineio.EncodingRules
	change func([]byte) []byte
}

func (o payload) Payload(packets []engineio.Packet) []byte {
	return o.change(o.EncodingRules.Payload(packets))
}

// Decode changes the text of what came over a transport before it is read.
func Decode(rules engineio.EncodingRules, change func(transport string, text []byte) []byte) engineio.EncodingRules {
	return decode{rules, change}
}

type decode struct {
	engineio.EncodingRules
	change func(string, []byte) []byte
}

func (o decode) Decode(transport string, text []byte) ([]engineio.Packet, error) {
	return o.EncodingRules.Decode(transport, o.change(transport, text))
}

// Tolerate accepts a text for which forgives is true as if all of it were packets.
func Tolerate(rules engineio.EncodingRules, forgives func(transport string, text []byte) bool) engineio.EncodingRules {
	return tolerate{rules, forgives}
}

type tolerate struct {
	engineio.EncodingRules
	forgives func(string, []byte) bool
}

func (o tolerate) Decode(transport string, text []byte) ([]engineio.Packet, error) {
	packets, err := o.EncodingRules.Decode(transport, text)
	if err != nil && o.forgives(transport, text) {
		err = nil
	}
	return packets, err
}

// Body changes the body of a POST before its bytes are counted.
func Body(rules engineio.PollingRules, change func(*http.Request, io.Reader) io.Reader) engineio.PollingRules {
	return body{rules, change}
}

type body struct {
	engineio.PollingRules
	change func(*http.Request, io.Reader) io.Reader
}

func (o body) Read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	changed := *r
	changed.Body = io.NopCloser(o.change(r, r.Body))
	return o.PollingRules.Read(w, &changed, limit)
}

// Size changes how the size of a POST's body is counted.
func Size(rules engineio.PollingRules, size func(body []byte) int64) engineio.PollingRules {
	return bodySize{rules, size}
}

type bodySize struct {
	engineio.PollingRules
	size func([]byte) int64
}

func (o bodySize) Read(_ http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err == nil && o.size(body) > limit {
		err = &http.MaxBytesError{Limit: limit}
	}
	return body, err
}

// Serves changes the path that a request is taken to ask for.
func Serves(rules engineio.RequestRules, change func(path string) string) engineio.RequestRules {
	return serves{rules, change}
}

type serves struct {
	engineio.RequestRules
	change func(string) string
}

func (o serves) Serves(path, root string) bool { return o.RequestRules.Serves(o.change(path), root) }

// Query changes the parameters of requests.
func Query(rules engineio.RequestRules, change func(*http.Request, url.Values)) engineio.RequestRules {
	return query{rules, change}
}

type query struct {
	engineio.RequestRules
	change func(*http.Request, url.Values)
}

func (o query) Query(r *http.Request) url.Values {
	q := o.RequestRules.Query(r)
	o.change(r, q)
	return q
}

// Verdict is the result of verifying a request: nil accepts it.
type Verdict = func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal

// Verify changes which requests are refused, and why. A refused request of a session that Verify accepts opens a new
// session.
func Verify(rules engineio.RequestRules, change Verdict) engineio.RequestRules {
	return verify{rules, change}
}

type verify struct {
	engineio.RequestRules
	change Verdict
}

func (o verify) Verify(c engineio.Check) (*engineio.Session, *engineio.Refusal) {
	session, refusal := o.RequestRules.Verify(c)
	return session, o.change(c.Request, c.Query, refusal)
}

// RefusalEnds decides which refused requests end the session that they name.
func RefusalEnds(rules engineio.RequestRules, ends func(*http.Request, *engineio.Refusal) bool) engineio.RequestRules {
	return refusalEnds{rules, ends}
}

type refusalEnds struct {
	engineio.RequestRules
	ends func(*http.Request, *engineio.Refusal) bool
}

func (o refusalEnds) RefusalEnds(r *http.Request, refusal *engineio.Refusal) bool {
	return o.ends(r, refusal)
}

// Raised replaces each connection error that is raised.
func Raised(rules engineio.ErrorRules, change func(engineio.ConnectionError) []engineio.ConnectionError) engineio.ErrorRules {
	return raised{rules, change}
}

type raised struct {
	engineio.ErrorRules
	change func(engineio.ConnectionError) []engineio.ConnectionError
}

func (o raised) Raised(on engineio.Occasion, e engineio.ConnectionError) []engineio.ConnectionError {
	var all []engineio.ConnectionError
	for _, e := range o.ErrorRules.Raised(on, e) {
		all = append(all, o.change(e)...)
	}
	return all
}

// SessionID changes the IDs of sessions.
func SessionID(rules engineio.HandshakeRules, change func(made string) string) engineio.HandshakeRules {
	return sessionID{rules, change}
}

type sessionID struct {
	engineio.HandshakeRules
	change func(string) string
}

func (o sessionID) SessionID(made string) string { return o.change(o.HandshakeRules.SessionID(made)) }

// OpenPacket replaces the open packet, given its text.
func OpenPacket(rules engineio.HandshakeRules, change func(s *engineio.Session, transport, text string) engineio.Packet) engineio.HandshakeRules {
	return openPacket{rules, change}
}

type openPacket struct {
	engineio.HandshakeRules
	change func(*engineio.Session, string, string) engineio.Packet
}

func (o openPacket) OpenPacket(s *engineio.Session, transport string, opening engineio.Opening) engineio.Packet {
	return o.change(s, transport, string(o.HandshakeRules.OpenPacket(s, transport, opening).Data))
}

// Hooks changes how often a hook is called on occasions that call any.
func Hooks(rules engineio.HeaderRules, hook engineio.Hook, times func(r *http.Request, on engineio.Occasion, usual int) int) engineio.HeaderRules {
	return hooks{rules, hook, times}
}

type hooks struct {
	engineio.HeaderRules
	hook  engineio.Hook
	times func(*http.Request, engineio.Occasion, int) int
}

func (o hooks) Hooks(r *http.Request, on engineio.Occasion) []engineio.Hook {
	usual := o.HeaderRules.Hooks(r, on)
	if len(usual) == 0 {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(usual), func(h engineio.Hook) bool { return h == o.hook })
	all := slices.Repeat([]engineio.Hook{o.hook}, o.times(r, on, len(usual)-len(others)))
	if o.hook == engineio.InitialHeaders {
		return append(all, others...)
	}
	return append(others, all...)
}

// Hooked changes the headers of a response after its hooks have been called.
func Hooked(rules engineio.HeaderRules, change func(*http.Request, engineio.Occasion, http.Header)) engineio.HeaderRules {
	return hooked{rules, change}
}

type hooked struct {
	engineio.HeaderRules
	change func(*http.Request, engineio.Occasion, http.Header)
}

func (o hooked) Hooked(r *http.Request, on engineio.Occasion, h http.Header) {
	o.HeaderRules.Hooked(r, on, h)
	o.change(r, on, h)
}

// Answer changes answers over plain HTTP before their length is set.
func Answer(rules engineio.HeaderRules, change func(*http.Request, *engineio.Answer)) engineio.HeaderRules {
	return answer{rules, change}
}

type answer struct {
	engineio.HeaderRules
	change func(*http.Request, *engineio.Answer)
}

func (o answer) Answer(r *http.Request, a *engineio.Answer) {
	o.HeaderRules.Answer(r, a)
	o.change(r, a)
}

// Length changes answers over plain HTTP after their length is set.
func Length(rules engineio.HeaderRules, change func(*http.Request, *engineio.Answer)) engineio.HeaderRules {
	return length{rules, change}
}

type length struct {
	engineio.HeaderRules
	change func(*http.Request, *engineio.Answer)
}

func (o length) Length(r *http.Request, a *engineio.Answer) {
	o.HeaderRules.Length(r, a)
	o.change(r, a)
}

// Preflight changes the headers of answers to preflight requests.
func Preflight(rules engineio.CORSRules, change func(*http.Request, http.Header)) engineio.CORSRules {
	return preflight{rules, change}
}

type preflight struct {
	engineio.CORSRules
	change func(*http.Request, http.Header)
}

func (o preflight) Preflight(r *http.Request, h http.Header) {
	o.CORSRules.Preflight(r, h)
	o.change(r, h)
}
