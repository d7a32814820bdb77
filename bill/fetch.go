package bill

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"time"

	"github.com/wxchain/wechatpay"
)

// maxTime is how long a download may take under a context without an end.
const maxTime = time.Hour

// fetch downloads a file to out and checks it.
func (p part) fetch(ctx context.Context, client *wechatpay.Client, out *output) error {
	open, err := p.opener(ctx, client)
	if err != nil {
		return fmt.Errorf("bill: %w", err)
	}
	out.sum = hashes[p.hashType]()
	if err := p.stream(ctx, client, func(r io.Reader) error { return unpack(out, open, r) }); err != nil {
		return err
	}
	if sum := out.sum.Sum(nil); subtle.ConstantTimeCompare(sum, p.sum) != 1 {
		return fmt.Errorf("bill: %w: its %s is %x, but hash_value is %x; download it again", ErrDamaged, p.hashType, sum, p.sum)
	}
	return nil
}

// stream lets read have a file while it arrives. The error is read's, which
// that of the call is handed to by its reader.
func (p part) stream(ctx context.Context, client *wechatpay.Client, read func(io.Reader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, w := io.Pipe()
	defer r.Close()
	// The path is spelled out: it says whether the platform signs the file. As the
	// value of a variable, the query is not in the text of errors; and what a
	// variable with a plus holds is sent as it is.
	chain := client.Chain(p.path)
	if p.query != "" {
		chain = chain.Chain("?{+query}").Bind("query", p.query)
	}
	call := chain.GetAsync(ctx,
		wechatpay.BaseURL(p.base), wechatpay.Sink(w), wechatpay.Timeout(maxTime),
	).Otherwise(func(err error) (*wechatpay.Response, error) {
		w.CloseWithError(p.hide(err))
		return nil, err
	}).Finally(func() { w.Close() })

	err := read(r)
	// If that was before the end, the rest is not needed.
	cancel()
	r.Close()
	<-call.Done()
	return err
}
