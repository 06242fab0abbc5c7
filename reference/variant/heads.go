package variant

import (
	"bytes"

	"example.test/conformance/reference/application"
)

// heads changes the lines of the heads of answers, the one with the status first.
func heads(change func(all [][]byte) [][]byte) func(*application.Options) {
	return written(func() func([]byte) [][]byte {
		return func(p []byte) [][]byte {
			end := bytes.Index(p, []byte("\r\n\r\n"))
			if !isHead(p) || end < 0 {
				return same(p)
			}
			all := change(bytes.Split(p[:end], []byte("\r\n")))
			return [][]byte{append(bytes.Join(all, []byte("\r\n")), p[end:]...)}
		}
	})
}

// lines changes how header fields are written.
func lines(change func(name, value []byte) []byte) func(*application.Options) {
	return heads(func(all [][]byte) [][]byte {
		for i, line := range all[1:] {
			name, value, _ := bytes.Cut(line, []byte(":"))
			all[i+1] = change(name, value)
		}
		return all
	})
}

// reasoned writes that reason phrase after each status.
func reasoned(reason string) func(*application.Options) {
	return heads(func(all [][]byte) [][]byte {
		all[0] = slicesOf(all[0][:len("HTTP/1.1 200")], " ", []byte(reason))
		return all
	})
}

// slicesOf joins strings and byte slices into a new slice.
func slicesOf(parts ...any) []byte {
	var b bytes.Buffer
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			b.WriteString(part)
		case []byte:
			b.Write(part)
		}
	}
	return b.Bytes()
}
