package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

// request returns a request as it is sent, by a merchant with an invalid
// signature.
func request(line, headers, body string) string {
	return line + "\r\nHost: api.mch.weixin.qq.com\r\nConnection: close\r\n" + headers + "\r\n" + body
}

func length(body string) string {
	return fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
}

// Every request is answered with what is wrong with it, or cut off, and never
// succeeds. The next caller is served.
func TestServerGoesOn(t *testing.T) {
	const post, get, chunked = "POST /v3/pay/transactions/native HTTP/1.1", "GET /v3/certificates HTTP/1.1", "Transfer-Encoding: chunked\r\n"
	huge := strings.Repeat("x", 2<<20)
	tests := []struct{ name, sent, status string }{
		{"a body too long", request(post, length(huge), huge), "413"},
		{"a length too long", request(post, "Content-Length: 9223372036854775807\r\n", huge), "413"},
		{"chunks too long", request(post, chunked, fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(huge), huge)), "413"},
		{"many chunks", request(post, chunked, strings.Repeat("40\r\n"+huge[:64]+"\r\n", 20_000)+"0\r\n\r\n"), "413"},
		{"an upload too long", request("POST /v3/merchant/media/upload HTTP/1.1", "Content-Type: multipart/form-data; boundary=b\r\n"+
			"Content-Length: 8388608\r\n", strings.Repeat(huge, 4)), "413"},
		{"a control body too long", "PUT /_sandbox/faults HTTP/1.1\r\nHost: localhost\r\n" + length(huge) + "\r\n" + huge, "400"},
		{"a control call to the platform", request("PUT /_sandbox/faults HTTP/1.1", length("{}"), "{}"), "403"},

		{"nothing", "\r\n\r\n\r\n", "400"},
		{"noise", "\x00\x01\x16\x03\x01\x02\x00\xff\xfe\r\n\r\n", "400"},
		{"a TLS hello", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", "400"},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "404"},
		{"HTTP/9.9", request("GET / HTTP/9.9", "", ""), "505"},
		{"no version", "GET /v3/certificates\r\n\r\n", "400"},
		{"no method", request(" /v3/certificates HTTP/1.1", "", ""), "400"},
		{"a method of signs", request("G(T /v3/certificates HTTP/1.1", "", ""), "400"},
		{"a method that nobody has", request("FROB /v3/certificates HTTP/1.1", "", ""), "405"},
		{"a NUL in the target", request("GET /v3/cert\x00ificates HTTP/1.1", "", ""), "400"},
		{"spaces in the target", request("GET /v3/a b c HTTP/1.1", "", ""), "400"},
		{"a target too long", request("GET /"+huge[:1<<20]+" HTTP/1.1", "", ""), "431"},
		{"a long target", request("GET /"+huge[:32<<10]+" HTTP/1.1", "", ""), "404"},
		{"CONNECT", request("CONNECT api.mch.weixin.qq.com:443 HTTP/1.1", "", ""), "404"},
		{"CONNECT to a path", request("CONNECT /v3/certificates HTTP/1.1", "", ""), "405"},
		{"TRACE", request("TRACE /v3/certificates HTTP/1.1", "", ""), "405"},
		{"as to a proxy", request("GET http://elsewhere.example.com/v3/certificates HTTP/1.1", "", ""), "401"},
		{"HTTP/1.0", "GET /v3/certificates HTTP/1.0\r\n\r\n", "401"},
		{"out of the root", request("GET /../../../etc/passwd HTTP/1.1", "", ""), "404"},
		{"out of the root, escaped", request("GET /v3/%2e%2e/%2e%2e%2fetc%2fpasswd HTTP/1.1", "", ""), "404"},
		{"through the control API", "GET /_sandbox/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "307"},
		{"half an escape", request("GET /v3/certificates%2 HTTP/1.1", "", ""), "400"},
		{"no escape", request("GET /v3/%zz HTTP/1.1", "", ""), "400"},
		{"no escape in the query", request("GET /v3/certificates?a=%zz HTTP/1.1", "", ""), "401"},

		{"no host", "GET /v3/certificates HTTP/1.1\r\n\r\n", "400"},
		{"a host of signs", "GET /v3/certificates HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
		{"two hosts", request(get, "Host: b\r\n", ""), "400"},
		{"a NUL in a header", request(get, "X: a\x00b\r\n", ""), "400"},
		{"a NUL in the name of a header", request(get, "X\x00: a\r\n", ""), "400"},
		{"a header with no colon", request(get, "nothing\r\n", ""), "400"},
		{"a header with no name", request(get, ": a\r\n", ""), "400"},
		{"a header that goes on", request(get, " folded\r\n", ""), "401"},
		{"a header too long", request(get, "X: "+huge[:128<<10]+"\r\n", ""), "431"},
		{"thousands of headers", request(get, strings.Repeat("X: 0123456789\r\n", 10_000), ""), "431"},
		{"hundreds of headers", request(get, strings.Repeat("X: 0123456789\r\n", 1000), ""), "401"},

		{"two lengths", request(post, "Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), "400"},
		{"a length with a sign", request(post, "Content-Length: +2\r\n", "{}"), "400"},
		{"a length below 0", request(post, "Content-Length: -2\r\n", "{}"), "400"},
		{"a length in words", request(post, "Content-Length: two\r\n", "{}"), "400"},
		{"a list of lengths", request(post, "Content-Length: 2, 3\r\n", "{}"), "400"},
		{"a length that no number holds", request(post, "Content-Length: 18446744073709551618\r\n", "{}"), "400"},
		{"a length too short", request(post, "Content-Length: 1\r\n", "{}"), "401"},
		{"two encodings", request(post, chunked+chunked, "0\r\n\r\n"), "501"},
		{"an encoding that nobody has", request(post, "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "501"},
		{"an encoding, but for a space", request(post, "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), "400"},
		{"an encoding in a list", request(post, "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501"},
		{"a chunk of no size", request(post, chunked, "z\r\n{}\r\n0\r\n\r\n"), "400"},
		{"a chunk of any size", request(post, chunked, "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"), "400"},
		{"a chunk too short", request(post, chunked, "1\r\n{}\r\n0\r\n\r\n"), "400"},
		{"a chunk of endless extensions", request(post, chunked, "1;"+huge+"\r\n{\r\n0\r\n\r\n"), "400"},
		{"an expectation that nobody has", request(post, "Expect: miracles\r\nContent-Length: 2\r\n", "{}"), "417"},
	}
	serve(t, func(t *testing.T, s *served) {
		for _, tt := range tests {
			answer, _ := s.say(tt.sent)
			if !strings.HasPrefix(answer, "HTTP/1.1 "+tt.status+" ") && !strings.HasPrefix(answer, "HTTP/1.0 "+tt.status+" ") {
				t.Errorf("%s: answered %.200q, want %s", tt.name, answer, tt.status)
			}
			s.serves(t)
		}
	})
}

// What follows a request is another request only if the length of the first says
// so. Content hidden in a body is not a request.
func TestServerIsNotSmuggledThrough(t *testing.T) {
	const hidden = "GET /v3/certificates HTTP/1.1\r\nHost: a\r\n\r\n"
	post := "POST /v3/pay/transactions/native HTTP/1.1\r\nHost: a\r\n"
	for name, sent := range map[string]string{
		"both lengths":     post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden),
		"in the body":      post + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(hidden), hidden),
		"behind an error":  post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + hidden,
		"a bare CR":        post + "X: a\rTransfer-Encoding: chunked\r\n\r\n" + hidden,
		"in an encoding":   post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
		"a bad chunk":      post + "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + hidden,
		"a chunk's LF":     post + "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n" + hidden,
		"in an extension":  post + "Transfer-Encoding: chunked\r\n\r\n0;\n" + hidden,
		"behind what is 1": "POST /v3/pay/transactions/native HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}" + hidden,
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(t *testing.T, s *served) {
				answer, _ := s.say(sent)
				if n := strings.Count(answer, "HTTP/1."); n > 1 {
					t.Errorf("%d answers: %.500q", n, answer)
				}
				for _, r := range s.Requests() {
					if r.Method == "GET" {
						t.Error("what was hidden was received")
					}
				}
				s.serves(t)
			})
		})
	}
}

// A wrong Authorization is refused as such.
func TestServerRefusesAuthorizations(t *testing.T) {
	serve(t, func(t *testing.T, s *served) {
		good := fmt.Sprintf(`mchid="%s",nonce_str="N",timestamp="946684800",serial_no="%s",signature="c2ln"`, sandbox.DefaultMchID, s.Merchant().SerialNo)
		const scheme = "WECHATPAY2-SHA256-RSA2048 "
		for _, header := range []string{
			"", " ", scheme, good, "Basic dTpw", "Bearer x", scheme + scheme + good, strings.ToLower(scheme) + good, scheme + " " + good,
			scheme + good, scheme + good + good, scheme + good + ",", scheme + "," + good, scheme + good + `,mchid="1"`, scheme + good + `,other="1"`,
			scheme + strings.ReplaceAll(good, `"`, "'"), scheme + strings.ReplaceAll(good, `"`, `\"`), scheme + strings.ReplaceAll(good, ",", ";"),
			scheme + strings.Replace(good, "946684800", "946684800.0", 1), scheme + strings.Replace(good, "946684800", "-1", 1),
			scheme + strings.Replace(good, "946684800", "999999999999", 1), scheme + strings.Replace(good, "946684800", "٩٤٦٦٨٤٨٠٠", 1),
			scheme + strings.Replace(good, "c2ln", "", 1), scheme + strings.Replace(good, "c2ln", "c2ln====", 1), scheme + strings.Replace(good, "c2ln", "\xff\xfe", 1),
			scheme + strings.Replace(good, `"N"`, `""`, 1), scheme + strings.Replace(good, `"N"`, `"`+strings.Repeat("N", 60_000)+`"`, 1),
			scheme + strings.Replace(good, sandbox.DefaultMchID, "../"+sandbox.DefaultMchID, 1), scheme + strings.Repeat(good+",", 300),
		} {
			answer, _ := s.say(request("GET /v3/certificates HTTP/1.1", "Authorization: "+header+"\r\n", ""))
			if !strings.HasPrefix(answer, "HTTP/1.1 401 ") || !strings.Contains(answer, `"code":"SIGN_ERROR"`) || strings.Contains(answer, "PRIVATE KEY") {
				t.Errorf("%.100q: answered %.300q, want 401 SIGN_ERROR", header, answer)
			}
		}
		twice := "Authorization: " + scheme + good + "\r\n"
		if answer, _ := s.say(request("GET /v3/certificates HTTP/1.1", twice+twice, "")); !strings.HasPrefix(answer, "HTTP/1.1 401 ") {
			t.Errorf("two Authorizations: answered %.300q, want 401", answer)
		}
		s.serves(t)
	})
}
