package bill_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// token has what a query could be spelled otherwise with: it must leave as it
// came.
const token = "6XIv5TUPto7pByrTQKhd6kwv%2ByKLG2uY%2fwMMR8cNXqaA_Cv-isgaUtBzp4%3D~'()*!Z"

const (
	downloadURL = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=" + token
	asked       = "v3/bill/tradebill"
	file        = "v3/billdownload/file"
	day         = "2026-11-23"
)

const tradeBill = "\ufeff交易时间,商户订单号,商品名称,订单金额,手续费\r\n" +
	"`2026-11-23 09:08:07,`1217752501201407033233368018,`面包, `新鲜`的,`12.34,`0.07000\r\n" +
	"`2026-11-23 10:08:07,`1217752501201407033233368019,`,`0.01,`0.00000\r\n" +
	"总交易单数,订单总金额\r\n" +
	"`2,`12.35\r\n"

func background() context.Context { return context.Background() }

func sum(plain string) string {
	s := sha1.Sum([]byte(plain))
	return hex.EncodeToString(s[:])
}

func zipped(t testing.TB, plain string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// named is the answer that names one file.
func named(plain string) wechatpay.M {
	return wechatpay.M{"hash_type": "SHA1", "hash_value": sum(plain), "download_url": downloadURL}
}

func text(status int, body string) httpmock.Responder {
	return httpmock.NewStringResponder(status, body)
}

// sent keeps the requests that leave.
type sent struct {
	mu  sync.Mutex
	all []*http.Request
}

func (s *sent) record(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		s.mu.Lock()
		s.all = append(s.all, req)
		s.mu.Unlock()
		return next.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// platform answers a bill with one file, which it sends as body.
func platform(t testing.TB, answer wechatpay.M, body string) (*wechatpay.Client, *sent) {
	t.Helper()
	mock := wechatpaytest.New(t)
	mock.On("GET", asked, mock.JSON(200, answer))
	mock.On("GET", file, text(200, body))
	return recording(mock)
}

func recording(mock *wechatpaytest.Mock) (*wechatpay.Client, *sent) {
	s := new(sent)
	return mock.Client(func(c *wechatpay.Config) { c.Transport = s.record(c.Transport) }), s
}

// unsigned is a client whose answers come without the signature that the mock
// makes for all of them.
func unsigned(mock *wechatpaytest.Mock) (*wechatpay.Client, *sent) {
	s := new(sent)
	return mock.Client(func(c *wechatpay.Config) {
		next := s.record(c.Transport)
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil {
				resp.Header.Del("Wechatpay-Signature")
			}
			return resp, err
		})
	}), s
}

// names lists a folder.
func names(t testing.TB, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
