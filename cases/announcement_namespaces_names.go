package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// A packet's namespace ends at the first comma (Socket.IO protocol, packet encoding): a name may contain every other
// character.

const (
	// punctuation has the other ASCII characters that are neither letters nor digits, except the question mark, which began
	// a query in older protocols.
	punctuation = " !\"#$%&'()*+-./:;<=>@[\\]^_`{|}~"
	// looksLikePackets looks like other parts of packets: types, numbers, JSON and a placeholder.
	looksLikePackets = `40{"sid":1}42["a"]51-7/b`
	everyScript      = "éßłжλ日本語한국어עבריתहिन्दी😀👩‍👩‍👧"
	control          = "\t\n\r\v\x00\x1b\x7f\u0085\u2028\u2029\ufeff"
)

// joinsAndEchoes creates a namespace, joins it over a transport, and checks that events belong to it.
func joinsAndEchoes(t *T, o *Observer, name string, transport Transport) {
	t.Expect(create(t, o, name), "the name of the created namespace").To(Equal(name))
	t.Expect(o.Due(1, named(name)), "the new_namespace events of %q", name).To(HaveLen(1))
	c := t.Client(transport)
	c.Join(name)
	c.Echoes(name)
}

var _ = Add(
	Case{
		ID: "namespaces/names-with-punctuation", Level: Recommended, Rules: rules(namesMayHaveAnyCharacter, namesReachToTheComma), Needs: created,
		Title: "accepts every ASCII character except the comma in a namespace's name, over either transport",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			joinsAndEchoes(t, o, base+"a"+punctuation, OverWebSocket)
			joinsAndEchoes(t, o, base+"b"+punctuation, OverPolling)
			joinsAndEchoes(t, o, base+"%41%2f%25%C3%A9+", OverWebSocket)
		},
	},
	Case{
		ID: "namespaces/names-with-a-question-mark", Level: Recommended, Rules: rules(namesMayHaveAnyCharacter, namesReachToTheComma), Needs: created,
		Title: "treats a question mark and what follows it as part of the namespace's name",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			joinsAndEchoes(t, o, base+"?", OverWebSocket)
			joinsAndEchoes(t, o, base+"?a=1&b=%20", OverPolling)
		},
	},
	Case{
		ID: "namespaces/names-that-look-like-packets", Level: Required, Rules: rules(namesReachToTheComma), Needs: created,
		Title: "treats text that looks like the rest of a packet as part of the namespace's name",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			joinsAndEchoes(t, o, base+looksLikePackets, OverWebSocket)
			joinsAndEchoes(t, o, "/7["+base, OverPolling)
		},
	},
	Case{
		ID: "namespaces/names-in-every-script", Level: Required, Rules: rules(namesReachToTheComma), Needs: created,
		Title: "accepts characters of every script in a namespace's name, over either transport",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			joinsAndEchoes(t, o, base+everyScript, OverWebSocket)
			joinsAndEchoes(t, o, base+everyScript+"2", OverPolling)
		},
	},
	Case{
		ID: "namespaces/names-are-not-normalised", Level: Required, Rules: rules(namesAreKept, namesReachToTheComma), Needs: created,
		Title: "distinguishes names that look the same: with a composed and with a decomposed character",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			joinsAndEchoes(t, o, base+"\u00e9", OverWebSocket)
			joinsAndEchoes(t, o, base+"e\u0301", OverWebSocket)
			t.Expect(o.Due(1, named(base+"\u00e9")), "the new_namespace events of the composed name").To(HaveLen(1))
		},
	},
	Case{
		ID: "namespaces/names-with-control-characters", Level: Recommended, Rules: rules(namesMayHaveAnyCharacter, namesReachToTheComma), Needs: created,
		Title: "accepts control characters in a namespace's name",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			joinsAndEchoes(t, o, base+control+"x", OverWebSocket)
			joinsAndEchoes(t, o, base+"\n", OverWebSocket)
		},
	},
	Case{
		ID: "namespaces/names-with-slashes", Level: Recommended, Rules: rules(namesAreKept, namesReachToTheComma), Needs: created,
		Title: "keeps slashes and dots in a namespace's name as they are",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			for _, name := range []string{base, base + "/", base + "//", base + "/..", base + "/./x", "/" + base} {
				joinsAndEchoes(t, o, name, OverWebSocket)
			}
		},
	},
	Case{
		ID: "namespaces/long-names", Level: Recommended, Rules: rules(namesMayBeLong), Needs: created,
		Title: "accepts a namespace's name of four thousand characters, or of nearly maxPayload",
		Run: func(t *T) {
			o, name := t.Observe(0), "/"+t.Mark()+strings.Repeat("x", fitting(t, 4000))
			joinsAndEchoes(t, o, name+"1", OverWebSocket)
			joinsAndEchoes(t, o, name+"2", OverPolling)
		},
	},
	Case{
		ID: "namespaces/refusal-repeats-the-name", Level: Required, Rules: rules(namesReachToTheComma, otherNamespacesAreRefused), Needs: dynamic,
		Title: "repeats the name as the client wrote it when it refuses a namespace",
		Run: func(t *T) {
			o, base := t.Observe(0), "/"+t.Mark()
			w := t.Connected().WebSocket
			for _, name := range []string{base + punctuation, base + looksLikePackets, base + everyScript, "/" + base, base + "%20%2c%41"} {
				w.Send("40" + name + ",")
				t.Expect(w.Receive(), "the answer to the CONNECT").To(MatchPacket(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name)))
				t.Expect(o.Entries(named(name)), "the new_namespace events of %q", name).To(BeEmpty())
			}
		},
	},
	Case{
		ID: "namespaces/refusal-repeats-a-question-mark", Level: Recommended, Rules: rules(namesReachToTheComma, otherNamespacesAreRefused), Needs: dynamic,
		Title: "repeats a question mark and what follows it when it refuses a namespace",
		Run: func(t *T) {
			w, base := t.Connected().WebSocket, "/"+t.Mark()
			for _, name := range []string{base + "?", base + "?a=1", base + "#?b"} {
				w.Send("40" + name + ",")
				t.Expect(w.Receive(), "the answer to the CONNECT").To(MatchPacket(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name)))
			}
		},
	},
	Case{
		ID: "namespaces/look-alikes-are-refused", Level: Required, Rules: rules(nothingNewRaisesNoEvent, otherNamespacesAreRefused), Needs: dynamic,
		Title: "refuses names that are almost the ones that it serves, and raises no new_namespace",
		Run: func(t *T) {
			o, w, word := t.Observe(0), t.Connected().WebSocket, t.Mark()
			for _, name := range []string{
				"/custom2", "/custom/", "/Custom", "/custom ", "/custo", "//custom", "/custom#a", "/conformance/", "/conformance2",
				"/dynamic", "/dynamic" + word, "/dynamic_" + word, "/Dynamic-" + word, "/dynamic-" + word + "/", "/dynamic-" + word + "/x",
				"/dynamic- " + word, "/dynamic-" + word + "#", "//dynamic-" + word,
			} {
				w.Send("40" + name + ",")
				t.Expect(w.Receive(), "the answer to the CONNECT").To(MatchPacket(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name)))
				t.Expect(o.Entries(named(name)), "the new_namespace events of %q", name).To(BeEmpty())
			}
		},
	},
	Case{
		ID: "namespaces/dynamic-look-alikes-are-apart", Level: Required, Rules: rules(namesAreKept), Needs: dynamic,
		Title: "keeps apart dynamic namespaces whose names have the same beginning",
		Run: func(t *T) {
			o, base := t.Observe(0), "/dynamic-"+t.Mark()
			c := t.Client(OverWebSocket)
			names := []string{base, base + "2", base + "A", base + "a", base + "_", base + "__"}
			for _, name := range names {
				c.Join(name)
				t.Expect(o.Due(1, named(name)), "the new_namespace events of %s", name).To(HaveLen(1))
			}
			for _, name := range names {
				c.Echoes(name)
			}
			for _, name := range names {
				t.Expect(o.Due(1, OfType("connection"), func(e Entry) bool { return e.Namespace == name }), "the connections to %s", name).To(HaveLen(1))
			}
		},
	},
	Case{
		ID: "namespaces/any-word-is-dynamic", Level: Required, Rules: rules(dynamicCreationRaisesEvent, dynamicNamespaces), Needs: dynamic,
		Title: "creates a dynamic namespace for every word of letters, digits and underscores",
		Run: func(t *T) {
			o, word := t.Observe(0), t.Mark()
			for _, name := range []string{"/dynamic-" + word, "/dynamic-" + strings.ToUpper(word), "/dynamic-_" + word, "/dynamic-0" + word, "/dynamic-" + word + "_"} {
				t.Client(OverWebSocket).Join(name)
				t.Expect(o.Due(1, named(name)), "the new_namespace events of %s", name).To(HaveLen(1))
			}
		},
	},
)
