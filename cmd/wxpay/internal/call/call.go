// Package call is wxpay call, which makes one call.
package call

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/internal/qrcode"
)

// options are the flags of wxpay call.
type options struct {
	show.View
	noValidate bool
	dryRun     bool
	decrypt    bool
	async      int
	qr         bool
}

// New returns the command wxpay call.
func New(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var f options
	cmd := &cobra.Command{
		Use:   "call METHOD PATH [ITEM]...",
		Short: "Make a signed call and print the verified answer",
		Long: `call makes one signed call, verifies the signature of the answer and prints the
answer.

PATH is a template, as "wxpay api list" prints it, or a filled-in path. An APIv2
path starts with v2/. An ITEM is one of

  name=text     a text: the variable of the path with that name, otherwise a
                field of the JSON body (in APIv2: of the XML body)
  name:=json    the same with a number, true, a list or an object
  name==text    a parameter of the query
  Name:text     a header, such as Idempotency-Key; its name starts with a
                capital letter
  @file         the body; other items set fields in it; - is the standard input;
                if the operation is an upload, @file is the file to upload

A dot sets a field of an object: amount.total:=100.

call does not send a call that does not fit the platform's documentation, unless
you pass --no-validate. Write encrypted fields as plain text; call encrypts them.
The encrypted fields of an answer are printed as they are; --decrypt prints them in
plain text. They are personal data.

` + settings.Help + `

` + exit.Help,
		Example: `  wxpay call GET v3/pay/transactions/out-trade-no/1217752501201407033233368018 mchid==1900000109 --filter trade_state
  wxpay --sandbox call POST 'v3/marketing/favor/users/{openid}/coupons' openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o stock_id=9856000 out_request_no=89560002019101000121 appid=wx233544546545989 stock_creator_mchid=1900000109 coupon_value:=100 coupon_minimum:=100
  wxpay call POST v3/pay/transactions/native @order.json amount.total:=100 --dry-run`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return lang.Errorf("want a METHOD and a PATH, such as GET v3/certificates")
			}
			return nil
		},
		ValidArgsFunction: complete.Call,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return exit.Misuse(err)
			}
			return run(cmd, &s, f, args)
		},
	}
	s.Bind(cmd)
	cmd.Flags().StringVar(&f.Filter, "filter", "", "print only the value at this gjson path; a text has no quotes")
	cmd.Flags().BoolVar(&f.Headers, "headers", false, "print the status and the headers of the answer too")
	cmd.Flags().BoolVar(&f.decrypt, "decrypt", false, "print the encrypted fields of the answer, such as payer_phone, in plain text")
	cmd.Flags().BoolVar(&f.qr, "qr", false, "draw the code_url of the answer, or the text at --filter, as a QR code on the standard error")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show the request and the text that its signature covers; send nothing")
	cmd.Flags().IntVar(&f.async, "async", 0, "make the same call this many times at once, and print a summary of the times")
	cmd.Flags().BoolVar(&f.noValidate, "no-validate", false, "send the call even if it does not fit the documentation")
	return cmd
}

const maxAsync = 10_000

func (f options) check() error {
	switch {
	case f.async < 0 || f.async > maxAsync:
		return lang.Errorf("--async %d is not a number from 1 to %d", f.async, maxAsync)
	case f.qr && (f.async > 0 || f.dryRun):
		return lang.Errorf("--qr needs one answer; leave out --async and --dry-run")
	case f.async > 0 && (f.dryRun || f.Headers || f.decrypt || f.Filter != ""):
		return lang.Errorf("--async prints a summary and not the answers; leave out --dry-run, --headers, --decrypt and --filter")
	case f.dryRun && (f.Headers || f.decrypt || f.Filter != ""):
		return lang.Errorf("--dry-run has no answer to print; leave out --headers, --decrypt and --filter")
	}
	return nil
}

// run makes the call that args describe and prints its answer.
func run(cmd *cobra.Command, s *settings.Settings, f options, args []string) (err error) {
	method, items, err := parse(args)
	if err != nil {
		return err
	}
	if op := operation.Find(method, args[1]); f.decrypt && (op == nil || len(op.EncryptedFields()) == 0) {
		return exit.Misuse(lang.Errorf("--decrypt: no encrypted fields are documented for the answer of this call"))
	}
	stop, err := local.Load(cmd, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	template := new(wechatpay.Client).Chain(args[1]).String()
	p := plan{method: method, path: args[1]}
	if p.opts, err = item.Options(method, template, items, cmd.InOrStdin()); err != nil {
		return exit.Misuse(err)
	}
	if f.dryRun {
		return p.show(cmd, s, f)
	}
	client, err := s.NewClient(cmd.Context(), nil, request.Checked(f.noValidate))
	if err != nil {
		return err
	}
	if f.async == 0 {
		return p.print(cmd, client, f)
	}
	if operation.IsV2(template) && slices.ContainsFunc(items, func(i item.Item) bool { return i.Kind == item.File }) {
		return exit.Misuse(lang.Errorf("--async cannot repeat an APIv2 body from a file; write its fields as items"))
	}
	return repeat(cmd.Context(), cmd.OutOrStdout(), f.async, p.with(client))
}

// parse parses the method and the items of a call.
func parse(args []string) (method string, items []item.Item, err error) {
	if method, err = operation.CheckMethod(args[0]); err != nil {
		return "", nil, err
	}
	if items, err = item.ParseAll(args[2:]); err != nil {
		return "", nil, exit.Misuse(err)
	}
	if err := item.CheckOnce(items, operation.Find(method, args[1])); err != nil {
		return "", nil, exit.Misuse(err)
	}
	return method, items, nil
}

// A plan is a call that a client can make.
type plan struct {
	method, path string
	opts         []wechatpay.Option
}

// with returns a function that makes the call with a client.
func (p plan) with(client *wechatpay.Client) func(context.Context) (*wechatpay.Response, error) {
	chain := client.Chain(p.path)
	return func(ctx context.Context) (*wechatpay.Response, error) { return chain.Do(ctx, p.method, p.opts...) }
}

// show prints the request of the call and does not send it.
func (p plan) show(cmd *cobra.Command, s *settings.Settings, f options) error {
	recorder := new(request.Recorder)
	client, err := s.NewClient(cmd.Context(), recorder, request.Checked(f.noValidate))
	if err != nil {
		return err
	}
	if _, err := p.with(client)(cmd.Context()); !errors.Is(err, request.ErrNotSent) {
		return err
	}
	return recorder.Show(lang.From(cmd.Context()), cmd.OutOrStdout())
}

// print makes the call and prints its answer, even if the platform refuses the
// call.
func (p plan) print(cmd *cobra.Command, client *wechatpay.Client, f options) error {
	out := show.New(cmd.OutOrStdout(), cmd.ErrOrStderr(), f.View)
	out.Lang = lang.From(cmd.Context())
	resp, err := p.with(client)(cmd.Context())
	if refused := (*wechatpay.Error)(nil); errors.As(err, &refused) {
		return errors.Join(out.Refusal(refused.Response), err)
	}
	if err != nil {
		return err
	}
	if f.decrypt {
		plain, err := resp.DecryptAll(cmd.Context())
		if err != nil { // the call is done, so its answer is not lost
			return errors.Join(out.Answer(resp), err)
		}
		resp = plain
	}
	if err := out.Answer(resp); err != nil || !f.qr {
		return err
	}
	return draw(cmd.ErrOrStderr(), resp, cmp.Or(f.Filter, "code_url"))
}

// draw draws the text at a gjson path of an answer as a QR code.
func draw(w io.Writer, resp *wechatpay.Response, path string) error {
	text := resp.Get(path).String()
	if text == "" {
		return lang.Errorf("--qr: the answer has no %s; name another text with --filter", path)
	}
	code, err := qrcode.Text(text, false)
	if err != nil {
		return lang.Errorf("--qr: %w", err)
	}
	_, err = io.WriteString(w, code)
	return err
}
