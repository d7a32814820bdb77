package call

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// repeat makes the same call n times at once and prints a summary.
func repeat(ctx context.Context, out io.Writer, n int, do func(context.Context) (*wechatpay.Response, error)) error {
	start := time.Now()
	var took []time.Duration
	var first error
	failed := make(map[lang.Phrase]int)
	calls := wechatpay.Pool(ctx, n, slices.Values(make([]struct{}, n)), func(ctx context.Context, _ struct{}) (time.Duration, error) {
		began := time.Now()
		_, err := do(ctx)
		return time.Since(began), err
	})
	for _, result := range calls {
		if result.Err != nil {
			first = cmp.Or(first, result.Err)
			failed[kindOf(result.Err)]++
			continue
		}
		took = append(took, result.Value)
	}
	if err := summary(lang.From(ctx), out, n, took, failed, time.Since(start)); err != nil {
		return err
	}
	if first != nil {
		return lang.Errorf("%d of %d calls failed, the first with: %w", n-len(took), n, first)
	}
	return nil
}

// kindOf returns the name under which an error of a call is counted.
func kindOf(err error) lang.Phrase {
	refused := (*wechatpay.Error)(nil)
	switch {
	case errors.Is(err, wechatpay.ErrVerify):
		return "not verified"
	case errors.As(err, &refused):
		return lang.Phrase(fmt.Sprintf("%d %s", refused.StatusCode, refused.Code))
	case exit.IsNetwork(err):
		return "network"
	}
	return "not sent"
}

// summary prints the times of the successful calls and the number of failures
// of each kind.
func summary(l lang.Language, out io.Writer, n int, took []time.Duration, failed map[lang.Phrase]int, all time.Duration) error {
	t := term.NewTable(out)
	l.Fprintf(t, "calls\t%d\n", n)
	l.Fprintf(t, "verified\t%d\n", len(took))
	for _, kind := range slices.Sorted(maps.Keys(failed)) {
		l.Fprintf(t, "%s\t%d\n", kind.In(l), failed[kind])
	}
	l.Fprintf(t, "in all\t%v\n", term.Round(all))
	if len(took) > 0 {
		slices.Sort(took)
		for _, at := range []struct {
			name    lang.Phrase
			percent int
		}{{"fastest", 0}, {"median", 50}, {"95 %", 95}, {"slowest", 100}} {
			l.Fprintf(t, "%s\t%v\n", at.name.In(l), term.Round(took[(len(took)-1)*at.percent/100]))
		}
	}
	return t.Flush()
}
