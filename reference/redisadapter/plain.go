package redisadapter

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// serverSideEmit is the number of that request among the requests of the official adapter.
const serverSideEmit = 6

// plain is the format of the official adapter that is not sharded. All servers hear all responses.
var plain = format{
	subscribe:   "subscribe",
	unsubscribe: "unsubscribe",
	publish:     "PUBLISH",
	count:       "NUMSUB",
	newID: func() string {
		var random [6]byte
		rand.Read(random[:])
		return base64.RawURLEncoding.EncodeToString(random[:])[:6]
	},
	channels: func(prefix, namespace, uid string) channels {
		responses := prefix + "-response#" + namespace + "#"
		return channels{
			requests:  prefix + "-request#" + namespace + "#",
			responses: []string{responses, responses + uid + "#"},
			reply:     func(string) string { return responses },
		}
	},
	encodeRequest:  encodePlainRequest,
	encodeResponse: encodePlainResponse,
	decodeRequest: func(_, payload string) (message, bool) {
		m, err := decodePlain(payload)
		return m, err == nil && m.kind.String() == strconv.Itoa(serverSideEmit) && m.filled
	},
	// The type of a response is not checked, as in the official adapter. Missing data is null.
	decodeResponse: func(payload string) (message, bool) {
		m, err := decodePlain(payload)
		return m, err == nil && m.id != nil
	},
}

func encodePlainRequest(m message) ([]byte, error) {
	name, err := json.Marshal(m.uid)
	if err != nil {
		return nil, err
	}
	text := append([]byte(`{"uid":`), name...)
	if m.id != nil {
		text = append(append(text, `,"requestId":`...), m.id...)
	}
	text = fmt.Appendf(text, `,"type":%d,"data":`, serverSideEmit)
	text = append(text, m.data.Text(buffer)...)
	return append(text, '}'), nil
}

func encodePlainResponse(m message) ([]byte, error) {
	text := fmt.Appendf(nil, `{"type":%d,"requestId":%s,"data":`, serverSideEmit, m.id)
	return append(append(text, m.data.Text(buffer)...), '}'), nil
}

// buffer returns the JSON form of a Node Buffer, as the official adapter sends binary data.
func buffer(data []byte) string {
	var text strings.Builder
	text.WriteString(`{"type":"Buffer","data":[`)
	for i, b := range data {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(strconv.Itoa(int(b)))
	}
	text.WriteString(`]}`)
	return text.String()
}

func decodePlain(payload string) (message, error) {
	fields, err := decode([]byte(payload))
	if err != nil {
		return message{}, err
	}
	values, err := valuesOf(fields)
	if err != nil {
		return message{}, err
	}
	m := message{kind: values["type"]}
	values["uid"].Decode(&m.uid)
	if id, ok := values["requestId"]; ok {
		m.id = id.Text(buffer)
	}
	m.data, m.filled = values["data"]
	return m, nil
}
