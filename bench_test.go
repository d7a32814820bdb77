package wechatpay_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"net/http"
	"testing"

	"github.com/wxchain/wechatpay"
)

// canned is a platform that signs its only answer beforehand, so the benchmark
// measures only the client.
type canned struct {
	header http.Header
	body   []byte
}

func newCanned(b testing.TB, config *wechatpay.Config) {
	const answer = `{"coupon_id":"9867041"}`
	_, shared := newSigning(b, nil)
	platform := shared.Transport.(*signing)
	header := http.Header{"Content-Type": {"application/json"}}
	platform.sign(header, []byte(answer))
	*config = shared
	config.Transport = &canned{header, []byte(answer)}
}

func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: 200, Header: c.header, Request: req,
		Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)),
	}, nil
}

// presigned is a key with a signature made beforehand. It leaves out the RSA
// signature, which takes fifty times as long as the rest of a call.
type presigned struct{ crypto.Signer }

var signature256 [256]byte

func (presigned) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return signature256[:], nil
}

func sendCoupon(b *testing.B, client *wechatpay.Client) {
	chain := client.Chain("v3/marketing/favor/users/{openid}/coupons")
	b.ReportAllocs()
	for b.Loop() {
		postCoupon(b, chain)
	}
}

// coupon is the seed's body.
func coupon() wechatpay.M {
	return wechatpay.M{
		"stock_id":            "9856000",
		"out_request_no":      "89560002019101000121",
		"appid":               "wx233544546545989",
		"stock_creator_mchid": "8956000",
		"coupon_value":        100,
		"coupon_minimum":      100,
	}
}

func postCoupon(t testing.TB, chain wechatpay.Chain) {
	resp, err := chain.Post(context.Background(), wechatpay.Options{
		"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"json":   coupon(),
	})
	if err != nil || resp.Get("coupon_id").String() != "9867041" {
		t.Fatal(resp, err)
	}
}

// BenchmarkCoupon is the whole call: signed, sent in memory, verified, read.
// Its bound is BenchmarkBareRSA + 25 µs and 36 allocations.
func BenchmarkCoupon(b *testing.B) {
	var config wechatpay.Config
	newCanned(b, &config)
	sendCoupon(b, newClient(b, config))
}

// BenchmarkBareRSA is the signature and the verification that every call needs.
func BenchmarkBareRSA(b *testing.B) {
	key := newConfig(b, nil).PrivateKey.(*rsa.PrivateKey)
	message := bytes.Repeat([]byte("x"), 300)
	b.ReportAllocs()
	for b.Loop() {
		digest := sha256.Sum256(message)
		signature, err := key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCouponPresigned is BenchmarkCoupon without the RSA signature; its
// bound is BenchmarkBareVerify + 25 µs.
func BenchmarkCouponPresigned(b *testing.B) {
	var config wechatpay.Config
	newCanned(b, &config)
	config.PrivateKey = presigned{config.PrivateKey}
	sendCoupon(b, newClient(b, config))
}

// BenchmarkBareVerify is the verification alone.
func BenchmarkBareVerify(b *testing.B) {
	key := newConfig(b, nil).PrivateKey.(*rsa.PrivateKey)
	message := bytes.Repeat([]byte("x"), 300)
	digest := sha256.Sum256(message)
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		digest := sha256.Sum256(message)
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSpell spells and expands the seed's chain, by path and by segments.
// Its bound is 2.5 µs and 14 allocations.
func BenchmarkSpell(b *testing.B) {
	client := newClient(b, newConfig(b, nil))
	openid := wechatpay.Options{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
	for name, spell := range spellings(client) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if u, err := spell().URL(openid); err != nil || len(u.Path) < 40 {
					b.Fatal(u, err)
				}
			}
		})
	}
}

func spellings(client *wechatpay.Client) map[string]func() wechatpay.Chain {
	return map[string]func() wechatpay.Chain{
		"path": func() wechatpay.Chain {
			return client.Chain("v3/marketing/favor/users/{openid}/coupons")
		},
		"segments": func() wechatpay.Chain {
			return client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons")
		},
	}
}
