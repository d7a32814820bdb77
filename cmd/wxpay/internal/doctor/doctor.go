// Package doctor is wxpay doctor, which finds out why calls fail.
package doctor

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/internal/transport"
)

// options are the flags of wxpay doctor.
type options struct{ offline, asJSON bool }

// New returns the command wxpay doctor.
func New(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var o options
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why calls fail, and how to fix it",
		Long: `doctor checks the usual causes of a failing first call: where the settings come
from and which are missing, the private key, the merchant API certificate and its
serial number, the APIv3 and APIv2 keys, the platform public key, this machine's
clock, and the connection to the platform. Then it makes a signed call, GET
v3/certificates, which changes nothing. If the platform rejects the signature,
doctor shows the text that was signed here next to the one the platform computed.

It prints a line for each check:

  ✔  correct
  !  correct, but something should be fixed
  ✘  wrong, and how to fix it
  –  not checked, and why: something that the check needs is wrong or missing

It prints no secrets. --offline skips checks that need the network. With --json it
prints a list of {check, ok, message, mend}; ok is true, false, or null if the
check was skipped.

` + settings.Help + `

Exit codes: 0 nothing is wrong; otherwise the code of the first check with ✘: 2 a
setting, a key or the clock, 3 the network, 1 the platform refused, 4 its answer could
not be verified.`,
		Example: `  wxpay doctor
  wxpay doctor --offline --config shop/wxpay.toml
  wxpay doctor --json | jq '.[] | select(.ok == false)'`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), s, show.New(cmd.OutOrStdout(), cmd.ErrOrStderr(), show.View{}))
		},
	}
	s.Bind(cmd)
	cmd.Flags().BoolVar(&o.offline, "offline", false, "skip checks that need the network")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

// run checks the settings and prints the findings.
func (o options) run(ctx context.Context, s settings.Settings, out *show.Printer) error {
	c := newCheckup(s, o.offline, time.Now, transport.New())
	defer c.transport.CloseIdleConnections()
	c.run(ctx)
	if err := printFindings(out, lang.From(ctx), c.findings, o.asJSON); err != nil {
		return err
	}
	return c.verdict()
}

// verdict returns nil if nothing is wrong. Otherwise it returns an error that
// names the failed checks and has the exit code of the first one.
func (c *checkup) verdict() error {
	var names []string
	code := exit.OK
	for _, f := range c.findings {
		if f.OK == wrong {
			if names = append(names, f.Check); code == exit.OK {
				code = f.code
			}
		}
	}
	if code == exit.OK {
		return nil
	}
	return exit.With(lang.Errorf("%d of %d checks failed: %s", len(names), len(c.findings), lang.Words(names)), code)
}
