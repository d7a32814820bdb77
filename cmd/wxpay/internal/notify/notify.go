// Package notify is wxpay notify, which sends and verifies notifications.
package notify

import (
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
)

// New returns the command wxpay notify.
func New() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Send a notification to your handler, or read one that was kept",
		Long: `notify is for who takes notifications: send sends one to a handler as the platform
would, and says whether it was acknowledged; verify checks and decrypts one that
was kept.`,
		Example: `  wxpay notify send http://127.0.0.1:8080/notify --dir sandbox out_trade_no=order12345
  wxpay notify verify notification.http`,
	}
	cli.Group(cmd, newSend(), newVerify())
	return cmd
}
