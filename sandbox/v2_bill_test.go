package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const billV2 = "v2/pay/downloadbill"

// billV2 downloads a bill of 8 June.
func (w *world) billV2(edit wechatpay.M) (*wechatpay.Response, error) {
	return w.v2(billV2, with(wechatpay.M{"appid": "wxd678efh567hg6787", "bill_date": "20180608"}, edit))
}

func TestAPIv2Bill(t *testing.T) {
	w := newWorld(t)
	id := w.paidV2(t)
	refunded := w.mustV2(t, refundV2Path, refundV2("r1", 30, nil))
	w.paid(t, "by-APIv3", 200)
	sub := wechatpay.M{"sub_mch_id": sandbox.DefaultSubMchID}
	w.mustV2(t, unified, orderV2("of-partner", 300, sub))
	if _, err := w.Pay(sandbox.DefaultSubMchID, "of-partner"); err != nil {
		t.Fatal(err)
	}
	w.clock.add(24 * time.Hour)
	rows := func(edit wechatpay.M) []string {
		t.Helper()
		resp, err := w.billV2(edit)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(resp.Bytes())), "\r\n")
	}
	all := rows(nil)
	if len(all) != 7 || !strings.HasPrefix(all[0], "交易时间,公众账号ID,商户号") || !strings.HasPrefix(all[5], "总交易单数") || !strings.HasPrefix(all[6], "`4,`6.00,`0.30") {
		t.Errorf("all of the day:\n%s", strings.Join(all, "\n"))
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"`" + id, "`" + refunded.Get("refund_id").String(), "`by-APIv3", "`of-partner"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the bill:\n%s", want, text)
		}
	}
	for name, tt := range map[string]struct {
		edit  wechatpay.M
		lines int
	}{
		"payments": {wechatpay.M{"bill_type": "SUCCESS"}, 6}, "refunds": {wechatpay.M{"bill_type": "REFUND"}, 4}, "of a sub-merchant": {sub, 4},
	} {
		if got := rows(tt.edit); len(got) != tt.lines {
			t.Errorf("%s:\n%s", name, strings.Join(got, "\n"))
		}
	}
	resp, err := w.billV2(wechatpay.M{"tar_type": "GZIP"})
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(resp.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || strings.TrimSpace(string(plain)) != strings.Join(all, "\r\n") {
		t.Errorf("compressed: %s, %v", plain, err)
	}
}

func TestAPIv2BillRefusals(t *testing.T) {
	w := newWorld(t)
	w.paidV2(t)
	w.clock.add(23 * time.Hour) // half past nine
	for name, tt := range map[string]struct {
		edit          wechatpay.M
		code, message string
	}{
		"too early":      {nil, "20003", "Bill Creating"},
		"today":          {wechatpay.M{"bill_date": "20180609"}, "20001", "bill_date"},
		"no day":         {wechatpay.M{"bill_date": "2018-6-8"}, "20001", "bill_date"},
		"no type":        {wechatpay.M{"bill_date": "20180607", "bill_type": "NONE"}, "20001", "bill_type"},
		"nothing":        {wechatpay.M{"bill_date": "20180607"}, "20002", "No Bill Exist"},
		"no recharges":   {wechatpay.M{"bill_date": "20180607", "bill_type": "RECHARGE_REFUND"}, "20002", "No Bill Exist"},
		"a stranger's":   {wechatpay.M{"sub_mch_id": "1900000299"}, "20001", "1900000299"},
		"no day at all":  {wechatpay.M{"bill_date": nil}, "20001", "bill_date"},
		"four months on": {wechatpay.M{"bill_date": "20180208"}, "20001", "bill_date"},
	} {
		_, err := w.billV2(tt.edit)
		if !wechatpay.IsCode(err, tt.code) || !strings.Contains(err.Error(), tt.message) {
			t.Errorf("%s: error is %v, want %s: %s", name, err, tt.code, tt.message)
		}
		if last := w.Requests(); last[len(last)-1].Code != tt.code {
			t.Errorf("%s: the code is %q, want %s", name, last[len(last)-1].Code, tt.code)
		}
	}
}
