package runner

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// declaring returns the info of an application that declares those features.
func declaring(features ...string) *suite.Info { return &suite.Info{Contract: 1, Features: features} }

func TestProfilesOweTheirFeatures(t *testing.T) {
	both := &suite.Case{ID: "headers/both", Since: "4.1", Needs: suite.Needs{Features: []string{suite.InitialHeaders, suite.Headers}}}
	for name, test := range map[string]struct {
		infos   []*suite.Info
		without []string
		want    suite.Outcome
		reason  string
	}{
		"declared":                   {[]*suite.Info{declaring(suite.InitialHeaders, suite.Headers)}, nil, "", ""},
		"not declared":               {[]*suite.Info{declaring(suite.InitialHeaders)}, nil, suite.Unverified, "the target does not declare the feature headers, which the profile 4.1.0 asks for: --without headers leaves it out by name"},
		"none declared":              {[]*suite.Info{declaring()}, nil, suite.Unverified, "features initial_headers, headers"},
		"not declared by one of two": {[]*suite.Info{declaring(suite.InitialHeaders, suite.Headers), declaring(suite.Headers)}, nil, suite.Unverified, "target 2 does not declare the feature initial_headers"},
		"taken out":                  {[]*suite.Info{declaring()}, []string{suite.Headers}, suite.Inapplicable, "the run leaves out headers (--without headers)"},
		"another one taken out":      {[]*suite.Info{declaring(suite.InitialHeaders)}, []string{suite.NewNamespace}, suite.Unverified, "headers"},
		"taken out though declared":  {[]*suite.Info{declaring(suite.InitialHeaders, suite.Headers)}, []string{suite.Headers}, suite.Inapplicable, "leaves out headers"},
	} {
		config := settings{Config: Config{Profile: suite.Profile410, Edition: suite.Latest, Without: test.without, Targets: make([]*wire.Target, len(test.infos))}}
		got, reason := applicable(both, config, &suite.Capabilities{Info: test.infos, Echo: true})
		if got != test.want || !strings.Contains(reason, test.reason) {
			t.Errorf("%s: got %q: %s", name, got, reason)
		}
	}
}

func TestWithoutIsNormal(t *testing.T) {
	for _, test := range []struct{ given, want []string }{
		{nil, nil},
		{[]string{suite.CORSAbility, suite.Headers, suite.CORSAbility}, []string{suite.Headers, suite.CORSAbility}},
		{[]string{suite.PollingTransport}, []string{suite.PollingTransport, suite.UpgradeAbility}},
		{[]string{suite.WebSocketTransport}, []string{suite.WebSocketTransport, suite.UpgradeAbility}},
	} {
		if got := normalWithout(test.given); !slices.Equal(got, test.want) {
			t.Errorf("%q became %q", test.given, got)
		}
	}
	for _, wrong := range [][]string{{"header"}, {suite.PollingTransport, suite.WebSocketTransport}} {
		if checkWithout(wrong) == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
}

func TestClaimedEditions(t *testing.T) {
	old := declaring()
	old.Edition = "4.1"
	c := &suite.Capabilities{Info: []*suite.Info{old}}
	if e := declaredEdition(c); e != "4.1" {
		t.Errorf("got the edition %s", e)
	}
	if said := claims(Config{Edition: suite.Latest}, c); len(said) != 1 || !strings.Contains(said[0], "claims edition 4.1; this run asks for edition 4.8") {
		t.Errorf("got the notices %q", said)
	}
	if said := claims(Config{Edition: "4.1"}, c); said != nil {
		t.Errorf("got the notices %q", said)
	}
}

func TestDistancesAreJudgedByTheTimers(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, test := range map[string]struct {
		polling, webSocket, timeout int
		connect                     float64
		far                         []string
	}{
		"near":                               {4, 1, 200, 1000, nil},
		"a link of 20 ms":                    {40, 20, 200, 1000, nil},
		"a link of 50 ms":                    {101, 50, 200, 1000, []string{suite.PollingTransport}},
		"a link of 300 ms":                   {600, 300, 200, 1000, []string{suite.PollingTransport, suite.WebSocketTransport}},
		"800 ms and timers of some seconds":  {1600, 800, 5000, 5000, nil},
		"too far for the connectTimeout":     {1200, 600, 5000, 1000, []string{suite.PollingTransport}},
		"no application to say of a timeout": {600, 300, 5000, 0, nil},
	} {
		f := found{open: &protocol.OpenPacket{PingInterval: ms(300), PingTimeout: ms(test.timeout)}, polling: ms(test.polling), webSocket: ms(test.webSocket)}
		if test.connect > 0 {
			f.info = &suite.Info{ConnectTimeout: test.connect}
		}
		far := tooFar(f)
		if len(far) != len(test.far) {
			t.Errorf("%s: %v", name, far)
		}
		for _, transport := range test.far {
			if far[transport] == "" {
				t.Errorf("%s: %v", name, far)
			}
		}
	}
}

func TestPatienceGrowsWithTheDistance(t *testing.T) {
	near := []suite.TargetResult{{RoundTrip: &result.RoundTrip{PollingMs: 4}}, {}}
	want := suite.DefaultTolerance
	want.Late += 8 * time.Millisecond
	if got := patient(suite.DefaultTolerance, near); got != want {
		t.Errorf("at a short distance, got %v", got)
	}
	want.Patience, want.Late = 8*time.Second, suite.DefaultTolerance.Late+3200*time.Millisecond
	if got := patient(suite.DefaultTolerance, []suite.TargetResult{{RoundTrip: &result.RoundTrip{PollingMs: 1600}}}); got != want {
		t.Errorf("at a long distance, got %v", got)
	}
}
