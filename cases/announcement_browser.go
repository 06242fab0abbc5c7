package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// The client's part of the announcement is checked in Chromium, with the bundle that the target serves or the user names.
// The cases look at the page, at the wire between page and server, and at the server's records if it runs the conformance
// application.
var inBrowser = Needs{Browser: true, Echo: true}

// pageTransports are the options that make a page's client use a certain transport.
var pageTransports = map[Transport]string{OverPolling: `transports: ["polling"]`, OverWebSocket: `transports: ["websocket"]`}

// overTransport ends the ID of a case that is about one transport.
var overTransport = map[Transport]string{OverPolling: "over-polling", OverWebSocket: "over-websocket", AfterUpgrade: "after-upgrade"}

// closings counts the disconnect records of the page's socket, if the target makes records.
func closings(t *T, o *Observer, p *Page) int {
	if o == nil {
		return 0
	}
	return len(o.Entries(OfType("disconnect"), func(e Entry) bool { return e.SID == p.ID }))
}

// recorded returns the target's observer, or nil if the target does not run the conformance application.
func recorded(t *T) *Observer {
	if t.Info(0) == nil {
		return nil
	}
	return t.Observe(0)
}

// closesSilently checks that the server sees the end at once, and the page nothing until the heartbeat's deadline.
func closesSilently(t *T, o *Observer, p *Page) {
	t.Expect(p.AwaitEnd(), "the side that ended the connection when the browser asked the page").OfTimer().To(Equal("client"))
	if o != nil {
		o.Await(1, OfType("disconnect"), func(e Entry) bool { return e.SID == p.ID })
	}
	reason := p.Disconnected(HeartbeatDeadline(t.Timings()) + t.Tolerance().Late)
	t.Expect(reason, "the reason of the page's disconnect event, which only the missing heartbeat may raise").To(Or(BeEmpty(), Equal("ping timeout")))
}

// survives checks that the same connection goes on, and that neither side saw an end.
func survives(t *T, o *Observer, p *Page) {
	p.Echoes()
	t.Expect(p.EndedBy(), "the side that ended the connection").OfTimer().To(BeEmpty())
	t.Expect(p.Events("disconnect"), "the page's disconnect events").OfTimer().To(BeEmpty())
	t.Expect(closings(t, o, p), "the number of the server's disconnect records of the page").OfTimer().To(BeZero())
}

func connectsFromPage(transport Transport) Case {
	return Case{
		ID: "browser/connects-" + overTransport[transport], Level: Required, Rules: rules(servesTheClientInAPage), Needs: inBrowser,
		Title: "serves a client that connects from a page and gets an echo, over " + string(transport),
		Run: func(t *T) {
			t.InPage(fmt.Sprintf("{%s}", pageTransports[transport]), func(p *Page) {
				if transport == AfterUpgrade {
					p.Await("upgrade", `"websocket"`)
				} else {
					p.Await("connect", fmt.Sprintf("%q", p.ID), fmt.Sprintf("%q", strings.ToLower(string(transport))))
				}
				p.Echoes()
			})
		},
	}
}

func closesAtPrompt(transport Transport) Case {
	return Case{
		ID: "browser/closes-at-the-prompt-" + overTransport[transport], Level: Required, Rules: rules(closesSilentlyAtThePrompt), Needs: inBrowser, Waits: HeartbeatDeadline,
		Title: "serves a client that, with closeOnBeforeunload, closes silently although the user stays, over " + string(transport),
		Run: func(t *T) {
			t.InPage(fmt.Sprintf("{closeOnBeforeunload: true, %s}", pageTransports[transport]), func(p *Page) {
				o := recorded(t)
				p.Echoes()
				p.Stay()
				closesSilently(t, o, p)
			})
		},
	}
}

func survivesPrompt(transport Transport) Case {
	return Case{
		ID: "browser/survives-the-prompt-" + overTransport[transport], Level: Required, Rules: rules(survivesThePrompt), Needs: inBrowser,
		Title: "serves a client that, without closeOnBeforeunload, stays connected if the user stays, over " + string(transport),
		Run: func(t *T) {
			t.InPage(fmt.Sprintf("{closeOnBeforeunload: false, %s}", pageTransports[transport]), func(p *Page) {
				o := recorded(t)
				p.Echoes()
				p.Stay()
				survives(t, o, p)
				p.Stay() // a second prompt changes nothing
				survives(t, o, p)
			})
		},
	}
}

var _ = Add(
	Case{
		ID: "browser/client-served", Level: Recommended, Rules: rules(bundleIsServed), Needs: Needs{Browser: true},
		Title: "serves its client bundle as JavaScript",
		Run: func(t *T) {
			bundle, served := t.ClientBundle()
			if !served {
				t.Inapplicable("the client was given with --client: %s", bundle.Source)
			}
			r := t.GET(bundle.Source)
			t.Expect(r.Status, "the status of %s", bundle.Source).To(Equal(200))
			t.Expect(strings.ToLower(r.Header.Get("Content-Type")), "its content type").To(MatchRegexp(`^(application|text)/(x-)?(java|ecma)script *(;|$)`))
		},
	},
	connectsFromPage(OverPolling),
	connectsFromPage(OverWebSocket),
	connectsFromPage(AfterUpgrade),
	closesAtPrompt(OverPolling),
	closesAtPrompt(OverWebSocket),
	survivesPrompt(OverPolling),
	survivesPrompt(OverWebSocket),
	Case{
		ID: "browser/reload-is-silent", Level: Required, Rules: rules(closesSilentlyAtThePrompt), Needs: inBrowser,
		Title: "serves a client that, with closeOnBeforeunload, ends the connection on a reload without a disconnect event",
		Run: func(t *T) {
			t.InPage(`{closeOnBeforeunload: true, transports: ["websocket"]}`, func(p *Page) {
				o := recorded(t)
				p.Echoes()
				p.Reload()
				t.Expect(p.AwaitEnd(), "the side that ended the connection").OfTimer().To(Equal("client"))
				t.Expect(p.Events("disconnect"), "the page's disconnect events").OfTimer().To(BeEmpty())
				if o != nil {
					o.Await(1, OfType("disconnect"), func(e Entry) bool { return e.SID == p.ID })
				}
			})
		},
	},
	Case{
		ID: "browser/default-of-the-version", Level: Observed, Rules: rules(defaultOfTheClientsVersion), Needs: inBrowser, Waits: HeartbeatDeadline,
		Title: "serves a client whose closeOnBeforeunload is on by default up to version 4.7.0, and off from 4.7.1 on",
		Run: func(t *T) {
			bundle, _ := t.ClientBundle()
			v, ok := bundle.Version()
			if !ok {
				t.Inapplicable("the client %s names no version in its banner", bundle.Source)
			}
			closes := v[1] < 7 || v[1] == 7 && v[2] < 1
			if v[0] > 4 {
				closes = false
			}
			t.Answer("version %d.%d.%d, closeOnBeforeunload must be %t by default", v[0], v[1], v[2], closes)
			t.InPage(`{transports: ["websocket"]}`, func(p *Page) {
				o := recorded(t)
				p.Echoes()
				p.Stay()
				if closes {
					closesSilently(t, o, p)
				} else {
					survives(t, o, p)
				}
			})
		},
	},
)
