package wechatpay_test

import (
	"errors"
	"testing"

	"github.com/wxchain/wechatpay"
)

// A promise that this package did not make fails at once.
func TestPromiseNotMadeByThePackage(t *testing.T) {
	checkGoroutines(t)
	var none *wechatpay.Promise[int]
	for name, p := range map[string]*wechatpay.Promise[int]{
		"nil":     none,
		"zero":    new(wechatpay.Promise[int]),
		"derived": none.Then(func(int) error { return nil }).Finally(func() {}),
	} {
		p.Cancel()
		<-p.Done()
		if _, err := p.Wait(); !errors.Is(err, wechatpay.ErrOption) {
			t.Errorf("%s: error %v, want ErrOption", name, err)
		}
	}
}
