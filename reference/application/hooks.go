package application

import (
	"errors"
	"net/http"

	"example.test/conformance/reference/engineio"
)

// allowRequest refuses a request that has the parameter deny, with its value as the message.
func allowRequest(r *http.Request) error {
	if query := r.URL.Query(); query.Has("deny") {
		return errors.New(query.Get("deny"))
	}
	return nil
}

func (i *instance) onConnectionError(e engineio.ConnectionError) {
	mark := markOf(e.Request)
	if mark == "" {
		return
	}
	fields := requestFields(mark, e.Request)
	fields["code"], fields["message"], fields["context"] = e.Code, e.Message, contextFields(e.Context)
	i.records.record("connection_error", fields)
}

func (i *instance) onInitialHeaders(header http.Header, r *http.Request) {
	header.Set("Test", "123")
	header.Add("Set-Cookie", "mycookie=456")
	if mark := markOf(r); mark != "" {
		header.Set("X-Initial", mark)
		i.records.record("initial_headers", requestFields(mark, r))
	}
}

func (i *instance) onHeaders(header http.Header, r *http.Request) {
	header.Set("Test", "789")
	if mark := markOf(r); mark != "" {
		header.Set("X-Each", mark)
		i.records.record("headers", requestFields(mark, r))
	}
}

// markOf gives what the client wants its records to be known by; a request without one is not recorded.
func markOf(r *http.Request) string { return r.URL.Query().Get("mark") }

func requestFields(mark string, r *http.Request) map[string]any {
	url := r.RequestURI
	if url == "" {
		url = r.URL.RequestURI()
	}
	return map[string]any{"mark": mark, "method": r.Method, "url": url}
}

// contextFields makes errors readable in JSON. It gives nil where there is no context.
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
