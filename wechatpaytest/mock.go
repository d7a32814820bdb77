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
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/platform"
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
	decrypter *rsa.PrivateKey // the key of the platform
	merchants signer.PublicKeys
	platform  signer.Signer
	keys      signer.PublicKeys

	mu           sync.Mutex
	expectations map[string]*expectation
	requests     []Request
}

// An expectation is what On was told of a method and a template.
type expectation struct {
	method, template string
	at               string // the line of the test that says so first, or empty
	pattern          *regexp.Regexp
	variables        []string // one for each group of the pattern
	responders       []httpmock.Responder
	used             int
}

func (e *expectation) String() string { return e.method + " " + e.template }

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

// platformSigner returns what signs for the platform.
func platformSigner() (signer.Signer, error) {
	pair, err := keyPair()
	if err != nil {
		return nil, err
	}
	return signer.NewRSA(PublicKeyID, pair[1])
}

// New returns a Mock that expects no request yet. At the end of the test, an unused
// expectation fails the test.
func New(t testing.TB) *Mock {
	t.Helper()
	pair, err := keyPair()
	if err != nil {
		t.Fatalf("wechatpaytest: making keys: %v", err)
	}
	s, err := platformSigner()
	if err != nil {
		t.Fatalf("wechatpaytest: %v", err)
	}
	m := &Mock{
		t:            t,
		transport:    httpmock.NewMockTransport(),
		merchant:     pair[0],
		decrypter:    pair[1],
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
//
// If the catalogue of package openapi does not know the method and the template, On
// logs a warning that names the operation that was probably meant.
func (m *Mock) On(method, template string, respond httpmock.Responder) {
	m.t.Helper()
	method = strings.ToUpper(method)
	pattern, variables, err := patternOf(template)
	if err != nil {
		m.t.Fatalf("wechatpaytest: On(%q, %q): %v", method, template, err)
	}
	if respond == nil {
		m.t.Fatalf("wechatpaytest: On(%q, %q): the responder is nil; mock.JSON makes one", method, template)
	}
	if doubt := unknown(method, template); doubt != "" {
		m.t.Logf("wechatpaytest: On(%q, %q): %s", method, template, doubt)
	}
	key := method + " " + pattern // however the template is spelled
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.expectations[key]
	if !ok {
		e = &expectation{method: method, template: template, at: testLine(), pattern: regexp.MustCompile(pattern), variables: variables}
		m.expectations[key] = e
		m.transport.RegisterRegexpResponder(method, e.pattern, func(req *http.Request) (*http.Response, error) {
			return m.answer(e, req)
		})
	}
	e.responders = append(e.responders, respond)
}

// JSON returns an answer with a JSON body, or without a body if body is nil.
func (m *Mock) JSON(status int, body any) httpmock.Responder {
	m.t.Helper()
	if status < 200 || status > 599 {
		m.t.Fatalf("wechatpaytest: JSON(%d, %T): the status is not one from 200 to 599", status, body)
	}
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
		Transport:    placed{m.transport},
	}
	for _, f := range edit {
		if f != nil {
			f(&config)
		}
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
	body, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	respond := e.responders[min(e.used, len(e.responders)-1)]
	e.used++
	m.requests = append(m.requests, newRequest(e, req, body))
	m.mu.Unlock()

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
		m.t.Errorf("wechatpaytest: %sthe request is not signed as it must be: %v\n%s", lineOf(req), err, show(req, body))
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
		expected = append(expected, e.String())
	}
	m.mu.Unlock()
	slices.Sort(expected)
	m.t.Errorf("wechatpaytest: %snobody expected this request (expected: %q):\n%s", lineOf(req), expected, show(req, body))
	return nil, fmt.Errorf("wechatpaytest: nobody expected %s %s", req.Method, req.URL.Path)
}

func (m *Mock) checkUsed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.expectations {
		if e.used < len(e.responders) {
			m.t.Errorf("wechatpaytest: %s%s: expected %d requests, got %d", e.at, e, len(e.responders), e.used)
		}
	}
}
