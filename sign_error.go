package wechatpay

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/internal/skew"
	"github.com/wxchain/wechatpay/signer"
)

const codeSign = "SIGN_ERROR"

// shownBody is how many bytes of a signed body an error shows: enough to compare
// with what the platform shows, too few to reveal anything.
const shownBody = 8

// bothSides returns what this side signed and what the platform computed.
func (e *Error) bothSides() string {
	req := e.request()
	if req == nil || req.Header.Get("Authorization") == "" {
		return ""
	}
	message := e.signed
	if message == nil {
		message = rebuilt(req)
	}
	var b strings.Builder
	shown := message[:len(message)-1]
	if parts := bytes.SplitN(shown, []byte("\n"), messageParts); len(parts) == messageParts {
		shown = shown[:len(shown)-max(0, len(parts[messageParts-1])-shownBody)]
	}
	fmt.Fprintf(&b, "; signed here: %d bytes, %q", len(message), cut(shown, len(shown) < len(message)-1))
	info := e.Detail.Get("sign_information")
	theirs := info.Get("truncated_sign_message")
	length := info.Get("sign_message_length").Int()
	if theirs.Exists() {
		fmt.Fprintf(&b, "; computed by the platform: %d bytes, %q", length, cutMessage(theirs.String()))
	}
	if skew.IsCritical(e.skew) {
		b.WriteString("; the platform refuses timestamps that are wrong, and " + skew.Advice(e.skew))
		return b.String()
	}
	if len(e.altered) > 0 {
		fmt.Fprintf(&b, "; something below the signer changed the %s after it was signed: put that middleware outside the signer", strings.Join(e.altered, " and the "))
		return b.String()
	}
	if !theirs.Exists() {
		return b.String()
	}
	if differ := differences(string(message), theirs.String(), length); len(differ) > 0 {
		fmt.Fprintf(&b, "; they differ in the %s: see what changes the request on its way, such as a proxy, a gateway or a BaseURL with a path; only if they agree, the private key is not that of the certificate serial_no",
			strings.Join(differ, " and the "))
	} else {
		b.WriteString("; the two agree, so the private key is not that of the certificate serial_no")
	}
	return b.String()
}

// messageParts is the number of lines of a message. The last line is the body.
const messageParts = 5

// differences returns the names of the parts in which the two messages differ.
// The platform may cut the body.
func differences(ours, theirs string, length int64) []string {
	const cutHere = "..."
	here := strings.SplitN(strings.TrimSuffix(ours, "\n"), "\n", messageParts)
	there := append(strings.SplitN(theirs, "\n", messageParts), make([]string, messageParts)...)
	var differ []string
	for i, name := range [messageParts - 1]string{"method", "URL", "timestamp", "nonce"} {
		if here[i] != there[i] {
			differ = append(differ, name)
		}
	}
	start := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(there[messageParts-1], "\n"), cutHere), "…")
	if !strings.HasPrefix(here[messageParts-1], start) || length > 0 && length != int64(len(ours)) && len(differ) == 0 {
		differ = append(differ, "body")
	}
	return differ
}

// rebuilt returns the message of a request as it left.
func rebuilt(req *http.Request) []byte {
	authorization := req.Header.Get("Authorization")
	return signer.RequestMessage(req.Method, req.URL.RequestURI(),
		quoted(authorization, "timestamp"), quoted(authorization, "nonce_str"), heldBody(req))
}

// cutMessage keeps the lines before the body and the start of the body. The
// platform cuts the body itself, but this function does not rely on that.
func cutMessage(message string) string {
	lines := strings.SplitN(message, "\n", 5)
	last := len(lines) - 1
	if last == 4 {
		lines[last] = strings.TrimSuffix(lines[last], "\n")
		lines[last] = lines[last][:min(len(lines[last]), shownBody)]
	}
	message = strings.Join(lines, "\n")
	return cut([]byte(message[:min(len(message), 2048)]), true)
}

func cut(b []byte, more bool) string {
	if more {
		return string(bytes.ToValidUTF8(b, nil)) + "…"
	}
	return string(b)
}

// quoted returns the value of one parameter of an Authorization header.
func quoted(authorization, name string) string {
	_, rest, _ := strings.Cut(authorization, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func heldBody(req *http.Request) []byte {
	if req.GetBody == nil {
		return nil
	}
	r, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer r.Close()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(r); err != nil {
		return nil
	}
	return buf.Bytes()
}
