package sandbox_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

// A receipt is made some time after the merchant applied for it.
func ExampleStart_receipt() {
	dir, err := os.MkdirTemp("", "receipts")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "receipt.pdf")
	// In a test file this is func TestReceipt(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()
		transferNamed(ctx, t, sb, client)

		receipts := client.Chain("v3/fund-app/mch-transfer/elecsign")
		if _, err := receipts.Chain("out-bill-no").Post(ctx, wechatpay.JSON(wechatpay.M{"out_bill_no": "plfk2020042013"})); err != nil {
			t.Fatal(err)
		}
		if err := sb.Advance(5 * time.Second); err != nil {
			t.Fatal(err)
		}
		resp, err := receipts.Chain("out-bill-no/{out_bill_no}").Bind("out_bill_no", "plfk2020042013").Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var link bills.Link // download_url, hash_type, hash_value
		if err := resp.Decode(&link); err != nil {
			t.Fatal(err)
		}
		info, err := bills.DownloadLink(ctx, client, link, bills.File(path))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("state"), info.HashType)
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output: FINISHED SHA256
}

// transferNamed makes a transfer to a user with a name, which succeeds.
func transferNamed(ctx context.Context, t testing.TB, sb *sandbox.Sandbox, client *wechatpay.Client) {
	t.Helper()
	_, err := client.Chain("v3/fund-app/mch-transfer/transfer-bills").Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxf636efh567hg4356", "out_bill_no": "plfk2020042013", "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "user_name": wechatpay.Secret("张三"),
		"transfer_amount": 100, "transfer_remark": "2020年4月报销", "transfer_scene_id": "1011",
		"transfer_scene_report_infos": []wechatpay.M{{"info_type": "赔付原因", "info_content": "迟到"}},
	}))
	if err == nil {
		err = sb.SettleTransfer(sb.Merchant().MchID, "plfk2020042013", sandbox.TransferSuccess)
	}
	if err != nil {
		t.Fatal(err)
	}
}
