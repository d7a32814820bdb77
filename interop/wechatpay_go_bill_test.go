package interop

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// The SDK asks for a bill as for anything, and downloads it with a client that
// verifies nothing, for files are not signed; the hash is the caller's to check.
func TestOfficialBill(t *testing.T) {
	var ago atomic.Int64
	sb := sandbox.Start(t, func(config *sandbox.Config) {
		config.Clock = func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }
	})
	m := sb.Merchant()
	ago.Store(int64(48 * time.Hour)) // the SDK has no clock to set, so the sandbox's goes first
	if _, err := sb.Client().Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": appID, "mchid": m.MchID, "description": "杯子", "out_trade_no": "native-0006", "notify_url": notifyURL, "amount": wechatpay.M{"total": 1234},
	})); err != nil {
		t.Fatal(err)
	}
	if _, err := sb.Pay(m.MchID, "native-0006"); err != nil {
		t.Fatal(err)
	}
	ago.Store(0)

	client := official(t, sb)
	order, _, err := (&native.NativeApiService{Client: client}).QueryOrderByOutTradeNo(t.Context(),
		native.QueryOrderByOutTradeNoRequest{OutTradeNo: core.String("native-0006"), Mchid: core.String(m.MchID)})
	if err != nil {
		t.Fatal(err)
	}
	day, _, _ := strings.Cut(*order.SuccessTime, "T")
	plain, err := core.NewClient(t.Context(), option.WithMerchantCredential(m.MchID, m.SerialNo, m.PrivateKey), network(t, sb), option.WithoutValidator())
	if err != nil {
		t.Fatal(err)
	}
	for kind, column := range map[string]string{"tradebill": "商户订单号", "fundflowbill": "业务凭证号"} {
		asked, err := client.Get(t.Context(), "https://api.mch.weixin.qq.com/v3/bill/"+kind+"?"+url.Values{"bill_date": {day}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			HashValue   string `json:"hash_value"`
			DownloadURL string `json:"download_url"`
		}
		if err := json.NewDecoder(asked.Response.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		file, err := plain.Get(t.Context(), answer.DownloadURL)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Response.Body.Close()
		text, err := io.ReadAll(file.Response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha1.Sum(text); hex.EncodeToString(sum[:]) != answer.HashValue {
			t.Errorf("%s: the SHA-1 of the file is %x, hash_value %s", kind, sum, answer.HashValue)
		}
		if !strings.Contains(string(text), column) || !strings.Contains(string(text), "`native-0006") {
			t.Errorf("%s has %q", kind, text)
		}
	}
	if _, err := client.Get(t.Context(), "https://api.mch.weixin.qq.com/v3/bill/tradebill?bill_date=2000-01-01"); !core.IsAPIError(err, "INVALID_REQUEST") {
		t.Errorf("a bill that is long gone: %v", err)
	}
}
