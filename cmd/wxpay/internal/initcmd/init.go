// Package initcmd is wxpay init, which writes wxpay.toml.
package initcmd

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// New returns the command wxpay init.
func New() *cobra.Command {
	var s settings.Settings
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write wxpay.toml, the settings of the merchant",
		Long: `init writes a configuration file with the settings from the flags, and a line to
fill in for each other setting. Only you can read the file, because it may hold the
APIv3 key; keep it out of version control. init never overwrites a file.`,
		Example: "  wxpay init --mchid 1900000109 --certificate apiclient_cert.pem --private-key apiclient_key.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(&s, cmd.OutOrStdout())
		},
	}
	s.Bind(cmd)
	return cmd
}

// run writes the settings to the configuration file that they name.
func run(s *settings.Settings, out io.Writer) error {
	if settings.HoldsKey(s.PrivateKey) {
		return exit.Misuse(settings.ErrKeyArgument)
	}
	path := cmp.Or(s.Config, settings.FileName)
	if err := s.Write(path); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "wrote %s; fill in what it lacks\n", path)
	return err
}
