package redisadapter

import (
	"bytes"
	"encoding/json"

	"github.com/vmihailenco/msgpack/v5"

	"example.test/conformance/reference"
	"example.test/conformance/reference/packet"
)

// format is one of the wire formats: the commands of Redis, the channels and the messages on them.
type format struct {
	subscribe, unsubscribe string // as Redis names them in confirmations
	publish                string
	count                  string // the PUBSUB subcommand that counts who listens to a channel

	newID    func() string
	channels func(prefix, namespace, uid string) channels

	encodeRequest, encodeResponse func(message) ([]byte, error)
	decodeRequest                 func(namespace, payload string) (message, bool)
	decodeResponse                func(payload string) (message, bool)
}

// channels are those of one namespace on one server.
type channels struct {
	requests  string   // on which all servers receive requests
	responses []string // on which this server receives responses
	reply     func(uid string) string
}

// message is a request or a response.
type message struct {
	uid       string // of the server that sends it
	namespace string
	id        []byte // of the request, as JSON; nil if it asks for no response
	kind      reference.Value
	data      reference.Value
	filled    bool // whether there is data
}

// decode reads an object: JSON if the payload begins with a brace, otherwise msgpack. Pass its fields to [packet.Of].
func decode(payload []byte) (map[string]any, error) {
	if !bytes.HasPrefix(payload, []byte("{")) {
		return msgpack.NewDecoder(bytes.NewReader(payload)).DecodeMap()
	}
	value, err := packet.Of(json.RawMessage(payload))
	if err != nil {
		return nil, err
	}
	members, err := value.Members()
	return fieldsOf(members), err
}

func fieldsOf(members map[string]reference.Value) map[string]any {
	fields := make(map[string]any, len(members))
	for name, member := range members {
		fields[name] = member
	}
	return fields
}

func valuesOf(fields map[string]any) (map[string]reference.Value, error) {
	values := map[string]reference.Value{}
	for name, field := range fields {
		value, err := packet.Of(field)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}
