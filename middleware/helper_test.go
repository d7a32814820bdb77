package middleware_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

const (
	mchID    = "1900000109"
	serialNo = "3775B6A45ACD588826D15E583A95F5DD12345678"
	keyID    = "PUB_KEY_ID_0114232134912410000000000000"
	now      = "1790000001"
)

func merchant(t testing.TB) signer.Signer {
	t.Helper()
	s, err := signer.NewRSA(serialNo, vectors.MerchantKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// platformKeys are those that verify what seal signs.
func platformKeys(t testing.TB) keys.Static {
	t.Helper()
	return keys.Static{keyID: vectors.MerchantKey(t).Public()}
}

var clock = middleware.Clock(func() time.Time { return time.Unix(1790000001, 0) })

// seal returns the headers of an answer that is signed over body.
func seal(t testing.TB, body string) http.Header {
	t.Helper()
	digest := sha256.Sum256(signer.ResponseMessage(now, "n1", []byte(body)))
	return sealDigest(t, digest[:])
}

func sealDigest(t testing.TB, digest []byte) http.Header {
	t.Helper()
	signature, err := rsa.SignPKCS1v15(nil, vectors.MerchantKey(t), crypto.SHA256, digest)
	if err != nil {
		t.Fatal(err)
	}
	h := make(http.Header)
	h.Set("Wechatpay-Timestamp", now)
	h.Set("Wechatpay-Nonce", "n1")
	h.Set("Wechatpay-Serial", keyID)
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
	return h
}

// transport is a RoundTripper whose every answer is a function's.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answering gives one answer to whatever is asked.
func answering(status int, h http.Header, body string) transport {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode:    status,
			Header:        h.Clone(),
			Body:          io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
			Request:       req,
		}, nil
	}
}

// newRequest makes a request whose exchange is x, unless x is nil.
func newRequest(t testing.TB, method, path string, x *middleware.Exchange) *http.Request {
	t.Helper()
	ctx := t.Context()
	if x != nil {
		ctx = middleware.WithExchange(ctx, x)
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://api.mch.weixin.qq.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// readAll reads an answer to its end, which is where a stream is verified.
func readAll(resp *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func verified(x *middleware.Exchange) bool {
	_, ok := x.Answer()
	return ok
}

func answerOf(x *middleware.Exchange) *http.Response {
	resp, _ := x.Answer()
	return resp
}
