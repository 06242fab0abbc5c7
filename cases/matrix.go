package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// The matrix covers what an application does with data: each exchange, with each form of data, in each kind of namespace,
// at each moment of a session. A server may be wrong in one cell and right in all others, so each cell is a case.

// cell is one cell of the matrix.
type cell struct {
	exchange exchange
	form     form
	space    space
	moment   moment
}

// exchange is what client and server send each other: an event and its echo, an event and its acknowledgement, or a
// question and the client's answer.
type exchange struct {
	slug, title string
	rule, named *Rule // the rules of the exchange in the main namespace, and in others
	binary      *Rule // the rule of the exchange with attachments
	needs       Needs
}

// form is a form of the data in an exchange.
type form struct {
	slug, title string
	data        func(n int) data
	rules       []*Rule
}

// space is a kind of namespace.
type space struct {
	slug, title string
	name        func(*T) string
	needs       []string
}

// moment is a moment of a session.
type moment struct {
	slug, title string
	rules       []*Rule
}

// data is one argument in JSON, with placeholders for its attachments. Objects have one key each, so that the attachments
// are in text order.
type data struct {
	json        string
	attachments []string
}

// rounds is how often a cell repeats its exchange: some servers are right only the first time.
const rounds = 3

var (
	exchanges = []exchange{
		{"events/matrix", "echoes events", eventArrivesUnchanged, eventsInNamespaces, attachmentsFollowPacket, echo},
		{"acks/matrix", "acknowledges events", ackKeepsID, ackNamesNamespace, binaryAckForAttachments, echo},
		{"acks/matrix-asked", "accepts the answers to its questions", serverAsksForAck, serverAsksForAck, clientAcksInBinary, asking},
	}
	forms = []form{
		{"plain", "that have no attachments", func(n int) data { return data{json: fmt.Sprintf(`[%d,{"é":[true,null]}]`, n)} }, nil},
		{"binary", "that have an attachment", func(n int) data { return data{placeholder(0), []string{fmt.Sprintf("\x00\xff%d", n)}} }, nil},
		{"nested", "that have several attachments at several depths", func(n int) data {
			return data{
				fmt.Sprintf(`[%s,{"deep":[%s,%d,[%s]]}]`, placeholder(0), placeholder(1), n, placeholder(2)),
				[]string{fmt.Sprintf("first\x00%d", n), fmt.Sprintf("\xfe%d", n), fmt.Sprintf("third %d", n)},
			}
		}, rules(placeholdersNest, severalAttachments)},
	}
	spaces = []space{
		{"main", "in the main namespace", func(*T) string { return "/" }, nil},
		{"custom", "in the namespace /custom", func(*T) string { return "/custom" }, nil},
		{"dynamic", "in a namespace created on demand", func(t *T) string { return "/dynamic-7_" + t.Mark() }, []string{DynamicNamespaces}},
	}
	moments = []moment{
		{"polling", "over polling", nil},
		{"websocket", "over WebSocket", nil},
		{"upgrading", "during the upgrade", rules(upgradeLosesNothing)},
		{"upgraded", "after the upgrade", rules(socketsOutliveUpgrade)},
	}
)

// byHand are the cells that other cases cover, with more values.
var byHand = []string{
	"events/matrix-plain-main", "events/matrix-plain-custom", "acks/matrix-plain-main", "acks/matrix-plain-custom", "acks/matrix-asked-plain-main",
}

var _ = Add(matrix()...)

// matrix makes a case of each cell that no other case covers.
func matrix() (all []Case) {
	for _, e := range exchanges {
		for _, f := range forms {
			for _, s := range spaces {
				for _, m := range moments {
					id := strings.Join([]string{e.slug, f.slug, s.slug}, "-")
					if slices.Contains(byHand, id) && (m.slug == "polling" || m.slug == "websocket") {
						continue
					}
					all = append(all, cell{e, f, s, m}.toCase(id+"-"+m.slug))
				}
			}
		}
	}
	return all
}

func (x cell) toCase(id string) Case {
	checked := rules(x.exchange.rule)
	if x.form.slug != "plain" {
		checked = rules(x.exchange.binary, x.exchange.rule)
	}
	if x.space.slug != "main" && x.exchange.named != x.exchange.rule {
		checked = append(checked, x.exchange.named)
	}
	return Case{
		ID: id, Level: Required, Rules: slices.Concat(checked, x.form.rules, x.moment.rules), Needs: x.exchange.needs.With(x.space.needs...),
		Title: strings.Join([]string{x.exchange.title, x.form.title, x.space.title, x.moment.title}, " ") + ", three times in a row",
		Run:   x.run,
	}
}

func (x cell) run(t *T) {
	name, transport := x.space.name(t), OverPolling
	if x.moment.slug == "websocket" {
		transport = OverWebSocket
	}
	c := &side{Client: t.Client(transport)}
	c.Connect(name)
	next := 0
	turn := func() {
		x.end(t, c, name, next, x.begin(t, c, name, next))
		next++
	}
	switch x.moment.slug {
	case "upgraded":
		c.WebSocket = c.Polling.Upgrade()
	case "upgrading":
		c.probing = c.Polling.Probe()
		turn() // the answers come by polls while the WebSocket probes, unless the server holds them back
		id := x.begin(t, c, name, next)
		c.complete()
		x.end(t, c, name, next, id) // the end of the second exchange comes over WebSocket
		next++
	}
	for next < rounds {
		turn()
	}
}

// side is the client of a cell. While its WebSocket probes, the server's packets come by polls. If the server holds them
// back, they come over the WebSocket when the upgrade is complete.
type side struct {
	*Client
	probing *WebSocket
}

func (c *side) Receive() *protocol.Packet {
	if c.probing != nil && !c.Polling.Brings() {
		c.complete()
	}
	return c.Client.Receive()
}

// complete completes the upgrade that is under way, if there is one.
func (c *side) complete() {
	if c.probing == nil {
		return
	}
	c.probing.Send("5")
	c.WebSocket, c.probing = c.probing, nil
}

// begin sends everything that the client sends in one exchange, and returns the ID of its acknowledgement.
func (x cell) begin(t *T, c *side, name string, n int) (id string) {
	d := x.form.data(n)
	switch x.exchange.slug {
	case "events/matrix":
		d.send(c.Client, protocol.Event, name, "", "message")
	case "acks/matrix":
		id = fmt.Sprint(n * 150) // 0 and numbers of three digits
		d.send(c.Client, protocol.Event, name, id, "message-with-ack")
	default:
		d.send(c.Client, protocol.Event, name, "", "ask")
		question := c.Receive()
		t.Expect(question.ID, "the ID of the question %s", question).NotTo(BeEmpty())
		d.match(t, question, protocol.Event, name, question.ID, "question")
		x.form.data(n+rounds).send(c.Client, protocol.Ack, name, question.ID)
	}
	return id
}

// end receives what the server sends at the end of the exchange.
func (x cell) end(t *T, c *side, name string, n int, id string) {
	switch x.exchange.slug {
	case "events/matrix":
		x.form.data(n).match(t, c.Receive(), protocol.Event, name, "", "message-back")
	case "acks/matrix":
		x.form.data(n).match(t, c.Receive(), protocol.Ack, name, id)
	default:
		x.form.data(n+rounds).match(t, c.Receive(), protocol.Event, name, "", "answer")
	}
}

// packet encodes an EVENT or an ACK with the data. It uses the binary type if there are attachments.
func (d data) packet(kind byte, namespace, id string, event ...string) string {
	head := "4" + string(kind)
	if len(d.attachments) > 0 {
		head = fmt.Sprintf("4%c%d-", kind+protocol.BinaryEvent-protocol.Event, len(d.attachments))
	}
	values := d.json
	for _, name := range event {
		values = fmt.Sprintf("%q,", name) + values
	}
	return head + Prefix(namespace) + id + "[" + values + "]"
}

func (d data) send(c *Client, kind byte, namespace, id string, event ...string) {
	c.Send(d.packet(kind, namespace, id, event...), d.attachments...)
}

// match compares a packet with the one expected for the data. The server may number its own attachments as it likes.
func (d data) match(t *T, p *protocol.Packet, kind byte, namespace, id string, event ...string) {
	t.Expect(arranged(p), "the packet").To(MatchPacket(d.packet(kind, namespace, id, event...), d.attachments...))
}

// arranged returns the packet with its attachments numbered in the order of their placeholders. If placeholders and
// attachments do not match, it returns the packet as it came.
func arranged(p *protocol.Packet) *protocol.Packet {
	decoder := json.NewDecoder(strings.NewReader(p.Data))
	decoder.UseNumber()
	var tree any
	if len(p.Attachments) < 2 || decoder.Decode(&tree) != nil {
		return p
	}
	var order []string
	valid := true
	walk(tree, func(placeholder map[string]any) {
		i, err := strconv.Atoi(fmt.Sprint(placeholder["num"]))
		if err != nil || i < 0 || i >= len(p.Attachments) {
			valid = false
			return
		}
		placeholder["num"] = json.Number(fmt.Sprint(len(order)))
		order = append(order, p.Attachments[i])
	})
	if !valid || len(order) != len(p.Attachments) {
		return p
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(tree) != nil {
		return p
	}
	same := *p
	same.Data = strings.TrimSpace(text.String())
	same.Raw, same.Attachments = strings.TrimSuffix(p.Raw, p.Data)+same.Data, order
	return &same
}

// walk calls f with each placeholder within a value, with array elements in order.
func walk(tree any, f func(map[string]any)) {
	switch v := tree.(type) {
	case []any:
		for _, element := range v {
			walk(element, f)
		}
	case map[string]any:
		if v["_placeholder"] == true {
			f(v)
			return
		}
		for _, element := range v {
			walk(element, f)
		}
	}
}
