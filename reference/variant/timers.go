package variant

import (
	"time"

	"example.test/conformance/reference/application"
)

const anyLimit = "The document sets no limits for maxPayload."

func init() {
	register(
		timed("timers/alike", "has a pingInterval, a pingTimeout and a connectTimeout of one second each", time.Second, time.Second, time.Second),
		timed("timers/patient", "has a pingTimeout much longer than its pingInterval", 300*time.Millisecond, 3*time.Second, time.Second),
		timed("timers/pings-close-together", "pings every 150 ms", 150*time.Millisecond, 400*time.Millisecond, time.Second),
		timed("timers/connect-timeout-short", "gives a client 500 ms to join a namespace", 300*time.Millisecond, 300*time.Millisecond, 500*time.Millisecond),
		timed("timers/connect-timeout-long", "gives a client four seconds to join a namespace", 300*time.Millisecond, 300*time.Millisecond, 4*time.Second),
		Variant{
			Name: "timers/emit-timeout-short", Summary: "waits 400 ms for the acknowledgements of other servers",
			Permitted: "The announcement sets no limits for that time.",
			Apply:     func(o *application.Options) { o.ServerSideEmitTimeout = 400 * time.Millisecond },
		},
		Variant{
			Name: "timers/emit-timeout-long", Summary: "waits three seconds for the acknowledgements of other servers",
			Permitted: "The announcement sets no limits for that time.",
			Apply:     func(o *application.Options) { o.ServerSideEmitTimeout = 3 * time.Second },
		},
		Variant{
			Name: "timers/upgrade-timeout-short", Summary: "gives an upgrade two seconds",
			Permitted: "The document sets no time limit for an upgrade.",
			Apply:     func(o *application.Options) { o.UpgradeTimeout = 2 * time.Second },
		},
		limited("limits/payload-of-5000", "accepts payloads of 5000 bytes", 5000),
		limited("limits/payload-of-an-odd-number", "accepts payloads of 65537 bytes", 65537),
		limited("limits/payload-of-ten-million", "accepts payloads of ten million bytes", 10_000_000),
	)
}

func timed(name, summary string, interval, timeout, connect time.Duration) Variant {
	return Variant{
		Name: name, Summary: summary, Permitted: anyTimers,
		Apply: func(o *application.Options) {
			o.PingInterval, o.PingTimeout, o.ConnectTimeout = interval, timeout, connect
		},
	}
}

func limited(name, summary string, most int64) Variant {
	return Variant{Name: name, Summary: summary, Permitted: anyLimit, Apply: func(o *application.Options) { o.MaxPayload = most }}
}
