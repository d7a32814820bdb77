package notify_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

const suiteText = `{"out_trade_no":"1"}`

// bare is a platform key that only verifies.
type bare struct{ signer.Verifier }

// ofSuite is a notification of the invented suite, signed by key and encrypted with
// the cipher of suite; a nil suite is AEAD_AES_256_GCM.
func ofSuite(t testing.TB, key *suitetest.Key, suite cipher.Sealer) *http.Request {
	t.Helper()
	v := loadMaterial(t)
	gcm, err := cipher.NewGCMOf(suite, v.APIv3Key)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := gcm.Seal([]byte(suiteText), "0123456789ab", "transaction")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(m{"id": "EV-1", "event_type": "TRANSACTION.SUCCESS", "resource": sealed})
	if err != nil {
		t.Fatal(err)
	}
	req := post(string(body))
	if err := platform.Sign(t.Context(), key, req.Header, strconv.FormatInt(v.Now, 10), body); err != nil {
		t.Fatal(err)
	}
	return req
}

// The Suite of a Receiver opens notifications, or else the platform key that has
// verified them does.
func TestNotificationOfASuite(t *testing.T) {
	key := suitetest.New(t, testSerial)
	platformKeys := func(v signer.Verifier) func(*notify.Config) {
		return func(c *notify.Config) { c.Keys = keys.Static{testSerial: v} }
	}
	withSuite := func(c *notify.Config) { c.Suite = key }
	tests := []struct {
		name  string
		edits []func(*notify.Config)
		req   *http.Request
		opens bool
	}{
		{"the key knows the cipher", []func(*notify.Config){platformKeys(key.Platform())}, ofSuite(t, key, key), true},
		{"the Suite knows it", []func(*notify.Config){platformKeys(bare{key.Platform()}), withSuite}, ofSuite(t, key, key), true},
		{"both know it", []func(*notify.Config){platformKeys(key.Platform()), withSuite}, ofSuite(t, key, key), true},
		{"nobody knows it", []func(*notify.Config){platformKeys(bare{key.Platform()})}, ofSuite(t, key, key), false},
		{"remote key, AES", []func(*notify.Config){platformKeys(bare{key.Platform()})}, ofSuite(t, key, nil), true},
		{"AES for a Suite whose cipher is another", []func(*notify.Config){platformKeys(bare{key.Platform()}), withSuite}, ofSuite(t, key, nil), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := newReceiver(t, tt.edits...).Parse(tt.req)
			switch {
			case tt.opens && (err != nil || string(n.Resource) != suiteText || n.ID != "EV-1"):
				t.Errorf("%+v, %v", n, err)
			case !tt.opens:
				checkRefusal(t, err, http.StatusBadRequest, "algorithm is ")
			}
		})
	}
}

// A notification that says it is of another suite than its key is refused.
func TestNotificationOfTheWrongType(t *testing.T) {
	key := suitetest.New(t, testSerial)
	for name, c := range map[string]struct {
		req  *http.Request
		keys signer.PublicKeys
		typ  string
	}{
		"RSA key":   {paid(t, "EV-1"), newConfig(t).Keys, suitetest.Scheme},
		"suite key": {ofSuite(t, key, key), keys.Static{testSerial: key.Platform()}, signer.SchemeRSA},
	} {
		r := newReceiver(t, func(config *notify.Config) { config.Keys = c.keys })
		c.req.Header.Set("Wechatpay-Signature-Type", c.typ)
		_, err := r.Parse(c.req)
		t.Run(name, func(t *testing.T) {
			checkUnverified(t, err, signer.ReasonHeader)
			checkRefusal(t, err, http.StatusUnauthorized, "Wechatpay-Signature-Type is ")
		})
	}
}
