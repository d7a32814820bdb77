package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// notifyVerify are the flags of wxpay notify verify.
type notifyVerify struct {
	verifyFlags
	filter string
}

func newNotifyVerify() *cobra.Command {
	var s settings
	var f notifyVerify
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Verify and decrypt a notification that was kept",
		Long: `verify checks that a notification is the platform's, decrypts it, and prints what
it is about as JSON; what happened, and when, goes to the standard error. FILE, or
the standard input if it is - or left out, is the request as it came: its headers,
a blank line, and its body, byte for byte. The request line may be there or not,
as may the marks of curl -v. Of FILE that is the body alone, the headers are given
with -H or --headers, as for wxpay verify. One of APIv2, in XML, needs none.

The timestamp must be within 300 seconds of now, as it must in a program;
--any-time leaves that out, for a notification that was kept.

` + settingsHelp + `

Exit codes: 0 verified, 2 usage or configuration (such as the APIv3 key of
another merchant), 4 not verified.`,
		Example: `  wxpay notify verify --any-time notification.http
  wxpay notify verify --any-time notification.http --filter out_trade_no
  wxpay notify verify --headers headers.txt body.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := f.read(firstOr(args, "-"), cmd.InOrStdin())
			if err != nil {
				return misuse{err}
			}
			if err := s.load(); err != nil {
				return err
			}
			n, err := f.parse(cmd.Context(), &s, m)
			if err != nil {
				return err
			}
			return f.print(newPrinter(cmd.OutOrStdout(), cmd.ErrOrStderr(), callFlags{filter: f.filter}), n)
		},
	}
	s.bind(cmd)
	f.bind(cmd)
	cmd.Flags().StringVar(&f.filter, "filter", "", "print what is at this gjson path alone, a text without quotes")
	return cmd
}

// read reads the message, with its headers from wherever they are.
func (f notifyVerify) read(path string, stdin io.Reader) (message, error) {
	text, err := fileOrStdin(path, stdin)
	if err != nil {
		return message{}, err
	}
	m, err := parseMessage(text)
	if err != nil {
		return message{}, err
	}
	if err := f.addHeader(m.header); err != nil || m.isV2() {
		return m, err
	}
	return m, checkSeal(m.header)
}

// parse verifies and decrypts the message as a handler would.
func (f notifyVerify) parse(ctx context.Context, s *settings, m message) (*notify.Notification, error) {
	var config notify.Config
	if m.isV2() {
		if err := s.need("apiv2_key"); err != nil {
			return nil, err
		}
		config.APIv2Key = s.apiv2Key
	} else {
		if err := s.need("apiv3_key"); err != nil {
			return nil, err
		}
		var err error
		if config.Keys, err = s.platformKeys(ctx); err != nil {
			return nil, err
		}
		now := f.now(m.header)
		config.APIv3Key, config.Clock = s.apiv3Key, func() time.Time { return now }
	}
	r, err := notify.New(config)
	if err != nil {
		return nil, misuse{err}
	}
	req, err := m.request(ctx)
	if err != nil {
		return nil, misuse{err}
	}
	n, err := r.Parse(req)
	bad := (*signer.VerifyError)(nil)
	switch {
	case errors.As(err, &bad) && bad.Reason == signer.ReasonTimestamp:
		return nil, fmt.Errorf("%w; --any-time takes a notification that was kept", err)
	case err == nil || errors.Is(err, wechatpay.ErrVerify):
		return n, err
	}
	return nil, misuse{err} // it is no notification, or not for this merchant
}

func (f notifyVerify) print(p *printer, n *notify.Notification) error {
	what := "APIv2"
	if n.EventType != "" {
		what = fmt.Sprintf("%s %s, made %s", visible(n.EventType), visible(n.ID), n.CreateTime.Format(time.RFC3339))
	}
	if _, err := fmt.Fprintln(p.notes, "verified: "+what); err != nil {
		return err
	}
	if p.flags.filter == "" {
		return p.json(n.Resource)
	}
	found := n.Get(p.flags.filter)
	if !found.Exists() {
		return fmt.Errorf("the notification has nothing at %q", p.flags.filter)
	}
	return p.value(found)
}
