// Package version is wxpay version, which says what a build consists of.
package version

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// New returns the command wxpay version.
func New(b *build.Build) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and the cryptography of this build",
		Long: `version prints the version of wxpay, and which implementation does its RSA. A
build with OpenSSL says why if it cannot use OpenSSL on this machine. With --json it
also prints the commit, the version of Go, the system and the size of the catalogue.`,
		Example: "  wxpay version\n  wxpay version --json",
		Args:    cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				info, _ := debug.ReadBuildInfo()
				return writeJSON(cmd.OutOrStdout(), describe(info, b))
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "wxpay %s\n%s\n", wechatpay.Version, b.About(lang.From(cmd.Context())))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func writeJSON(w io.Writer, about any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(about)
}
