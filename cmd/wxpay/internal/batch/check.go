package batch

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// checkOnly is the context key that marks calls to be checked and not sent.
type checkOnly struct{}

// stopChecked stops a call that is only being checked.
func stopChecked(next http.RoundTripper) http.RoundTripper {
	return request.RoundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Context().Value(checkOnly{}) != nil {
			return nil, errors.Join(request.ErrNotSent, req.Body.Close())
		}
		return next.RoundTrip(req)
	})
}

// stack adds three middlewares to a stack: judged, one that checks a call, and
// stopChecked, which follows it. They come before the middlewares that need keys or
// time.
func (f options) stack(p wechatpay.Protocol, stack *middleware.Stack, platformKeys signer.PublicKeys) error {
	if err := request.Checked(f.noValidate)(p, stack, platformKeys); err != nil {
		return err
	}
	mark := request.Encrypt
	if p == wechatpay.APIv2 {
		mark = middleware.NameSigner
	}
	return errors.Join(stack.Before(mark, "check", stopChecked), stack.Unshift("judge", judged))
}

// check reads the whole input and checks each call as far as possible without
// the platform. It finds a mistake on the last line before the first call is
// sent.
func (b *batch) check(ctx context.Context, in *input, show *term.Progress) (*census, error) {
	c := newCensus()
	checking := context.WithValue(ctx, checkOnly{}, true)
	for r, err := range in.records(io.MultiWriter(c.sum, show)) {
		if err == nil {
			err = b.checkRecord(checking, in, r)
		}
		if ctx.Err() != nil { // the line is not at fault
			return nil, ctx.Err()
		}
		if exit.IsNetwork(err) { // a platform key is missing here
			return nil, err
		}
		if err != nil {
			return nil, exit.Misuse(err)
		}
		c.count(r)
	}
	if c.records == 0 {
		return nil, exit.Misuse(lang.Errorf("--in %s has no lines to send", in.file.Name()))
	}
	return c, nil
}

func (b *batch) checkRecord(checking context.Context, in *input, r record) error {
	opts, err := b.options(r)
	if err == nil && b.fits != nil {
		err = b.fits(r)
	}
	if err == nil {
		_, err = b.chain.Do(checking, b.method, opts...)
	}
	if errors.Is(err, request.ErrNotSent) {
		return nil
	}
	return in.at(r.line, err)
}
