package main

import "github.com/spf13/cobra"

func newNotify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Send a notification to your handler, or read one that was kept",
		Long: `notify is for who takes notifications: send sends one to a handler as the platform
would, and says whether it was acknowledged; verify checks and decrypts one that
was kept.`,
		Example: `  wxpay notify send http://127.0.0.1:8080/notify --dir sandbox out_trade_no=order12345
  wxpay notify verify notification.http`,
	}
	group(cmd, newNotifySend(), newNotifyVerify())
	return cmd
}
