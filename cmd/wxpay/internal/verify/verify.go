// Package verify is wxpay verify, which checks the signature of one message.
package verify

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/seal"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/signer"
)

// options are the flags of wxpay verify.
type options struct{ seal.Flags }

// New returns the command wxpay verify.
func New(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var f options
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check that an answer or a notification comes from the platform",
		Long: `verify checks the signature of an APIv3 answer or notification. The body is FILE,
byte for byte, or the standard input if FILE is - or missing. Give the headers
Wechatpay-Timestamp, -Nonce, -Serial and -Signature with -H, or in a file that curl
--dump-header wrote.

The timestamp must be within 300 seconds of now, as in a program; --any-time skips
that check for a saved message.

` + settings.Help + `

Exit codes: 0 verified, 2 usage or configuration, 4 not verified.`,
		Example: `  wxpay verify --headers headers.txt body.json
  wxpay verify -H 'Wechatpay-Timestamp: 1554209980' -H 'Wechatpay-Nonce: c5ac7061fccab6bf3e254dcf98995b8c' -H 'Wechatpay-Serial: PUB_KEY_ID_0114232134912410000000000000' -H 'Wechatpay-Signature: CtcbzwtQ…' --any-time body.json`,
		Args: cli.AtMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), &s, args, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	s.Bind(cmd)
	f.Bind(cmd)
	return cmd
}

// run verifies the body in the file that args name. The headers come from the
// flags.
func (f options) run(ctx context.Context, s *settings.Settings, args []string, stdin io.Reader, out io.Writer) error {
	header, err := f.Header()
	if err != nil {
		return exit.Misuse(err)
	}
	body, err := read.FileOrStdin(read.FirstOr(args, "-"), stdin)
	if err != nil {
		return exit.Misuse(err)
	}
	if err := s.Load(); err != nil {
		return err
	}
	platformKeys, err := s.PublicKeys(ctx)
	if err != nil {
		return err
	}
	signed := signer.SealOf(header.Get)
	if err := signed.Verify(ctx, platformKeys, f.Now(header), body); err != nil {
		return err
	}
	_, err = lang.From(ctx).Fprintf(out, "verified: %d bytes, signed by %s at %s\n", len(body), signed.Serial, signed.Timestamp)
	return err
}
