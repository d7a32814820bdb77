//go:build cgo && unix

package interop

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/pkg/xhttp"
	gopayv3 "github.com/go-pay/gopay/wechat/v3"
	native "github.com/golang-fips/openssl/v2"
	"github.com/golang-fips/openssl/v2/bbig"
	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/cashcoupons"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/speed"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer/openssl"
)

const (
	couponAnswer = `{"coupon_id":"9867041"}`
	platformID   = "PUB_KEY_ID_0114232134912410000000000000"
	merchantID   = "1900000109"
	serialNo     = "3775B6A45ACD588826D15E583A95F5DD12345678"
)

// An arena is a platform without a network, whose only answer is signed beforehand.
type arena struct {
	merchant, platform *rsa.PrivateKey
	timestamp          string
	signature          []byte
	header             http.Header
}

func newArena(t testing.TB) *arena {
	t.Helper()
	switch err := openssl.Available(); {
	case err == nil:
	case os.Getenv("WXPAY_OPENSSL") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	a := &arena{merchant: newKey(t), platform: newKey(t), timestamp: strconv.FormatInt(time.Now().Unix(), 10)}
	sum := a.sum()
	var err error
	if a.signature, err = a.platform.Sign(nil, sum[:], crypto.SHA256); err != nil {
		t.Fatal(err)
	}
	a.sign()
	return a
}

func newKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

const nonce = "f3b1a0c2d4e5968778695a4b3c2d1e0f"

// sum returns the digest of what the platform signs.
func (a *arena) sum() [sha256.Size]byte {
	return sha256.Sum256([]byte(a.timestamp + "\n" + nonce + "\n" + couponAnswer + "\n"))
}

// sign puts the signature into the header of the answer.
func (a *arena) sign() {
	a.header = http.Header{
		"Content-Type":        {"application/json"},
		"Request-Id":          {"08F78BB0AE0610D302"},
		"Wechatpay-Nonce":     {nonce},
		"Wechatpay-Serial":    {platformID},
		"Wechatpay-Timestamp": {a.timestamp},
		"Wechatpay-Signature": {base64.StdEncoding.EncodeToString(a.signature)},
	}
}

// RoundTrip answers.
func (a *arena) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: 200, Header: a.header, Request: req,
		Body: io.NopCloser(strings.NewReader(couponAnswer)), ContentLength: int64(len(couponAnswer)),
	}, nil
}

// A side makes the call of the benchmark.
type side struct {
	name string
	call func(context.Context) error
}

func (a *arena) sides(t testing.TB) []side {
	t.Helper()
	config := wechatpay.Config{MchID: merchantID, SerialNo: serialNo, PrivateKey: a.merchant,
		PlatformKeys: keys.Static{platformID: &a.platform.PublicKey}, Transport: a}
	withOpenSSL := config
	var err error
	if withOpenSSL.PrivateKey, err = openssl.PrivateKey(a.merchant); err != nil {
		t.Fatal(err)
	}
	if withOpenSSL.PlatformKeys, err = openssl.PublicKeys(config.PlatformKeys); err != nil {
		t.Fatal(err)
	}
	return []side{
		{speed.BareGo, a.bareGo},
		{speed.Ours, ours(t, config)},
		{speed.WechatpayGo, a.wechatpayGo(t)},
		{speed.Gopay, a.gopay(t)},
		{speed.BareOpenSSL, a.bareOpenSSL(t)},
		{speed.OursOpenSSL, ours(t, withOpenSSL)},
	}
}

// request is as long as what a call signs.
var request = bytes.Repeat([]byte("x"), 300)

// bareGo signs what a call signs, and verifies the answer.
func (a *arena) bareGo(context.Context) error {
	sum := sha256.Sum256(request)
	if _, err := a.merchant.Sign(nil, sum[:], crypto.SHA256); err != nil {
		return err
	}
	sum = a.sum()
	return rsa.VerifyPKCS1v15(&a.platform.PublicKey, crypto.SHA256, sum[:], a.signature)
}

// bareOpenSSL does the same as bareGo.
func (a *arena) bareOpenSSL(t testing.TB) func(context.Context) error {
	t.Helper()
	enc, key := bbig.Enc, a.merchant
	e := enc(big.NewInt(int64(key.E)))
	private, err := native.NewPrivateKeyRSA(enc(key.N), e, enc(key.D), enc(key.Primes[0]), enc(key.Primes[1]),
		enc(key.Precomputed.Dp), enc(key.Precomputed.Dq), enc(key.Precomputed.Qinv))
	if err != nil {
		t.Fatal(err)
	}
	public, err := native.NewPublicKeyRSA(enc(a.platform.N), enc(big.NewInt(int64(a.platform.E))))
	if err != nil {
		t.Fatal(err)
	}
	return func(context.Context) error {
		sum := sha256.Sum256(request)
		if _, err := native.SignRSAPKCS1v15(private, crypto.SHA256, sum[:]); err != nil {
			return err
		}
		sum = a.sum()
		return native.VerifyRSAPKCS1v15(public, crypto.SHA256, sum[:], a.signature)
	}
}

// ours calls with this library.
func ours(t testing.TB, config wechatpay.Config) func(context.Context) error {
	t.Helper()
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context) error {
		resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Post(ctx, wechatpay.Options{"openid": openID, "json": coupon()})
		if err != nil {
			return err
		}
		return sent(resp.Get("coupon_id").String())
	}
}

func coupon() wechatpay.M {
	return wechatpay.M{"stock_id": "9856000", "out_request_no": "89560002019101000121", "appid": "wx233544546545989",
		"stock_creator_mchid": "8956000", "coupon_value": 100, "coupon_minimum": 100}
}

// wechatpayGo calls with the official SDK.
func (a *arena) wechatpayGo(t testing.TB) func(context.Context) error {
	t.Helper()
	client, err := core.NewClient(t.Context(), option.WithHTTPClient(&http.Client{Transport: a}),
		option.WithWechatPayPublicKeyAuthCipher(merchantID, serialNo, a.merchant, platformID, &a.platform.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return couponBy(client)
}

func couponBy(client *core.Client) func(context.Context) error {
	api := cashcoupons.CouponApiService{Client: client}
	return func(ctx context.Context) error {
		resp, _, err := api.SendCoupon(ctx, cashcoupons.SendCouponRequest{
			Openid: core.String(openID), StockId: core.String("9856000"), OutRequestNo: core.String("89560002019101000121"),
			Appid: core.String("wx233544546545989"), StockCreatorMchid: core.String("8956000"),
			CouponValue: core.Int64(100), CouponMinimum: core.Int64(100),
		})
		if err != nil {
			return err
		}
		return sent(*resp.CouponId)
	}
}

// gopay calls with gopay.
func (a *arena) gopay(t testing.TB) func(context.Context) error {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(a.merchant)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&a.platform.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	client, err := gopayv3.NewClientV3(merchantID, serialNo, strings.Repeat("k", 32), pemOf("PRIVATE KEY", private))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.AutoVerifySignByPublicKey([]byte(pemOf("PUBLIC KEY", public)), platformID); err != nil {
		t.Fatal(err)
	}
	client.SetHttpClient(xhttp.NewClient().SetTransport(a))
	return func(ctx context.Context) error {
		resp, err := client.V3FavorBatchGrant(ctx, openID, gopay.BodyMap(coupon()))
		switch {
		case err != nil:
			return err
		case resp.Error != "":
			return errors.New(resp.Error)
		}
		return sent(resp.Response.CouponId)
	}
}

// sent checks that the answer was read.
func sent(couponID string) error {
	if couponID != "9867041" {
		return fmt.Errorf("the coupon is %q", couponID)
	}
	return nil
}
