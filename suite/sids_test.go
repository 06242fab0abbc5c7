package suite

import (
	"fmt"
	"testing"

	"example.test/conformance/suite/protocol"
)

func TestSIDsWithControlCharactersAreRefused(t *testing.T) {
	packet := func(sid string) string {
		return fmt.Sprintf(`0{"sid":%s,"upgrades":[],"pingInterval":25000,"pingTimeout":20000}`, sid)
	}
	for _, sid := range []string{`"a\r\nGET / HTTP/1.1\r\n\r\n"`, `"a\u0000"`, `"\u007f"`, `"\u0085"`, "\"\xff\"", `""`, `7`} {
		if o, err := protocol.ParseOpen(packet(sid)); err == nil {
			t.Errorf("the sid %s must be refused, but was read as %q", sid, o.SID)
		}
	}
	for _, sid := range []string{`"a b&c=d#e%20+é/"`, `"<b>"`} {
		if _, err := protocol.ParseOpen(packet(sid)); err != nil {
			t.Errorf("the sid %s: %v", sid, err)
		}
	}
}
