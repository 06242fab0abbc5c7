package wire

import (
	"regexp"
	"strings"
	"testing"
)

func parsed(t *testing.T, raw string) *Target {
	t.Helper()
	target, err := ParseTarget(raw)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestQueriesOfTargetsGoOnEachRequest(t *testing.T) {
	target := parsed(t, "http://localhost:3000/chat?access_token=s3cr3t%2Bt0ken&room=7")
	for _, test := range []struct{ path, want string }{
		{"?EIO=4&transport=websocket", `^/chat/\?EIO=4&transport=websocket&access_token=s3cr3t%2Bt0ken&room=7$`},
		{"?EIO=4&transport=polling", `^/chat/\?EIO=4&transport=polling&t=[0-9a-z]{8}&access_token=s3cr3t%2Bt0ken&room=7$`},
		{"?EIO=4&transport=polling&t=mine", `^/chat/\?EIO=4&transport=polling&t=mine&access_token=s3cr3t%2Bt0ken&room=7$`},
		{"", `^/chat/\?access_token=s3cr3t%2Bt0ken&room=7$`},
		{"/elsewhere", `^/elsewhere\?access_token=s3cr3t%2Bt0ken&room=7$`},
	} {
		if got := target.location(test.path); !regexp.MustCompile(test.want).MatchString(got) {
			t.Errorf("for %q, got %q", test.path, got)
		}
	}
	if said := target.Redact("GET /chat/?access_token=s3cr3t%2Bt0ken&room=7, that is s3cr3t+t0ken"); said != "GET /chat/?access_token=[hidden]&room=7, that is [hidden]" {
		t.Errorf("got %q", said)
	}
	if url := target.URL(); strings.Contains(url, "?") {
		t.Errorf("got the URL %q", url)
	}
	if said := WithoutSecretQuery("http://localhost:3000/?room=7&token=abcd"); said != "http://localhost:3000/?room=7&token=…" {
		t.Errorf("got %q", said)
	}
	for _, wrong := range []string{"http://localhost:3000?EIO=4", "http://localhost:3000?token=a%zz", "http://localhost:3000/#here"} {
		if _, err := ParseTarget(wrong); err == nil {
			t.Errorf("%s was accepted", wrong)
		}
	}
}

func TestRequestsLookLikeThoseOfClients(t *testing.T) {
	target := parsed(t, "http://localhost:3000")
	target.Agent = "conformance/1.2.3"
	head := string(target.Head(Request{Method: "GET", Path: "?EIO=4&transport=websocket"}))
	if want := "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: conformance/1.2.3\r\nAccept: */*\r\n\r\n"; head != want {
		t.Errorf("got the head %q", head)
	}
	target.SetHeader("host", "chat.example")
	target.SetHeader("User-Agent", "mine")
	head = string(target.Head(Request{Method: "GET", Path: "/", Header: [][2]string{{"accept", "text/plain"}}}))
	if want := "GET / HTTP/1.1\r\nHost: chat.example\r\nUser-Agent: mine\r\naccept: text/plain\r\n\r\n"; head != want {
		t.Errorf("got the head %q", head)
	}
}
