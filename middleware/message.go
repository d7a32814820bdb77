package middleware

import (
	"bytes"
	"cmp"
	"net/http"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/signer"
)

// A message is what [Signer] signed for a request, kept in its parts so that a
// long body is held once.
type message struct {
	method, target, timestamp, nonce string
	body                             []byte
	streamed                         bool // whether body is signed in place of what is sent
}

func (m message) bytes() []byte {
	return signer.RequestMessage(m.method, m.target, m.timestamp, m.nonce, m.body)
}

func (x *Exchange) setMessage(m message) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.message = m
}

// Message returns the text that [Signer] signed last, or nil.
func (x *Exchange) Message() []byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.message.method == "" {
		return nil
	}
	return x.message.bytes()
}

// Altered returns the parts of the request that changed between the last signature of
// [Signer] and the transport: "method", "URL", "body".
func (x *Exchange) Altered() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	m, sent := x.message, x.sent
	if m.method == "" || sent == nil {
		return nil
	}
	var altered []string
	if cmp.Or(sent.Method, http.MethodGet) != m.method {
		altered = append(altered, "method")
	}
	if sent.URL.RequestURI() != m.target {
		altered = append(altered, "URL")
	}
	if !m.streamed && !sends(sent, m.body) {
		altered = append(altered, "body")
	}
	return altered
}

// sends reports whether req, as [Guard] hands it on, sends text.
func sends(req *http.Request, text []byte) bool {
	switch b := req.Body.(type) {
	case nil:
		return len(text) == 0
	case *body.Held:
		return bytes.Equal(b.Bytes, text)
	}
	if req.Body == http.NoBody {
		return len(text) == 0
	}
	if req.GetBody == nil {
		return false
	}
	r, err := req.GetBody()
	if err != nil {
		return false
	}
	sent, err := readAll(r)
	return err == nil && bytes.Equal(sent, text)
}
