package redisadapter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	"example.test/conformance/reference"
	"example.test/conformance/reference/packet"
)

// serverSideEmit is the number of that request among the requests of the official adapter.
const serverSideEmit = 6

// message is a request or a response.
type message struct {
	uid    string
	id     []byte // JSON; nil where the message has none
	kind   reference.Value
	data   reference.Value
	filled bool // whether there is data
}

func encodeRequest(uid string, id []byte, values []reference.Value) ([]byte, error) {
	name, err := json.Marshal(uid)
	if err != nil {
		return nil, err
	}
	text := append([]byte(`{"uid":`), name...)
	if id != nil {
		text = append(append(text, `,"requestId":`...), id...)
	}
	text = fmt.Appendf(text, `,"type":%d,"data":`, serverSideEmit)
	text = append(text, packet.Array(values...).Text(buffer)...)
	return append(text, '}'), nil
}

func encodeResponse(id []byte, value reference.Value) []byte {
	text := fmt.Appendf(nil, `{"type":%d,"requestId":%s,"data":`, serverSideEmit, id)
	return append(append(text, value.Text(buffer)...), '}')
}

// buffer gives the JSON form of a Node Buffer, which is what the official adapter makes of binary.
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

// decodeRequest gives a serverSideEmit request; id is nil where no answer is asked for.
func decodeRequest(payload string) (uid string, id []byte, values []reference.Value, ok bool) {
	m, err := decode(payload)
	if err != nil || m.kind.String() != strconv.Itoa(serverSideEmit) || !m.filled {
		return "", nil, nil, false
	}
	values, err = m.data.Elements()
	return m.uid, m.id, values, err == nil && len(values) > 0
}

// decodeResponse gives a response, whatever type it claims. Missing data is null.
func decodeResponse(payload string) (id string, value reference.Value, ok bool) {
	m, err := decode(payload)
	return string(m.id), m.data, err == nil && m.id != nil
}

// decode reads JSON where the message begins with a brace, else msgpack.
func decode(payload string) (message, error) {
	if strings.HasPrefix(payload, "{") {
		return decodeJSON([]byte(payload))
	}
	return decodeMsgpack([]byte(payload))
}

func decodeJSON(payload []byte) (message, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil {
		return message{}, err
	}
	values := map[string]reference.Value{}
	for name, text := range fields {
		value, err := packet.Of(text)
		if err != nil {
			return message{}, err
		}
		values[name] = value
	}
	return newMessage(values), nil
}

func decodeMsgpack(payload []byte) (message, error) {
	decoder := msgpack.NewDecoder(bytes.NewReader(payload))
	fields, err := decoder.DecodeMap()
	if err != nil {
		return message{}, err
	}
	values := map[string]reference.Value{}
	for name, field := range fields {
		value, err := packet.Of(field)
		if err != nil {
			return message{}, err
		}
		values[name] = value
	}
	return newMessage(values), nil
}

func newMessage(fields map[string]reference.Value) message {
	m := message{kind: fields["type"]}
	fields["uid"].Decode(&m.uid)
	if id, ok := fields["requestId"]; ok {
		m.id = id.Text(buffer)
	}
	m.data, m.filled = fields["data"]
	return m
}
