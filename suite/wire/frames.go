package wire

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
)

// Opcode is the opcode of a WebSocket frame (RFC 6455, section 5.2).
type Opcode byte

const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xa
)

var opcodes = map[Opcode]string{Continuation: "continuation", Text: "text", Binary: "binary", Close: "close", Ping: "ping", Pong: "pong"}

func (o Opcode) String() string {
	if name := opcodes[o]; name != "" {
		return name
	}
	return fmt.Sprintf("opcode %d", byte(o))
}

// MarshalText writes the opcode's name.
func (o Opcode) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the opcode's name.
func (o *Opcode) UnmarshalText(name []byte) error {
	for one, its := range opcodes {
		if its == string(name) {
			*o = one
			return nil
		}
	}
	return fmt.Errorf("%q is not an opcode", name)
}

// Control reports whether frames of the opcode are control frames.
func (o Opcode) Control() bool { return o >= Close }

func (o Opcode) known() bool { return o <= Binary || o >= Close && o <= Pong }

// Frame encodes a masked frame, as a client must send it (RFC 6455, section 5.3).
func Frame(opcode Opcode, final bool, payload []byte) []byte {
	first := byte(opcode)
	if final {
		first |= 0x80
	}
	frame := []byte{first}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	var mask [4]byte
	_, _ = rand.Read(mask[:])
	frame = append(frame, mask[:]...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%4])
	}
	return frame
}
