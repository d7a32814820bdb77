package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/signer"
)

// verifyFlags are the flags of wxpay verify.
type verifyFlags struct {
	headers     []string
	headersFile string
	anyTime     bool
}

// sealHeaders carry a signature of the platform.
var sealHeaders = [...]string{"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"}

const maxHeaders = 64 << 10 // bytes

func newVerify() *cobra.Command {
	var s settings
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check that an answer or a notification is the platform's",
		Long: `verify checks the signature of one answer or notification of APIv3. The body is
FILE, byte for byte, or the standard input if FILE is - or left out. Its headers
Wechatpay-Timestamp, -Nonce, -Serial and -Signature are given with -H, or in a
file as curl --dump-header writes it.

The timestamp must be within 300 seconds of now, as it must in a program;
--any-time leaves that out, for a message that was kept.

` + settingsHelp + `

Exit codes: 0 verified, 2 usage or configuration, 4 not verified.`,
		Example: `  wxpay verify --headers headers.txt body.json
  wxpay verify -H 'Wechatpay-Timestamp: 1554209980' -H 'Wechatpay-Nonce: c5ac7061fccab6bf3e254dcf98995b8c' -H 'Wechatpay-Serial: PUB_KEY_ID_0114232134912410000000000000' -H 'Wechatpay-Signature: CtcbzwtQ…' --any-time body.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			header, err := f.header()
			if err != nil {
				return misuse{err}
			}
			body, err := fileOrStdin(firstOr(args, "-"), cmd.InOrStdin())
			if err != nil {
				return misuse{err}
			}
			if err := s.load(); err != nil {
				return err
			}
			return f.verify(cmd.Context(), &s, header, body, cmd.OutOrStdout())
		},
	}
	s.bind(cmd)
	f.bind(cmd)
	return cmd
}

func (f *verifyFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.headers, "header", "H", nil, "a header of the message, 'Name: value'; may be repeated")
	cmd.Flags().StringVar(&f.headersFile, "headers", "", "file with the headers of the message, one a line")
	cmd.Flags().BoolVar(&f.anyTime, "any-time", false, "take a timestamp that is long ago, too")
}

// header gathers the headers that carry the signature.
func (f verifyFlags) header() (http.Header, error) {
	h := make(http.Header)
	if err := f.addHeader(h); err != nil {
		return nil, err
	}
	return h, checkSeal(h)
}

// addHeader adds to h the headers that the flags name.
func (f verifyFlags) addHeader(h http.Header) error {
	if f.headersFile != "" {
		text, err := readFile(f.headersFile, maxHeaders)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			// Others, such as the status line, are not of interest.
			if name, value, ok := strings.Cut(line, ":"); ok {
				h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
			}
		}
	}
	for _, line := range f.headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fmt.Errorf("-H %q is no header; it is like 'Wechatpay-Nonce: c5ac7061fccab6bf3e254dcf98995b8c'", cut(line))
		}
		h.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return nil
}

// checkSeal checks that the headers with the signature are there, once each.
func checkSeal(h http.Header) error {
	var missing []string
	for _, name := range sealHeaders {
		switch len(h.Values(name)) {
		case 0:
			missing = append(missing, name)
		case 1:
		default:
			return fmt.Errorf("header %s is given twice; are these the headers of one message?", name)
		}
	}
	if len(missing) > 0 {
		return errors.New("missing: " + strings.Join(missing, ", ") + "; give them with -H or --headers")
	}
	return nil
}

// now is the instant at which the message must hold.
func (f verifyFlags) now(h http.Header) time.Time {
	if seconds, err := strconv.ParseInt(h.Get("Wechatpay-Timestamp"), 10, 64); err == nil && f.anyTime {
		return time.Unix(seconds, 0)
	}
	return time.Now()
}

func (f verifyFlags) verify(ctx context.Context, s *settings, header http.Header, body []byte, out io.Writer) error {
	platformKeys, err := s.platformKeys(ctx)
	if err != nil {
		return err
	}
	seal := signer.SealOf(header.Get)
	if err := seal.Verify(ctx, platformKeys, f.now(header), body); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "verified: %d bytes, signed by %s at %s\n", len(body), seal.Serial, seal.Timestamp)
	return err
}
