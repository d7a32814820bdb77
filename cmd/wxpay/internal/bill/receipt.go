package bill

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// receiptPath is the operation that applies for the receipt of a transfer.
//
// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/elecsign/accept-elecsign-by-out-no.html
const receiptPath = "v3/fund-app/mch-transfer/elecsign/out-bill-no"

func newReceipt(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var out string
	cmd := &cobra.Command{
		Use:   "receipt OUT_BILL_NO",
		Short: "Download the receipt of a transfer",
		Long: `receipt downloads the receipt of a transfer to a user, a PDF, and checks its hash.
The transfer must have succeeded within the last six months, and have the user's
name.

The first call applies for the receipt. The platform takes some minutes to make
it; until then the command exits with 1 and says so. Repeat it after two minutes.
The file appears, or replaces the existing one, only after its hash is verified.

` + settings.Help + "\n\n" + exit.Help,
		Example: `  wxpay bill receipt plfk2020042013 -o receipt.pdf`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return cli.OneArg(cmd, args)
			}
			if len(args) == 0 {
				return lang.Errorf("want the OUT_BILL_NO of one transfer")
			}
			if out == "" {
				return lang.Errorf("--output is missing; name the file for the PDF, such as -o receipt.pdf")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.Load(); err != nil {
				return err
			}
			client, err := s.NewClient(cmd.Context(), nil, request.Checked(false))
			if err != nil {
				return err
			}
			return downloadReceipt(cmd.Context(), client, args[0], out)
		},
	}
	s.Bind(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file for the receipt")
	return cmd
}

// downloadReceipt writes the receipt of a transfer to a file, or applies for it.
func downloadReceipt(ctx context.Context, client *wechatpay.Client, outBillNo, out string) error {
	file, err := wholefile.Create(out)
	if err != nil {
		return exit.Misuse(lang.Errorf("--output: %w", err))
	}
	defer file.Discard()
	link, err := receiptLink(ctx, client, outBillNo)
	if err != nil {
		return err
	}
	if _, err := bill.DownloadLink(ctx, client, link, bill.To(file)); err != nil {
		return err
	}
	return file.Commit()
}

// receiptLink returns the link to the receipt of a transfer. Without a receipt, it
// applies for one and returns an error.
func receiptLink(ctx context.Context, client *wechatpay.Client, outBillNo string) (link bill.Link, err error) {
	resp, err := client.Chain(receiptPath+"/{out_bill_no}").Get(ctx, wechatpay.Bind("out_bill_no", outBillNo))
	if wechatpay.IsCode(err, "NOT_FOUND") {
		if _, err := client.Chain(receiptPath).Post(ctx, wechatpay.JSON(wechatpay.M{"out_bill_no": outBillNo})); err != nil {
			return link, err
		}
		return link, lang.Errorf("applied for the receipt; repeat the command in two minutes to download it")
	}
	if err != nil {
		return link, err
	}
	switch state := resp.Get("state").String(); state {
	case "FINISHED":
		return link, resp.Decode(&link)
	case "FAILED":
		return link, lang.Errorf("the receipt cannot be made: %s", term.Cut(resp.Get("fail_reason").String()))
	default:
		return link, lang.Errorf("the receipt is %s; repeat the command in two minutes", term.Cut(state))
	}
}
