package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// A file is plain or compressed and unsigned. It can be downloaded for five
// minutes, and only by the merchant that asked for it.
func TestBillFile(t *testing.T) {
	other, err := sandbox.KeyedMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	first, err := sandbox.KeyedMerchant(sandbox.DefaultMchID, start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{first, other} })
	stranger := &world{Sandbox: w.Sandbox, clock: w.clock, client: w.Client(func(c *wechatpay.Config) {
		c.Transport, c.MchID, c.SerialNo, c.PrivateKey = inprocess.Transport(w.Server), other.MchID, other.SerialNo, other.PrivateKey
	})}
	w.paid(t, number, 100)
	w.until(t, "2018-06-09 10:00:00")
	plain := w.statement(t, bills.Trade, dayOf)
	packed := w.statement(t, bills.Trade, dayOf, bills.Gzip())
	if plain.text != packed.text {
		t.Errorf("compressed it is %q", packed.text)
	}

	resp := w.mustCall(t, "GET", tradePath+"?tar_type=GZIP&bill_date="+dayOf, nil)
	u, err := url.Parse(resp.Get("download_url").String())
	if err != nil || u.Query().Get("tartype") != "gzip" {
		t.Fatal(u, err)
	}
	file := w.mustCall(t, "GET", u.Path[1:]+"?"+u.RawQuery, nil)
	if file.Header.Get("Wechatpay-Signature") != "" || file.Header.Get("Content-Type") != "application/x-gzip" {
		t.Errorf("the file comes with %v", file.Header)
	}
	z, err := gzip.NewReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != plain.text {
		t.Errorf("the file has %q, %v", text, err)
	}

	token := u.Query().Get("token")
	get := func(w *world, token string) error {
		_, err := w.call("GET", filePath, nil, wechatpay.Query(wechatpay.M{"token": token}))
		return err
	}
	refused(t, get(stranger, token), 403, "NO_AUTH")
	for i := range token {
		changed := token[:i] + string(token[i]^1) + token[i+1:]
		refused(t, get(w, changed), 400, "INVALID_REQUEST")
	}
	for _, wrong := range []string{".", "example", token[:len(token)-1], token + "A", token + "." + token} {
		if err := get(w, wrong); !wechatpay.IsCode(err, "INVALID_REQUEST") {
			t.Errorf("the token %q: %v", wrong, err)
		}
	}
	w.clock.add(5 * time.Minute)
	if err := get(w, token); err != nil {
		t.Error(err)
	}
	w.clock.add(time.Second)
	refused(t, get(w, token), 400, "INVALID_REQUEST")
	refused(t, get(stranger, token), 403, "NO_AUTH")
}

// The cost of a day's bill depends only on that day.
func TestBillReadsItsDayAlone(t *testing.T) {
	var seen atomic.Int64
	store := watchedStore{sandbox.NewMemory(), &seen}
	w := newWorld(t, func(c *sandbox.Config) { c.Store = store })
	for i := range 100 {
		w.paid(t, fmt.Sprintf("early-%03d", i), 100)
	}
	w.until(t, "2018-06-09 10:00:00")
	w.paid(t, "late-order", 100)
	w.until(t, "2018-06-10 10:00:00")
	seen.Store(0)
	for _, kind := range []bills.Kind{bills.Trade, bills.FundFlow} {
		if b := w.statement(t, kind, nextDay); len(b.rows) > 2 {
			t.Errorf("%s has %d rows", kind, len(b.rows))
		}
	}
	if n := seen.Load(); n == 0 || n > 30 {
		t.Errorf("two bills of one order look at %d values", n)
	}
}
