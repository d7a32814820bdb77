package middleware

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/signer"
)

// Signer returns a middleware that signs every request for the merchant mchID. It sets
// the header Authorization to the scheme, mchid, nonce_str, timestamp, serial_no and
// signature. The signature covers method, request target, timestamp, nonce and body.
// If a request cannot be signed, it is not sent, and the error wraps [signer.ErrSign].
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func Signer(mchID string, s signer.Signer, opts ...Option) Middleware {
	o := newSettings(opts)
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			x := ExchangeOf(req.Context())
			text, content := x.Signed, body.Content{}
			if !x.isStreamed() {
				var err error
				if content, err = requestBody(req); err != nil {
					return nil, err
				}
				text = content.Bytes
			}
			timestamp := strconv.FormatInt(o.clock().Unix(), 10)
			nonce := o.nonce()
			if !isNonce(nonce) {
				return nil, fmt.Errorf("%w: the nonce %q is not made of letters and digits", signer.ErrSign, nonce)
			}
			method := cmp.Or(req.Method, http.MethodGet) // as net/http sends it
			m := message{method, req.URL.RequestURI(), timestamp, nonce, text, x.isStreamed()}
			x.setMessage(m)
			signature, err := s.Sign(req.Context(), m.bytes())
			if err == nil && len(signature) == 0 {
				err = errors.New("the signer returned no signature")
			}
			if err != nil {
				return nil, fmt.Errorf("%w: %w", signer.ErrSign, err)
			}
			// A RoundTripper may not change what it is given: the copy is
			// signed, with the very bytes of the signature as its body.
			sending := newSending(req, o.clock)
			sending.body = content.Bytes
			sending.authorization[0] = authorization(s, mchID, nonce, timestamp, signature)
			signed := &sending.signed
			signed.Header = make(http.Header, len(req.Header)+1)
			maps.Copy(signed.Header, req.Header)
			signed.Header["Authorization"] = sending.authorization[:]
			if !x.isStreamed() {
				body.Replace(&sending.held, signed, content)
			} else if err := reopen(signed); err != nil {
				return nil, err
			}
			return next.RoundTrip(signed)
		})
	}
}

func authorization(s signer.Signer, mchID, nonce, timestamp string, signature []byte) string {
	var encoded [684]byte // of an RSA key of 4096 bits
	var b strings.Builder
	b.Grow(640)
	b.WriteString(s.Scheme())
	for _, p := range [...]struct{ before, value string }{
		{` mchid="`, mchID}, {`",nonce_str="`, nonce}, {`",timestamp="`, timestamp}, {`",serial_no="`, s.SerialNo()},
	} {
		b.WriteString(p.before)
		b.WriteString(p.value)
	}
	b.WriteString(`",signature="`)
	b.Write(base64.StdEncoding.AppendEncode(encoded[:0], signature))
	b.WriteByte('"')
	return b.String()
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func isNonce(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_':
		default:
			return false
		}
	}
	return s != ""
}

// NewNonce returns 32 base-62 characters from crypto/rand.
func NewNonce() string {
	var nonce [32]byte
	var random [48]byte // nearly always enough
	for n := 0; n < len(nonce); {
		rand.Read(random[:])
		for _, r := range random {
			// The six low bits pick one of 64; the two beyond base 62 are
			// thrown away, so that every character is as likely as another.
			if r &= 63; int(r) < len(base62) && n < len(nonce) {
				nonce[n] = base62[r]
				n++
			}
		}
	}
	return string(nonce[:])
}
