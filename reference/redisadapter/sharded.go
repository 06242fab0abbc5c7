package redisadapter

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	"example.test/conformance/reference"
)

// Types of messages among those of the official cluster adapters.
const (
	clusterServerSideEmit         = 9
	clusterServerSideEmitResponse = 10
)

// sharded is the format of the sharded adapter. A response goes only to the server that asked. The channel of a server's
// responses may also be the request channel of a namespace with a # in its name, so each message names its namespace.
var sharded = format{
	subscribe:   "ssubscribe",
	unsubscribe: "sunsubscribe",
	publish:     "SPUBLISH",
	count:       "SHARDNUMSUB",
	newID: func() string {
		var random [8]byte
		rand.Read(random[:])
		return hex.EncodeToString(random[:])
	},
	channels: func(prefix, namespace, uid string) channels {
		requests := prefix + "#" + namespace + "#"
		reply := func(uid string) string { return requests + uid + "#" }
		return channels{requests: requests, responses: []string{reply(uid)}, reply: reply}
	},
	encodeRequest:  func(m message) ([]byte, error) { return encodeSharded(clusterServerSideEmit, m) },
	encodeResponse: func(m message) ([]byte, error) { return encodeSharded(clusterServerSideEmitResponse, m) },
	decodeRequest: func(namespace, payload string) (message, bool) {
		m, err := decodeSharded(payload)
		return m, err == nil && m.kind.String() == strconv.Itoa(clusterServerSideEmit) && m.namespace == namespace && m.filled
	},
	decodeResponse: func(payload string) (message, bool) {
		m, err := decodeSharded(payload)
		return m, err == nil && m.kind.String() == strconv.Itoa(clusterServerSideEmitResponse) && m.id != nil
	},
}

// encodeSharded returns JSON, or msgpack if the data has attachments.
func encodeSharded(kind int, m message) ([]byte, error) {
	if len(m.data.Attachments()) > 0 {
		return packSharded(kind, m)
	}
	uid, err := json.Marshal(m.uid)
	if err != nil {
		return nil, err
	}
	namespace, err := json.Marshal(m.namespace)
	if err != nil {
		return nil, err
	}
	text := fmt.Appendf(nil, `{"type":%d,"data":{`, kind)
	if m.id != nil {
		text = fmt.Appendf(text, `"requestId":%s,`, m.id)
	}
	text = append(append(text, `"packet":`...), m.data.Text(buffer)...)
	return fmt.Appendf(text, `},"uid":%s,"nsp":%s}`, uid, namespace), nil
}

func packSharded(kind int, m message) ([]byte, error) {
	type data struct {
		ID     any `msgpack:"requestId,omitempty"`
		Packet any `msgpack:"packet"`
	}
	fields := struct {
		Type      int    `msgpack:"type"`
		Data      data   `msgpack:"data"`
		UID       string `msgpack:"uid"`
		Namespace string `msgpack:"nsp"`
	}{Type: kind, UID: m.uid, Namespace: m.namespace}
	if m.id != nil {
		if err := json.Unmarshal(m.id, &fields.Data.ID); err != nil {
			return nil, err
		}
	}
	var err error
	if fields.Data.Packet, err = native(m.data); err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	encoder := msgpack.NewEncoder(&packed)
	encoder.UseCompactInts(true)
	err = encoder.Encode(fields)
	return packed.Bytes(), err
}

// native converts a value to Go types, with attachments as []byte.
func native(v reference.Value) (any, error) {
	mark := rand.Text() // no string of the value contains it
	attachments := v.Attachments()
	n := -1
	decoder := json.NewDecoder(bytes.NewReader(v.Text(func([]byte) string {
		n++
		return fmt.Sprintf(`"%s%d"`, mark, n)
	})))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, err
	}
	var replace func(any) any
	replace = func(v any) any {
		switch v := v.(type) {
		case []any:
			for i := range v {
				v[i] = replace(v[i])
			}
		case map[string]any:
			for key := range v {
				v[key] = replace(v[key])
			}
		case string:
			if number, ok := strings.CutPrefix(v, mark); ok {
				n, _ := strconv.Atoi(number)
				return attachments[n]
			}
		case json.Number:
			if n, err := v.Int64(); err == nil {
				return n
			}
			n, _ := v.Float64()
			return n
		}
		return v
	}
	return replace(decoded), nil
}

func decodeSharded(payload string) (message, error) {
	fields, err := decode([]byte(payload))
	if err != nil {
		return message{}, err
	}
	data, ok := fields["data"].(map[string]any)
	if value, isJSON := fields["data"].(reference.Value); isJSON {
		var members map[string]reference.Value
		members, err = value.Members()
		data, ok = fieldsOf(members), err == nil
	}
	if !ok {
		return message{}, errors.New("a message without data")
	}
	delete(fields, "data")
	values, err := valuesOf(fields)
	if err != nil {
		return message{}, err
	}
	content, err := valuesOf(data)
	if err != nil {
		return message{}, err
	}
	m := message{kind: values["type"]}
	values["uid"].Decode(&m.uid)
	values["nsp"].Decode(&m.namespace)
	if id, ok := content["requestId"]; ok {
		m.id = id.Text(buffer)
	}
	m.data, m.filled = content["packet"]
	return m, nil
}
