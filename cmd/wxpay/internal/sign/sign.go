// Package sign is wxpay sign, which signs one request and prints the signed
// text.
package sign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/middleware"
)

// options are the flags of wxpay sign.
type options struct {
	method, target, nonce string
	timestamp             int64
	authorization         bool
}

// New returns the command wxpay sign.
func New(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var f options
	cmd := &cobra.Command{
		Use:   "sign [FILE]",
		Short: "Sign one request, and show what is signed",
		Long: `sign prints the text that the signature of an APIv3 request covers, the signature
in base64, and the header Authorization that carries it. It sends nothing. Compare
the output with what another program signs, to find the difference.

The body is FILE, byte for byte, or the standard input if FILE is - or missing. A
GET without FILE has no body. With --authorization, sign prints only the value of
that header, for curl.

` + settings.Help,
		Example: `  wxpay sign --method GET --target '/v3/refund/domestic/refunds/123?sub_mchid=1900000109'
  wxpay sign --method POST --target /v3/pay/transactions/native order.json
  wxpay sign --method GET --target /v3/certificates --timestamp 1554208460 --nonce 593BEC0C930BF1AFEB40B4A08C8FB242`,
		Args: cli.AtMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), &s, args, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	s.Bind(cmd)
	cmd.Flags().StringVar(&f.method, "method", http.MethodGet, "HTTP method of the request")
	cmd.Flags().StringVar(&f.target, "target", "", "path and query of the request, exactly as sent")
	cmd.Flags().Int64Var(&f.timestamp, "timestamp", 0, "time of the signature, in seconds (default now)")
	cmd.Flags().StringVar(&f.nonce, "nonce", "", "letters and digits that make the signature unique (default random)")
	cmd.Flags().BoolVar(&f.authorization, "authorization", false, "print only the value of the header Authorization")
	return cmd
}

// run signs the request that the flags and args describe, and prints the signed
// text.
func (f options) run(ctx context.Context, s *settings.Settings, args []string, stdin io.Reader, out io.Writer) error {
	req, err := f.request(args, stdin)
	if err != nil {
		return exit.Misuse(err)
	}
	if err := s.Load(); err != nil {
		return err
	}
	signed, err := f.sign(ctx, s, req)
	if err != nil {
		return err
	}
	return f.print(lang.From(ctx), out, signed)
}

// request creates the request to sign.
func (f options) request(args []string, stdin io.Reader) (*http.Request, error) {
	method, err := operation.CheckMethod(f.method)
	if err != nil {
		return nil, err
	}
	if f.target == "" {
		return nil, lang.Errorf("missing: --target, the path and query of the request, such as /v3/certificates")
	}
	u, err := url.ParseRequestURI(f.target)
	if err != nil || u.RequestURI() != f.target || f.target[0] != '/' {
		return nil, lang.Errorf("--target %q is not a path as it is sent: it starts with a slash, and what needs it is escaped", term.Cut(f.target))
	}
	if f.timestamp < 0 {
		return nil, lang.Errorf("--timestamp is a number of seconds, such as 1554208460")
	}
	req := &http.Request{Method: method, URL: u, Header: make(http.Header)}
	if len(args) == 0 && method == http.MethodGet {
		middleware.SetBody(req, nil)
		return req, nil
	}
	body, err := read.FileOrStdin(read.FirstOr(args, "-"), stdin)
	if err != nil {
		return nil, err
	}
	middleware.SetBody(req, body)
	return req, nil
}

// sign signs a request as the library does for a call.
func (f options) sign(ctx context.Context, s *settings.Settings, req *http.Request) (*request.Recorder, error) {
	merchant, err := s.Signer()
	if err != nil {
		return nil, err
	}
	var opts []middleware.Option
	if f.timestamp != 0 {
		opts = append(opts, middleware.Clock(func() time.Time { return time.Unix(f.timestamp, 0) }))
	}
	if f.nonce != "" {
		opts = append(opts, middleware.Nonce(func() string { return f.nonce }))
	}
	r := new(request.Recorder)
	ctx = middleware.WithExchange(ctx, new(middleware.Exchange))
	_, err = middleware.Signer(s.MchID, merchant, opts...)(r).RoundTrip(req.WithContext(ctx))
	if !errors.Is(err, request.ErrNotSent) {
		return nil, exit.Misuse(err)
	}
	return r, nil
}

func (f options) print(l lang.Language, out io.Writer, r *request.Recorder) error {
	header := r.Request.Header.Get("Authorization")
	if f.authorization {
		_, err := fmt.Fprintln(out, header)
		return err
	}
	message, err := r.Signed()
	if err != nil {
		return err
	}
	a, err := platform.ParseSent(header)
	if err != nil {
		return err
	}
	_, err = l.Fprintf(out, "--- the text that is signed, %d bytes ---\n%s--- its signature ---\n%s\n--- the header ---\nAuthorization: %s\n",
		len(message), message, a.Signature, header)
	return err
}
