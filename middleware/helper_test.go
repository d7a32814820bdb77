package middleware_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// vectors are the recorded answers and the keys behind them.
type vectors struct {
	Now                int64
	MerchantPrivateKey string `json:"merchant_private_key_pem"`
	PlatformPublicKey  string `json:"platform_public_key_pem"`
	PlatformKeyID      string `json:"platform_public_key_id"`
	PlatformSerialNo   string `json:"platform_serial_no"`
	Responses          []struct {
		Name        string
		RequestPath string `json:"request_path"`
		Status      int
		Headers     map[string]string
		Body        string
		Accept      bool
		RejectKind  string `json:"reject_kind"`
	}
}

var readVectors = sync.OnceValues(func() (v vectors, err error) {
	text, err := os.ReadFile("../testdata/crypto.json")
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
})

func loadVectors(t testing.TB) vectors {
	t.Helper()
	v, err := readVectors()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	v, err := readVectors()
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(v.MerchantPrivateKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return key.(*rsa.PrivateKey), nil
})

// privateKey signs in these tests, for the merchant and for the platform.
func privateKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

const (
	mchID    = "1900000109"
	serialNo = "3775B6A45ACD588826D15E583A95F5DD12345678"
	keyID    = "PUB_KEY_ID_0114232134912410000000000000"
	now      = "1790000001"
)

func merchant(t testing.TB) signer.Signer {
	t.Helper()
	s, err := signer.NewRSA(serialNo, privateKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// platformKeys are those that verify what seal signs.
func platformKeys(t testing.TB) keys.Static {
	t.Helper()
	return keys.Static{keyID: privateKey(t).Public()}
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
	signature, err := rsa.SignPKCS1v15(nil, privateKey(t), crypto.SHA256, digest)
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
