// Package version is wxpay version, which says what a build consists of.
package version

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
)

// New returns the command wxpay version.
func New(b *build.Build) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and the cryptography of this build",
		Long: `version prints the version of wxpay, and which implementation does its RSA. A
build with OpenSSL says why if it cannot use OpenSSL on this machine.`,
		Example: "  wxpay version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "wxpay %s\n%s\n", wechatpay.Version, strings.Join(b.Lines(), "\n"))
			return err
		},
	}
}
