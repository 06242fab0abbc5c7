package doctor

import (
	"context"
	"fmt"
)

// anyOrigin is the origin of a page that no server knows.
const anyOrigin = "https://origin.example"

// allowsOrigins checks whether browsers let a page of another origin use polling: the origin that was given, or any.
func (e *examination) allowsOrigins(ctx context.Context) {
	origin, grade := anyOrigin, Note
	if e.options.Origin != "" {
		origin, grade = e.options.Origin, Problem
	}
	if origin == originOf(e.target) {
		e.fine("other origins", "%s is the server's own origin: its pages need no permission (CORS)", origin)
		return
	}
	r, _, err := e.do(ctx, "GET", handshake, "", [2]string{"Origin", origin})
	if err != nil {
		return
	}
	const advice = "Set cors: {origin: …} at the server if pages of other origins connect; clients with transports: [\"websocket\"] do not need it."
	allowed := r.Header.Get("Access-Control-Allow-Origin")
	switch {
	case allowed == "":
		e.say("other origins", grade, advice, "polling from a page of another origin is not allowed: the answer to Origin: %s has no Access-Control-Allow-Origin", origin)
		return
	case len(r.Header.Values("Access-Control-Allow-Origin")) > 1:
		e.say("other origins", Problem, "Let only the server or only the proxy set the CORS headers: browsers refuse two.", "Access-Control-Allow-Origin is set %d times", len(r.Header.Values("Access-Control-Allow-Origin")))
		return
	case allowed != "*" && allowed != origin:
		e.say("other origins", grade, advice, "only pages of %s may poll, not those of %s", first(allowed, 80), origin)
		return
	}
	says := fmt.Sprintf("pages of any origin may poll (Access-Control-Allow-Origin: %s)", allowed)
	if allowed == "*" || r.Header.Get("Access-Control-Allow-Credentials") != "true" { // browsers refuse cookies with "*"
		says += "; not with cookies"
	}
	if e.options.Origin != "" {
		says = fmt.Sprintf("pages of %s may poll (Access-Control-Allow-Origin: %s)", origin, allowed)
	}
	preflight, _, err := e.do(ctx, "OPTIONS", handshake, "", [2]string{"Origin", origin},
		[2]string{"Access-Control-Request-Method", "POST"}, [2]string{"Access-Control-Request-Headers", "x-token"})
	if err != nil || preflight.Status/100 != 2 || preflight.Header.Get("Access-Control-Allow-Origin") == "" {
		e.say("other origins", Note, "Let OPTIONS through to the server if clients set extraHeaders: browsers ask first.", "%s, but the preflight is answered with %s", says, inWords(preflight, err))
		return
	}
	e.fine("other origins", "%s", says)
}
