package notify_test

import (
	"context"
	"crypto"
	"crypto/aes"
	stdcipher "crypto/cipher"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// payment is about what a notification of a payment encrypts.
const payment = `{"mchid":"1900000109","appid":"wxd678efh567hg6787","out_trade_no":"1217752501201407033233368018",` +
	`"transaction_id":"1217752501201407033233368018","trade_type":"JSAPI","trade_state":"SUCCESS","trade_state_desc":"支付成功",` +
	`"bank_type":"CMC","attach":"","success_time":"2026-11-24T10:00:00+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},` +
	`"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}}`

// repeated is a request that can be read any number of times.
type repeated struct {
	*http.Request
	body strings.Reader
	text string
}

func newRepeated(t testing.TB, text string) *repeated {
	r := &repeated{Request: signed(t, text), text: text}
	r.Body = http.NoBody
	return r
}

func (r *repeated) again() *http.Request {
	r.body.Reset(r.text)
	r.Request.Body = r
	return r.Request
}

func (r *repeated) Read(p []byte) (int, error) { return r.body.Read(p) }
func (*repeated) Close() error                 { return nil }

// whole returns what takes a notification in, to where a field is read, and
// bare the RSA verification and the GCM opening that it cannot do without.
func whole(t testing.TB) (run, bare func()) {
	r, req := newReceiver(t), newRepeated(t, envelope(t, "EV-1", "TRANSACTION.SUCCESS", payment))
	run = func() {
		n, err := r.Parse(req.again())
		if err != nil || n.Get("amount.total").Int() != 100 {
			t.Fatal(n, err)
		}
	}
	v := loadMaterial(t)
	message := signer.ResponseMessage(req.Header.Get("Wechatpay-Timestamp"), req.Header.Get("Wechatpay-Nonce"), []byte(req.text))
	signature, err := base64.StdEncoding.DecodeString(req.Header.Get("Wechatpay-Signature"))
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher([]byte(v.APIv3Key))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := stdcipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := []byte("0123456789ab")
	sealed := gcm.Seal(nil, nonce, []byte(payment), nil)
	bare = func() {
		digest := sha256.Sum256(message)
		if err := rsa.VerifyPKCS1v15(v.testPublic, crypto.SHA256, digest[:], signature); err != nil {
			t.Fatal(err)
		}
		if _, err := gcm.Open(nil, nonce, sealed, nil); err != nil {
			t.Fatal(err)
		}
	}
	return run, bare
}

// wholeV2 returns what takes in a notification of APIv2 with the fields of the official
// example, to where a field is read.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7
func wholeV2(t testing.TB, signType string) func() {
	body := signedXML(t, signType, order("appid", "wx2421b1c4370ec43b", "attach", "支付测试", "bank_type", "CFT", "fee_type", "CNY",
		"is_subscribe", "Y", "openid", "oUpF8uMEb4qRXf22hE3X68TekukE", "sub_mch_id", "10000100", "time_end", "20140903131540",
		"coupon_fee_0", "10", "coupon_count", "1", "coupon_type_0", "CASH", "coupon_id_0", "10000", "trade_type", "JSAPI",
		"transaction_id", "1004400740201409030005092168", "sign_type", signType))
	req, r := newRepeated(t, body), newReceiver(t)
	req.Header = nil
	return func() {
		n, err := r.Parse(req.again())
		if err != nil || n.Get("total_fee").String() != "1" {
			t.Fatal(n, err)
		}
	}
}

// refundV2 returns what takes in a refund notification of APIv2.
func refundV2(t testing.TB) func() {
	fields := m{"return_code": "SUCCESS", "appid": "wx2421b1c4370ec43b", "mch_id": "10000100", "nonce_str": "TeqClE3i0mvn3DrK",
		"req_info": encrypted(t, xmlText(t, m{
			"out_refund_no": "131811191610442717309", "out_trade_no": "71106718111915575302817", "refund_account": "REFUND_SOURCE_RECHARGE_FUNDS",
			"refund_fee": "3960", "refund_id": "50000408942018111907145868882", "refund_recv_accout": "支付用户零钱", "refund_request_source": "API",
			"refund_status": "SUCCESS", "settlement_refund_fee": "3960", "settlement_total_fee": "3960", "success_time": "2018-11-19 16:24:13",
			"total_fee": "3960", "transaction_id": "4200000215201811190261405420",
		}))}
	req, r := newRepeated(t, xmlText(t, fields)), newReceiver(t)
	req.Header = nil
	return func() {
		n, err := r.Parse(req.again())
		if err != nil || n.Get("req_info.out_refund_no").String() == "" {
			t.Fatal(n, err)
		}
	}
}

// BenchmarkNotify verifies, decrypts and parses a notification, and does the RSA
// verification and the GCM opening alone, in turn. It fails when the least time of the
// first is more than 1.4 times that of the second.
func BenchmarkNotify(b *testing.B) {
	run, bare := whole(b)
	least, leastBare := time.Hour, time.Hour
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		run()
		least = min(least, time.Since(start))
		b.StopTimer()
		start = time.Now()
		bare()
		leastBare = min(leastBare, time.Since(start))
		b.StartTimer()
	}
	ratio := least.Seconds() / leastBare.Seconds()
	b.ReportMetric(ratio, "of-the-bare-work")
	if b.N >= 1000 && ratio > 1.4 {
		b.Errorf("a notification takes %v, %.2f times its bare cryptography, want 1.4 at most", least, ratio)
	}
}

// BenchmarkNotifyHandler takes a notification, hands it to a function and
// answers.
func BenchmarkNotifyHandler(b *testing.B) {
	req := newRepeated(b, envelope(b, "EV-1", "TRANSACTION.SUCCESS", payment))
	r := newReceiver(b, func(c *notify.Config) { c.Seen = brokenSeen{Seen: notify.NewMemorySeen(0, 0), state: notify.First} })
	h := r.Handler(func(context.Context, *notify.Notification) error { return nil })
	b.ReportAllocs()
	for b.Loop() {
		if w := serve(h, req.again()); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkNotifyV2 verifies and parses notifications of APIv2.
func BenchmarkNotifyV2(b *testing.B) {
	for name, run := range map[string]func(){
		"MD5": wholeV2(b, "MD5"), "HMAC-SHA256": wholeV2(b, "HMAC-SHA256"), "refund": refundV2(b),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

// BenchmarkMemorySeen claims and keeps IDs in a store that is full. What it
// holds then is at most 16 MiB.
func BenchmarkMemorySeen(b *testing.B) {
	s, i := notify.NewMemorySeen(0, 0), 0
	next := func() {
		id := fmt.Sprintf("a1b2c3d4-0000-0000-0000-%012d", i)
		i++
		if state, err := s.Claim(b.Context(), id); state != notify.First || err != nil {
			b.Fatal(state, err)
		}
		if err := s.Done(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
	before := heap()
	for range 1 << 17 {
		next()
	}
	held := float64(heap()-before) / (1 << 20)
	if held > 16 {
		b.Errorf("a full store holds %.1f MiB, at most 16 are allowed", held)
	}
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
	b.ReportMetric(held, "MiB")
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
