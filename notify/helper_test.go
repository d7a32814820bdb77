package notify_test

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// material is the recorded notifications and keys made of what was recorded.
type material struct {
	*vectors.Crypto
	platformKey *rsa.PublicKey
	testSigner  signer.Signer // of the platform in these tests, under testSerial
	testPublic  *rsa.PublicKey
	gcm         *cipher.GCM
}

const testSerial = "PUB_KEY_ID_0114232134912410000000000002"

var readMaterial = sync.OnceValues(func() (*material, error) {
	v, err := vectors.Read()
	if err != nil {
		return nil, err
	}
	key, err := v.MerchantKey()
	if err != nil {
		return nil, err
	}
	m := &material{Crypto: v, testPublic: &key.PublicKey}
	var errs [3]error
	m.platformKey, errs[0] = v.PlatformKey()
	m.testSigner, errs[1] = signer.NewRSA(testSerial, key)
	m.gcm, errs[2] = cipher.NewGCM(v.APIv3Key)
	return m, errors.Join(errs[:]...)
})

func loadMaterial(t testing.TB) *material {
	t.Helper()
	m, err := readMaterial()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// newConfig takes both protocols, from the platform of the vectors and that of
// these tests.
func newConfig(t testing.TB) notify.Config {
	v := loadMaterial(t)
	return notify.Config{
		Keys:     keys.Static{v.PlatformPublicKeyID: v.platformKey, testSerial: v.testPublic},
		APIv3Key: v.APIv3Key,
		APIv2Key: v.APIv2Key,
		Clock:    func() time.Time { return time.Unix(v.Now, 0) },
	}
}

func newReceiver(t testing.TB, edit ...func(*notify.Config)) *notify.Receiver {
	t.Helper()
	config := newConfig(t)
	for _, f := range edit {
		f(&config)
	}
	r, err := notify.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func post(body string) *http.Request {
	return httptest.NewRequest("POST", "/notify", strings.NewReader(body))
}

// signed is a request with body, signed by the platform of these tests.
func signed(t testing.TB, body string) *http.Request {
	t.Helper()
	v, req := loadMaterial(t), post(body)
	if err := platform.Sign(t.Context(), v.testSigner, req.Header, strconv.FormatInt(v.Now, 10), []byte(body)); err != nil {
		t.Fatal(err)
	}
	return req
}

type m = map[string]any

// envelope is the body of a notification that encrypts text.
func envelope(t testing.TB, id, eventType, text string, edit ...func(m)) string {
	t.Helper()
	sealed, err := loadMaterial(t).gcm.Seal([]byte(text), "0123456789ab", "transaction")
	if err != nil {
		t.Fatal(err)
	}
	fields := m{
		"id": id, "create_time": "2026-11-24T10:00:00+08:00", "event_type": eventType, "summary": "支付成功", "resource_type": "encrypt-resource",
		"resource": m{"original_type": "transaction", "algorithm": sealed.Algorithm, "ciphertext": sealed.Ciphertext, "associated_data": sealed.AssociatedData, "nonce": sealed.Nonce},
	}
	for _, f := range edit {
		f(fields)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// paid is a notification of a payment, as it arrives.
func paid(t testing.TB, id string) *http.Request {
	return signed(t, envelope(t, id, "TRANSACTION.SUCCESS", `{"out_trade_no":"1217752501201407033233368018"}`))
}

// checkRefusal checks that err is an Error of that status that says want.
func checkRefusal(t *testing.T, err error, status int, want string) {
	t.Helper()
	var e *notify.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want an Error", err)
	}
	if e.StatusCode != status || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "notify: ") {
		t.Errorf("error is %d, %q; want %d and %q", e.StatusCode, err, status, want)
	}
	v := loadMaterial(t)
	for _, secret := range []string{v.APIv2Key, v.APIv3Key} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q shows a key", err)
		}
	}
}

// checkUnverified checks that err is a VerifyError of that reason, or that it is
// none if reason is "".
func checkUnverified(t *testing.T, err error, reason string) {
	t.Helper()
	var v *signer.VerifyError
	if errors.As(err, &v) != (reason != "") || errors.Is(err, signer.ErrVerify) != (reason != "") || v != nil && v.Reason != reason {
		t.Errorf("error is %v, want a VerifyError of reason %q", err, reason)
	}
}

const (
	okV3 = `{"code":"SUCCESS","message":"成功"}`
	okV2 = `<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>`
)

// checkAnswer checks the status of an answer, and that its body says the same in
// the protocol of the request.
func checkAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, v2 bool) {
	t.Helper()
	resp := w.Result()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	contentType, want := "application/json; charset=utf-8", okV3
	switch {
	case v2 && status == 200:
		contentType, want = "text/xml; charset=utf-8", okV2
	case v2:
		contentType, want = "text/xml; charset=utf-8", `<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[`+http.StatusText(status)+`]]></return_msg></xml>`
	case status != 200:
		want = `{"code":"FAIL","message":"` + http.StatusText(status) + `"}`
	}
	if resp.StatusCode != status || string(text) != want || resp.Header.Get("Content-Type") != contentType {
		t.Errorf("answer %d %s %s; want %d %s %s", resp.StatusCode, resp.Header.Get("Content-Type"), text, status, contentType, want)
	}
	if allow := resp.Header.Get("Allow"); (allow == "POST") != (status == 405) {
		t.Errorf("Allow: %q with %d", allow, status)
	}
}

func serve(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}
