package application

import "net/http"

// clientPath is where browsers expect the client bundle.
const clientPath = "/socket.io/socket.io.js"

// withClient serves the client bundle, if there is one, and passes other requests to next.
func (i *instance) withClient(next http.Handler) http.Handler {
	bundle := i.options.Client
	if len(bundle) == 0 {
		return next
	}
	bundle = i.options.App.Serving.Client(bundle)
	kind := i.options.App.Serving.ClientType()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != clientPath || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(bundle)
	})
}
