// Package wechatpaytest tests code that calls WeChat Pay, without a network and
// without real keys. A [Mock] stands in for the platform: it checks the signature of
// every request and signs every answer.
package wechatpaytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// The merchant and the platform of every [Mock].
const (
	MchID       = "1900000109"
	SerialNo    = "3775B6A45ACD588826D15E583A95F5DD12345678"
	PublicKeyID = "PUB_KEY_ID_0114232134912410000000000000"
)

// APIv3Key is the APIv3 key of every [Mock]'s merchant.
const APIv3Key = "wechatpaytest-APIv3-key-32-bytes"

// A Mock stands in for the platform and answers as its test tells it with [Mock.On].
// It is safe for concurrent use.
type Mock struct {
	t         testing.TB
	transport *httpmock.MockTransport
	merchant  *rsa.PrivateKey
	merchants signer.PublicKeys
	platform  signer.Signer
	keys      signer.PublicKeys

	mu           sync.Mutex
	expectations map[string]*expectation
}

type expectation struct {
	name       string
	responders []httpmock.Responder
	used       int
}

// keyPair makes the keys once for all mocks of a process: they protect
// nothing, and take long to make.
var keyPair = sync.OnceValues(func() (pair [2]*rsa.PrivateKey, err error) {
	for i := range pair {
		if pair[i], err = rsa.GenerateKey(rand.Reader, signer.MinBits); err != nil {
			return pair, err
		}
	}
	return pair, nil
})

// New returns a Mock that expects no request yet. At the end of the test, an unused
// expectation fails the test.
func New(t testing.TB) *Mock {
	t.Helper()
	pair, err := keyPair()
	if err != nil {
		t.Fatalf("wechatpaytest: making keys: %v", err)
	}
	s, err := signer.NewRSA(PublicKeyID, pair[1])
	if err != nil {
		t.Fatalf("wechatpaytest: %v", err)
	}
	m := &Mock{
		t:            t,
		transport:    httpmock.NewMockTransport(),
		merchant:     pair[0],
		merchants:    keys.Static{SerialNo: pair[0].Public()},
		platform:     s,
		keys:         keys.Static{PublicKeyID: pair[1].Public()},
		expectations: make(map[string]*expectation),
	}
	m.transport.RegisterNoResponder(m.unexpected)
	t.Cleanup(m.checkUsed)
	return m
}

// On answers requests of a method and a template with the result of respond. The
// template is spelled as for [wechatpay.Client.Chain]. The answer is signed unless it
// already has a Wechatpay-Signature. A variable of the template matches any value,
// and the query is ignored. If you call On several times with the same method and
// template, each answer serves one request, in order, and the last one serves all
// further requests. If several templates match, the one registered first answers.
func (m *Mock) On(method, template string, respond httpmock.Responder) {
	m.t.Helper()
	pattern, err := patternOf(template)
	if err != nil {
		m.t.Fatalf("wechatpaytest: On(%q, %q): %v", method, template, err)
	}
	if respond == nil {
		m.t.Fatalf("wechatpaytest: On(%q, %q): the responder is nil; mock.JSON makes one", method, template)
	}
	key := method + " " + pattern // however the template is spelled
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.expectations[key]
	if !ok {
		e = &expectation{name: method + " " + template}
		m.expectations[key] = e
		m.transport.RegisterRegexpResponder(method, regexp.MustCompile(pattern), func(req *http.Request) (*http.Response, error) {
			return m.answer(e, req)
		})
	}
	e.responders = append(e.responders, respond)
}

// A variable is bound to one of these and, once the client has filled the
// template in, makes way for what it matches: one segment or several. Each is
// one character, which a prefix such as {var:3} leaves whole.
const oneSegment, segments = "\ue000", "\ue001"

// patternOf makes of a template the pattern of the URLs that fit it.
func patternOf(template string) (string, error) {
	chain := new(wechatpay.Client).Chain(template)
	for e := range uritemplate.Expressions(chain.String()) {
		if e.Optional() { // the query is ignored
			continue
		}
		mark := oneSegment
		if e.Operator != 0 {
			mark = segments
		}
		for _, name := range e.Names() {
			chain = chain.Bind(name, mark)
		}
	}
	u, err := chain.URL(wechatpay.BaseURL("https://mock/"))
	if err != nil {
		return "", err
	}
	path := strings.NewReplacer(
		url.PathEscape(oneSegment), `[^/?]+`,
		url.PathEscape(segments), `[^?]+`,
	).Replace(regexp.QuoteMeta(strings.TrimPrefix(u.EscapedPath(), "/")))
	return `^[a-z]+://[^/]+/` + path + `(?:\?.*)?$`, nil
}

// JSON returns an answer with a JSON body, or without a body if body is nil.
func (m *Mock) JSON(status int, body any) httpmock.Responder {
	m.t.Helper()
	if body == nil {
		return httpmock.NewBytesResponder(status, nil)
	}
	responder, err := httpmock.NewJsonResponder(status, body)
	if err != nil {
		m.t.Fatalf("wechatpaytest: JSON(%d, %T): %v", status, body, err)
	}
	return responder
}

// Client returns a client of the mock's merchant. Each edit can change its
// configuration.
func (m *Mock) Client(edit ...func(*wechatpay.Config)) *wechatpay.Client {
	m.t.Helper()
	config := wechatpay.Config{
		MchID:        MchID,
		SerialNo:     SerialNo,
		PrivateKey:   m.merchant,
		PlatformKeys: m.keys,
		APIv3Key:     APIv3Key,
		Transport:    m.transport,
	}
	for _, f := range edit {
		f(&config)
	}
	client, err := wechatpay.New(config)
	if err != nil {
		m.t.Fatalf("wechatpaytest: Client: %v", err)
	}
	return client
}

// answer checks a request that was expected, and signs what its responder
// makes of it.
func (m *Mock) answer(e *expectation, req *http.Request) (*http.Response, error) {
	m.t.Helper()
	m.mu.Lock()
	respond := e.responders[min(e.used, len(e.responders)-1)]
	e.used++
	m.mu.Unlock()

	body, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	signed, err := platform.Signed(req.Header, body)
	if err != nil {
		return nil, err
	}
	a, err := platform.ParseAuthorization(req.Header.Get("Authorization"))
	if err == nil {
		err = platform.Verify(req.Context(), m.merchants, req.Method, req.URL.RequestURI(), a, signed)
	}
	if err == nil && a.MchID != MchID {
		err = fmt.Errorf("mchid %q does not belong to serial_no %q, which is that of %q", a.MchID, a.SerialNo, MchID)
	}
	if err != nil {
		m.t.Errorf("wechatpaytest: the request is not signed as it must be: %v\n%s", err, show(req, body))
		return nil, fmt.Errorf("wechatpaytest: %w", err)
	}
	resp, err := respond(req)
	if err != nil || resp == nil || resp.Header.Get("Wechatpay-Signature") != "" {
		return resp, err
	}
	resp, err = m.sign(req.Context(), resp, a.Timestamp)
	if err != nil {
		m.t.Errorf("wechatpaytest: signing the answer: %v", err)
		return nil, err
	}
	return resp, nil
}

// sign returns resp signed at the instant of the request, whatever clock its
// client has. resp itself may serve other requests, and stays as it is.
func (m *Mock) sign(ctx context.Context, resp *http.Response, timestamp string) (*http.Response, error) {
	body, err := drain(&resp.Body)
	if err != nil {
		return nil, err
	}
	signed := *resp
	signed.Body = io.NopCloser(bytes.NewReader(body))
	if signed.Header = resp.Header.Clone(); signed.Header == nil {
		signed.Header = make(http.Header)
	}
	return &signed, platform.Sign(ctx, m.platform, signed.Header, timestamp, body)
}

func (m *Mock) unexpected(req *http.Request) (*http.Response, error) {
	m.t.Helper()
	body, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	var expected []string
	m.mu.Lock()
	for _, e := range m.expectations {
		expected = append(expected, e.name)
	}
	m.mu.Unlock()
	slices.Sort(expected)
	m.t.Errorf("wechatpaytest: nobody expected this request (expected: %q):\n%s", expected, show(req, body))
	return nil, fmt.Errorf("wechatpaytest: nobody expected %s %s", req.Method, req.URL.Path)
}

func (m *Mock) checkUsed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.expectations {
		if e.used < len(e.responders) {
			m.t.Errorf("wechatpaytest: %s: expected %d requests, got %d", e.name, len(e.responders), e.used)
		}
	}
}

// drain reads a body and puts it back.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	b, err := io.ReadAll(*body)
	(*body).Close()
	*body = io.NopCloser(bytes.NewReader(b))
	return b, err
}

// show writes a request for people to read.
func show(req *http.Request, body []byte) string {
	r := *req
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		r.Body = nil
	}
	dump, err := httputil.DumpRequestOut(&r, true)
	if err != nil {
		return req.Method + " " + req.URL.String()
	}
	return string(dump)
}
