// Package testkit provides what the tests of several commands share.
package testkit

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// The merchant and the platform that the tests use.
const (
	MchID       = "8956000"
	SerialNo    = "3775B6A45ACD588826D15E583A95F5DD12345678"
	PublicKeyID = keys.PublicKeyIDPrefix + "0114232134912410000000000000"
)

// Config is a wxpay.toml. $PLATFORM in it stands for the URL of a platform.
const Config = `mchid = "` + MchID + `"
serial_no = "` + SerialNo + `"
private_key = "apiclient_key.pem"
platform_public_key_id = "` + PublicKeyID + `"
platform_public_key = "pub_key.pem"
apiv2_key = "` + APIv2Key + `"
base_url = "$PLATFORM"
`

// Keys are the keys of the merchant, the platform and a stranger.
var Keys = sync.OnceValue(func() (k [3]*rsa.PrivateKey) {
	for i := range k {
		var err error
		if k[i], err = rsa.GenerateKey(rand.Reader, signer.MinBits); err != nil {
			panic(err)
		}
	}
	return k
})

// WriteKeys writes the keys that Config names into dir.
func WriteKeys(dir string) error {
	k := Keys()
	private, err := x509.MarshalPKCS8PrivateKey(k[0])
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(k[1].Public())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "apiclient_key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "pub_key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644)
}

// Platform is a platform whose answers repeat the request. For some paths it
// refuses the call, signs with another key, or closes the connection.
type Platform struct{}

func (Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k := Keys()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !strings.HasPrefix(r.URL.Path, "/v3/") {
		echoV2(w, body)
		return
	}
	if body, err = platform.Signed(r.Header, body); err != nil {
		panic(http.ErrAbortHandler)
	}
	status, key := http.StatusOK, k[1]
	answer := map[string]any{"method": r.Method, "target": r.RequestURI, "body": json.RawMessage(body)}
	if len(body) == 0 {
		delete(answer, "body")
	}
	a, err := platform.ParseAuthorization(r.Header.Get("Authorization"))
	if err == nil {
		err = platform.Verify(r.Context(), keys.Static{SerialNo: k[0].Public()}, r.Method, r.RequestURI, a, body)
	}
	switch {
	case err != nil:
		status, answer = http.StatusUnauthorized, map[string]any{"code": "SIGN_ERROR", "message": err.Error()}
	case strings.Contains(r.URL.Path, "refused"):
		status, answer = http.StatusForbidden, map[string]any{"code": "NOT_ENOUGH", "message": "the budget is spent"}
	case strings.Contains(r.URL.Path, "forged"):
		key = k[2]
	case strings.Contains(r.URL.Path, "broken"):
		panic(http.ErrAbortHandler)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s, err := signer.NewRSA(PublicKeyID, key)
	if err == nil {
		err = platform.Sign(r.Context(), s, w.Header(), strconv.FormatInt(time.Now().Unix(), 10), text)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-ID", "08F78BA8A10610C9")
	w.WriteHeader(status)
	w.Write(text)
}

// APIv2Key is the APIv2 key of the merchant.
const APIv2Key = "an APIv2 key, which has 32 bytes"

// echoV2 answers with the fields of the request, as APIv2 does.
func echoV2(w http.ResponseWriter, body []byte) {
	answer := map[string]any{"return_code": "SUCCESS", "result_code": "SUCCESS"}
	fields, err := xmlmap.Decode(body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	texts := make(map[string]string)
	for name, value := range fields {
		texts[name], _ = value.(string)
	}
	if err := signer.V2Verify(APIv2Key, texts); err != nil || texts["out_trade_no"] == "refused" {
		answer["result_code"], answer["err_code"] = "FAIL", "ORDERNOTEXIST"
	}
	answer["out_trade_no"] = texts["out_trade_no"]
	clear(texts)
	for name, value := range answer {
		texts[name], _ = value.(string)
	}
	key := APIv2Key
	if texts["out_trade_no"] == "forged" {
		key = strings.ToUpper(key)
	}
	if answer["sign"], err = signer.V2Sign("", key, texts); err != nil {
		panic(http.ErrAbortHandler)
	}
	text, err := xmlmap.Encode(answer)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Write(text)
}
