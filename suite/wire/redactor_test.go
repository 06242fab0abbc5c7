package wire

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"runtime"
	"strings"
	"testing"
)

// spellings of a text, by encoding.
var spellings = map[string]func(string) string{
	"as it is":           func(s string) string { return s },
	"percent":            url.QueryEscape,
	"each percent":       func(s string) string { return each(s, "%%%02x") },
	"upper case":         func(s string) string { return each(s, "%%%02X") },
	"twice percent":      func(s string) string { return url.QueryEscape(each(s, "%%%02x")) },
	"JSON":               inJSON,
	"JSON in JSON":       func(s string) string { return inJSON(inJSON(s)) },
	"each in JSON":       func(s string) string { return each(s, `\u%04x`) },
	"each in JSON, up":   func(s string) string { return each(s, `\u%04X`) },
	"each escaped, JSON": func(s string) string { return inJSON(each(s, `\u%04x`)) },
	"slash escaped":      func(s string) string { return strings.ReplaceAll(inJSON(s), "/", `\/`) },
	"quoted by Go":       func(s string) string { return strings.Trim(fmt.Sprintf("%+q", s), `"`) },
	"HTML":               html.EscapeString,
	"each in HTML":       func(s string) string { return each(s, "&#%d;") },
	"hex in HTML":        func(s string) string { return each(s, "&#x%X;") },
	"hex":                func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":                func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"base64":             func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 behind one":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
	"base64 behind two":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("xy" + s + "z")) },
	"a mixture": func(s string) string {
		var b strings.Builder
		for i, c := range []byte(s) {
			fmt.Fprintf(&b, []string{"%c", "%%%02X", `\u%04x`, "&#%d;"}[i%4], c)
		}
		return b.String()
	},
}

func each(s, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func inJSON(s string) string {
	text, _ := json.Marshal(s)
	return string(text[1 : len(text)-1])
}

// leaks returns the part of a secret, at least four characters, that can be read in a text in that spelling.
func leaks(text, spelled string) bool {
	const readable = 12 // bytes of the longest spelling of two characters
	for i := 0; i+readable <= len(spelled); i++ {
		if strings.Contains(text, spelled[i:i+readable]) {
			return true
		}
	}
	return strings.Contains(text, spelled)
}

var secretsUnderTest = []string{"s3cr3t-t0k3n", "user:p/ss+w\"rd=", "50% off & <more>", "ab\\cd ef"}

func TestSecretsAreHiddenInEverySpelling(t *testing.T) {
	for _, value := range secretsUnderTest {
		var r Redactor
		r.Hide(value)
		for name, spell := range spellings {
			spelled := spell(value)
			got := r.Redact("before " + spelled + " after")
			if !strings.HasPrefix(got, "before ") && !strings.Contains(name, "base64") || !strings.Contains(got, "[hidden]") || leaks(got, spelled) && !strings.Contains(name, "base64") {
				t.Errorf("%q, %s: %s became %s", value, name, spelled, got)
			}
			if strings.Contains(name, "base64") && len(got) > len("before  after")+len("[hidden]")+10 {
				t.Errorf("%q, %s: %s became %s", value, name, spelled, got)
			}
			if cut := r.Redact(spelled[:len(spelled)*2/3] + "… and more"); leaks(cut, spelled[:len(spelled)*2/3]) {
				t.Errorf("%q, %s, cut: %s became %s", value, name, spelled[:len(spelled)*2/3], cut)
			}
		}
		if part := r.Redact("x" + value[:min(shortestPart, len(value))] + ", and more"); strings.Contains(part, value[:min(shortestPart, len(value))]) {
			t.Errorf("a part of %q became %q", value, part)
		}
		if len(value) < 2*shortestPart {
			continue
		}
		for _, encode := range []func([]byte) string{base64.StdEncoding.EncodeToString, hex.EncodeToString} {
			encoded := encode([]byte(value[:shortestPart+2]))
			if part := r.Redact("x" + encoded + ", and more"); strings.Contains(part, encoded[:10]) {
				t.Errorf("an encoded part of %q became %q", value, part)
			}
		}
		if innocent := "user is off, ab cd: 50 % of s3cr"; r.Redact(innocent[:28]) != innocent[:28] {
			t.Errorf("%q became %q", innocent, r.Redact(innocent))
		}
	}
}

func TestSecretsAreHiddenInEverySegmentation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, value := range secretsUnderTest {
		var r Redactor
		r.Hide(value)
		for name, spell := range spellings {
			if strings.Contains(name, "base64 behind") {
				continue
			}
			spelled := spell(value)
			all := "HTTP/1.1 200 OK\r\n\r\n" + spelled + " and " + spelled + "."
			for range 20 {
				held, whole := stream{redactor: &r}, stream{redactor: &r}
				var one, apart strings.Builder
				for rest := all; rest != ""; {
					n := 1 + random.IntN(min(len(rest), 6))
					one.Write(held.hold([]byte(rest[:n])))
					apart.Write(whole.whole([]byte(rest[:n])))
					rest = rest[n:]
				}
				one.Write(held.rest())
				if want := "HTTP/1.1 200 OK\r\n\r\n[hidden] and [hidden]."; one.String() != want && !strings.Contains(name, "base64") {
					t.Fatalf("%q, %s: %q became %q", value, name, all, one.String())
				}
				if leaks(one.String(), spelled) || leaks(apart.String(), spelled) {
					t.Fatalf("%q, %s: %q became %q and %q", value, name, all, one.String(), apart.String())
				}
			}
		}
	}
}

func TestWhatLooksLikeASecretIsShown(t *testing.T) {
	var r Redactor
	r.Hide("s3cr3t")
	for _, text := range []string{"", "s3cr", "s3cr3 t", "%73", `\\\\`, "&", "s3c… ", "ss3cs3cr"} {
		s := stream{redactor: &r}
		shown := string(s.hold([]byte(text)))
		shown += string(s.hold([]byte("\n")))
		if want := text + "\n"; shown != want {
			t.Errorf("%q became %q", want, shown)
		}
	}
}

func TestBasicCredentialsAreHidden(t *testing.T) {
	withUser, err := ParseTarget("http://us%40er:pa%2Fssword@localhost/")
	if err != nil {
		t.Fatal(err)
	}
	withHeader, _ := ParseTarget("http://localhost/")
	withHeader.SetHeader("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("us@er:pa/ssword")))
	withHeader.SetHeader("Cookie", "a=c00kie-one; b=c00kie-two")
	text := "pa/ssword us@er:pa/ssword dXNAZXI6cGEvc3N3b3Jk pa%2fssword"
	for _, target := range []*Target{withUser, withHeader} {
		if got := target.Redact(text); got != "[hidden] [hidden] [hidden] [hidden]" {
			t.Error(got)
		}
	}
	if got := withHeader.Redact("c00kie-two"); got != "[hidden]" {
		t.Error(got)
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("s3cr3t", "%2573&#x33;\\u0063r", 3)
	f.Fuzz(func(t *testing.T, secret, text string, step int) {
		var r Redactor
		r.Hide(secret)
		step = max(1, min(step, 1<<10))
		s := stream{redactor: &r}
		var b strings.Builder
		for rest := text; rest != ""; {
			n := min(step, len(rest))
			b.Write(s.hold([]byte(rest[:n])))
			rest = rest[n:]
		}
		b.Write(s.rest())
		if len(secret) > len("[hidden]") && strings.Contains(b.String(), secret) {
			t.Errorf("%q leaked in %q", secret, b.String())
		}
	})
}

// A long text is scanned without a copy for each place where a secret may begin: hiding must not take so long that the suite
// seems to stand still.
func TestLongTextsAreNotCopied(t *testing.T) {
	var r Redactor
	r.Hide("server=b")
	text := strings.Repeat("0123456789 server ", 5000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.Redact(text)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(100*len(text)) {
		t.Errorf("allocated %d bytes for a text of %d", n, len(text))
	}
}
