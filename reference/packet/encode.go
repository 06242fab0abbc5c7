package packet

import "strconv"

// Encode returns the packet's text, without the Engine.IO packet type, and its attachments, which must be sent in order as
// binary messages right after the text. The format is that of
// https://socket.io/docs/v4/socket-io-protocol/#packet-encoding.
func Encode(p *Packet) (text []byte, attachments [][]byte) {
	payload := payload(p)
	attachments = payload.Attachments()
	kind := p.Type
	if len(attachments) > 0 {
		switch kind {
		case Event:
			kind = BinaryEvent
		case Ack:
			kind = BinaryAck
		}
	}
	text = make([]byte, 0, len(payload.text)+len(p.Namespace)+16)
	text = append(text, '0'+byte(kind))
	if kind == BinaryEvent || kind == BinaryAck {
		text = strconv.AppendInt(text, int64(len(attachments)), 10)
		text = append(text, '-')
	}
	if p.Namespace != "/" && p.Namespace != "" {
		text = append(text, p.Namespace...)
		text = append(text, ',')
	}
	if p.ID != nil {
		text = strconv.AppendUint(text, *p.ID, 10)
	}
	if p.Data == nil {
		return text, attachments
	}
	num := -1
	return append(text, payload.Text(func([]byte) string { num++; return placeholder(num) })...), attachments
}

func payload(p *Packet) Value {
	switch {
	case p.Data == nil:
		return Value{}
	case p.Type == Connect || p.Type == ConnectError || p.Type == Disconnect:
		return p.Data[0]
	}
	return Array(p.Data...)
}
