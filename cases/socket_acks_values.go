package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// questions is how many questions a client leaves unanswered: more than a byte counts.
const questions = 300

var _ = Add(
	Case{
		ID: "acks/one-value-of-every-kind", Level: Required, Source: socketAcks, Needs: echo,
		Faults: []string{"acks/sole-array-spread", "acks/sole-empty-value-dropped"},
		Title:  "acknowledges with a single value as one, whatever its kind",
		Run: func(t *T) {
			c := t.Connected()
			for i, value := range single {
				c.Send(fmt.Sprintf(`42%d["message-with-ack",%s]`, i, value))
				c.Expect(fmt.Sprintf(`43%d[%s]`, i, value))
			}
		},
	},
	Case{
		ID: "acks/one-value-of-the-client", Level: Required, Source: socketAcks, Needs: application,
		Faults: []string{"acks/answers-sole-array-spread"},
		Title:  "hands the single value of a client's acknowledgement to the application as one, whatever its kind",
		Run: func(t *T) {
			c := t.Connected()
			for _, value := range single {
				id := question(t, c, "/", `["q"]`)
				c.Send(fmt.Sprintf(`43%s[%s]`, id, value))
				c.Expect(`42["answer",` + value + `]`)
			}
		},
	},
	Case{
		ID: "acks/id-zero-with-attachments", Level: Required, Source: socketAcks, Needs: echo,
		Faults: []string{"acks/binary-id-zero-missing"},
		Title:  "takes 0 for an ID in packets with attachments, and in other namespaces, too",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			for _, prefix := range []string{"", "/custom,"} {
				c.Send(`451-`+prefix+`0["message-with-ack",`+hole(0)+`]`, "\x01")
				c.Expect(`461-`+prefix+`0[`+hole(0)+`]`, "\x01")
				c.Send(`42` + prefix + `0["message-with-ack"]`)
				c.Expect(`43` + prefix + `0[]`)
			}
		},
	},
	Case{
		ID: "acks/id-used-again", Level: Required, Source: socketAcks, Needs: echo,
		Faults: []string{"acks/id-used-again-unanswered"},
		Title:  "acknowledges an EVENT whose ID another one had that was acknowledged before",
		Run: func(t *T) {
			c := t.Connected()
			for i := range 3 {
				c.Send(fmt.Sprintf(`427["message-with-ack",%d]`, i))
				c.Expect(fmt.Sprintf(`437[%d]`, i))
			}
		},
	},
	Case{
		ID: "acks/many-unanswered-questions", Level: Required, Source: socketAcks, Needs: application,
		Faults: []string{"acks/asked-with-ids-of-a-byte", "acks/questions-forgotten"},
		Title:  fmt.Sprintf("keeps %d questions apart that a client has not answered yet, and takes the answers in any order", questions),
		Run: func(t *T) {
			c := t.Connected()
			for i := range questions {
				c.Send(fmt.Sprintf(`42["ask",%d]`, i))
			}
			ids, seen := make([]string, questions), map[string]bool{}
			for range questions {
				p := c.Receive()
				t.Expect(p.Type).To(Equal(byte(Event)), "the type of %s", p)
				t.Expect(p.ID).NotTo(BeEmpty(), "the ID of the question %s", p)
				t.Expect(seen[p.ID]).To(BeFalse(), "whether the ID of the question %s is that of another one, too", p)
				seen[p.ID] = true
				var i int
				_, err := fmt.Sscanf(strings.ReplaceAll(p.Data, " ", ""), `["question",%d]`, &i)
				t.Expect(err).NotTo(HaveOccurred(), "the question %s", p)
				t.Expect(i).To(And(BeNumerically(">=", 0), BeNumerically("<", questions)), "the number of the question %s", p)
				ids[i] = p.ID
			}
			for i := questions - 1; i >= 0; i-- {
				c.Send(fmt.Sprintf(`43%s["to",%d]`, ids[i], i))
				c.Expect(fmt.Sprintf(`42["answer","to",%d]`, i))
			}
		},
	},
	Case{
		// The first ID of a namespace may be 0, which is taken for none easily.
		ID: "acks/first-question-of-a-namespace", Level: Required, Source: socketAcks, Needs: Needs{Features: []string{DynamicNamespaces}},
		Faults: []string{"acks/answers-to-id-zero-lost"},
		Title:  "hears the answer to the first question of a namespace, whatever its ID",
		Run: func(t *T) {
			c, name := t.Client(OverWebSocket), "/dynamic-"+t.Mark()
			c.Connect(name)
			id := question(t, c, name, `["q"]`)
			c.Send(fmt.Sprintf(`43%s%s["yes"]`, Prefix(name), id))
			c.Expect(`42` + Prefix(name) + `["answer","yes"]`)
		},
	},
	Case{
		ID: "acks/answer-after-coming-again", Level: Recommended, Source: socketAcks, Needs: application,
		Faults: []string{"acks/questions-outlive-the-socket"},
		Title:  "ignores an acknowledgement of what it has asked the client before that left the namespace and joined it again",
		Run: func(t *T) {
			c := t.Connected()
			id := question(t, c, "/", `["q"]`)
			c.Send("41")
			c.WebSocket.StaysOpen() // the server has acted on the packet
			c.Connect("/")
			c.Send(fmt.Sprintf(`43%s["late"]`, id))
			c.Echoes("/")
		},
	},
	Case{
		ID: "acks/answered-after-the-upgrade", Level: Required, Source: socketSample, Needs: application,
		Faults: []string{"acks/questions-forgotten-at-the-upgrade"},
		Title:  "hears the answer over WebSocket to what it has asked over polling",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			id := question(t, c, "/", `["q"]`)
			c.WebSocket = c.Polling.Upgrade()
			c.Send(fmt.Sprintf(`43%s["yes"]`, id))
			c.Expect(`42["answer","yes"]`)
		},
	},
	Case{
		ID: "acks/in-order-with-events", Level: Recommended, Source: socketAcks, Needs: echo,
		Faults: []string{"acks/overtaken-by-events"},
		Title:  "sends acknowledgements and events in the order in which the application makes them",
		Run: func(t *T) {
			c := t.Connected()
			for i := range 20 {
				c.Send(fmt.Sprintf(`42%d["message-with-ack",%d]`, i, i))
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
			}
			for i := range 20 {
				c.Expect(fmt.Sprintf(`43%d[%d]`, i, i))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
			}
		},
	},
	Case{
		ID: "acks/asked-in-binary-in-a-namespace", Level: Required, Source: socketAcks, Needs: application,
		Faults: []string{"acks/binary-questions-without-id-in-custom-namespaces"},
		Title:  "asks with attachments for an acknowledgement in a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`451-/custom,["ask",`+hole(0)+`]`, "\x07")
			p := c.Receive()
			t.Expect(p.ID).NotTo(BeEmpty(), "the ID of the question %s", p)
			t.Expect(p).To(MatchPacket(`451-/custom,`+p.ID+`["question",`+hole(0)+`]`, "\x07"))
			c.Send(`461-/custom,`+p.ID+`[`+hole(0)+`]`, "\x08")
			c.Expect(`451-/custom,["answer",`+hole(0)+`]`, "\x08")
		},
	},
)
