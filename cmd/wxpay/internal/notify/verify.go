package notify

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/seal"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// verifyOptions are the flags of wxpay notify verify.
type verifyOptions struct {
	seal.Flags
	filter string
}

func newVerify(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var f verifyOptions
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Verify and decrypt a saved notification",
		Long: `verify checks that a notification comes from the platform, decrypts it and prints
its content as JSON. The event and its time go to the standard error. FILE, or the
standard input if FILE is - or missing, holds the request as it was received: its
headers, a blank line and its body, byte for byte. The request line and the marks
of curl -v are optional. If FILE holds only the body, give the headers with -H or
--headers, as for wxpay verify. An APIv2 notification, in XML, needs no headers.

The timestamp must be within 300 seconds of now, as in a program; --any-time skips
that check for a saved notification.

` + settings.Help + `

Exit codes: 0 verified, 2 usage or configuration (such as the APIv3 key of
another merchant), 4 not verified.`,
		Example: `  wxpay notify verify --any-time notification.http
  wxpay notify verify --any-time notification.http --filter out_trade_no
  wxpay notify verify --headers headers.txt body.json`,
		Args: cli.AtMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := f.read(read.FirstOr(args, "-"), cmd.InOrStdin())
			if err != nil {
				return exit.Misuse(err)
			}
			if err := s.Load(); err != nil {
				return err
			}
			n, err := f.parse(cmd.Context(), &s, m)
			if err != nil {
				return err
			}
			return f.print(lang.From(cmd.Context()), show.New(cmd.OutOrStdout(), cmd.ErrOrStderr(), show.View{Filter: f.filter}), n)
		},
	}
	s.Bind(cmd)
	f.Bind(cmd)
	cmd.Flags().StringVar(&f.filter, "filter", "", "print only the value at this gjson path; a text has no quotes")
	return cmd
}

// read reads the message. The headers come from the message or from the flags.
func (f verifyOptions) read(path string, stdin io.Reader) (message, error) {
	text, err := read.FileOrStdin(path, stdin)
	if err != nil {
		return message{}, err
	}
	m, err := parseMessage(text)
	if err != nil {
		return message{}, err
	}
	if err := f.AddHeader(m.header); err != nil || m.isV2() {
		return m, err
	}
	return m, seal.CheckSeal(m.header)
}

// parse verifies and decrypts the message as a handler would.
func (f verifyOptions) parse(ctx context.Context, s *settings.Settings, m message) (*notify.Notification, error) {
	var config notify.Config
	if m.isV2() {
		if err := s.Need("apiv2_key"); err != nil {
			return nil, err
		}
		config.APIv2Key = s.APIv2Key
	} else {
		if err := s.Need("apiv3_key"); err != nil {
			return nil, err
		}
		var err error
		if config.Keys, err = s.PublicKeys(ctx); err != nil {
			return nil, err
		}
		now := f.Now(m.header)
		config.APIv3Key, config.Clock = s.APIv3Key, func() time.Time { return now }
	}
	r, err := notify.New(config)
	if err != nil {
		return nil, exit.Misuse(err)
	}
	req, err := m.request(ctx)
	if err != nil {
		return nil, exit.Misuse(err)
	}
	n, err := r.Parse(req)
	bad := (*signer.VerifyError)(nil)
	switch {
	case errors.As(err, &bad) && bad.Reason == signer.ReasonTimestamp:
		return nil, lang.Errorf("%w; --any-time accepts a saved notification", err)
	case err == nil || errors.Is(err, wechatpay.ErrVerify):
		return n, err
	}
	return nil, exit.Misuse(err) // not a notification, or not for this merchant
}

func (f verifyOptions) print(l lang.Language, p *show.Printer, n *notify.Notification) error {
	what := "APIv2"
	if n.EventType != "" {
		what = l.Sprintf("%s %s, made %s", term.Visible(n.EventType), term.Visible(n.ID), n.CreateTime.Format(time.RFC3339))
	}
	if _, err := l.Fprintf(p.Notes, "verified: %s\n", what); err != nil {
		return err
	}
	if p.View.Filter == "" {
		return p.JSON(n.Resource)
	}
	found := n.Get(p.View.Filter)
	if !found.Exists() {
		return lang.Errorf("the notification has nothing at %q", p.View.Filter)
	}
	return p.Value(found)
}
