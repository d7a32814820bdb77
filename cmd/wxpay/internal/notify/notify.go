// Package notify is wxpay notify, which sends and verifies notifications.
package notify

import (
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
)

// New returns the command wxpay notify.
func New(b *build.Build) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Send a notification to your handler, or read a saved one",
		Long: `notify helps you test a notification handler. send sends a notification to a
handler as the platform would, and says whether the handler acknowledged it.
verify checks and decrypts a saved notification.`,
		Example: `  wxpay notify send http://127.0.0.1:8080/notify --dir sandbox out_trade_no=order12345
  wxpay notify verify notification.http`,
	}
	cli.Group(cmd, newSend(b), newVerify(b))
	return cmd
}
