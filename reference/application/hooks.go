package application

import (
	"errors"
	"net/http"

	"example.test/conformance/reference/engineio"
)

// allowRequest refuses a request that has the parameter deny, with its value as the message.
func (i *instance) allowRequest(r *http.Request) error {
	query := r.URL.Query()
	if !query.Has("deny") || !i.has(allowRequestHook) {
		return nil
	}
	message := query.Get("deny")
	if message == "" && !i.has(allowRequestDefault) {
		message = "refused"
	}
	return errors.New(message)
}

func (i *instance) onConnectionError(e engineio.ConnectionError) {
	mark := markOf(e.Request)
	if mark == "" || !i.has(connectionError) {
		return
	}
	fields := i.requestFields(mark, e.Request)
	fields["code"], fields["message"], fields["context"] = e.Code, e.Message, contextFields(e.Context)
	i.records.record("connection_error", fields)
}

func (i *instance) onInitialHeaders(header http.Header, r *http.Request) {
	if !i.has(initialHeaders) {
		return
	}
	header.Set("Test", "123")
	header.Add("Set-Cookie", "mycookie=456")
	if mark := markOf(r); mark != "" {
		header.Set("X-Initial", mark)
		i.records.record("initial_headers", i.requestFields(mark, r))
	}
}

func (i *instance) onHeaders(header http.Header, r *http.Request) {
	if !i.has(eachHeaders) {
		return
	}
	header.Set("Test", "789")
	if mark := markOf(r); mark != "" {
		header.Set("X-Each", mark)
		i.records.record("headers", i.requestFields(mark, r))
	}
}

// markOf returns the mark that identifies a request in the records. A request without one is not recorded.
func markOf(r *http.Request) string { return r.URL.Query().Get("mark") }

func (i *instance) requestFields(mark string, r *http.Request) map[string]any {
	if i.options.Parsed {
		query := map[string]string{} // as in APIs that keep one value of each name
		for name, values := range r.URL.Query() {
			query[name] = values[len(values)-1]
		}
		return map[string]any{"mark": mark, "method": r.Method, "query": query}
	}
	url := r.RequestURI
	if url == "" {
		url = r.URL.RequestURI()
	}
	return map[string]any{"mark": mark, "method": r.Method, "url": url}
}

// contextFields makes errors readable in JSON. It returns nil if there is no context.
func contextFields(context map[string]any) any {
	if context == nil {
		return nil
	}
	fields := make(map[string]any, len(context))
	for key, value := range context {
		if err, ok := value.(error); ok {
			value = map[string]any{"message": err.Error()}
		}
		fields[key] = value
	}
	return fields
}
