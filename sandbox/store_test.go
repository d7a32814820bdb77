package sandbox_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// A failing store is reported as the sandbox's fault, without details.
func TestStoreFails(t *testing.T) {
	store := &breakable{Store: sandbox.NewMemory()}
	w := newWorld(t, func(c *sandbox.Config) { c.Store = store })
	store.broken.Store(true)
	_, err := w.call("POST", native, w.order(number, 1))
	e := refused(t, err, 500, "SYSTEM_ERROR")
	if e.Message == "" || string(e.Response.Bytes()) == "disk on fire" {
		t.Error(e)
	}
	verified(t, w, e.Response)
	if _, err := w.Pay(w.Merchant().MchID, number); !errors.Is(err, errDisk) {
		t.Errorf("error of Pay is %v", err)
	}
	if err := w.Advance(time.Minute); !errors.Is(err, errDisk) {
		t.Errorf("error of Advance is %v", err)
	}
	if got := w.controls(t, 200, "GET", "clock", "").Get("now").String(); got != start.Format(time.RFC3339) {
		t.Errorf("the clock that was not moved says %s", got)
	}
	if _, err := sandbox.New(sandbox.Config{Store: store}); !errors.Is(err, errDisk) {
		t.Errorf("error of New is %v", err)
	}
}

var errDisk = errors.New("disk on fire")

// A breakable is a store until it is broken.
type breakable struct {
	sandbox.Store
	broken atomic.Bool
}

func (s *breakable) View(f func(sandbox.Tx) error) error {
	if s.broken.Load() {
		return errDisk
	}
	return s.Store.View(f)
}

func (s *breakable) Update(f func(sandbox.Tx) error) error {
	if s.broken.Load() {
		return errDisk
	}
	return s.Store.Update(f)
}
