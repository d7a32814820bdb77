package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

// full is the n-th number of an order that fill stores, and of its refund, of
// the transaction, of a user and a coupon.
func full(n int) string { return fmt.Sprintf("full-%08d", n) }

// fill stores n orders that are paid, each with a refund, and n coupons of as
// many users, all of them like one that came by calls.
func fill(t testing.TB, store sandbox.Store, n int) {
	t.Helper()
	sample := recordingStore{sandbox.NewMemory(), make(map[[2]string]string)}
	w := newWorld(t, func(c *sandbox.Config) { c.Store = sample })
	id := w.paid(t, number, 100)
	refund := w.mustCall(t, "POST", refundPath, refundOf("sample-refund", 1))
	coupon := w.send(t, w.running(t, nil), "sample-user")
	const mark = "\x00"
	marked := strings.NewReplacer(number, mark, id, mark, "sample-refund", mark, refund.Get("refund_id").String(), mark, coupon, mark, "sample-user", mark)
	for from := 0; from < n; from += 10_000 {
		if err := store.Update(func(tx sandbox.Tx) error {
			for at, value := range sample.written {
				key, value := marked.Replace(at[1]), marked.Replace(value)
				for i := from; i < min(from+10_000, n) && strings.Contains(key, mark); i++ {
					if err := tx.Put(at[0], strings.ReplaceAll(key, mark, full(i)), []byte(strings.ReplaceAll(value, mark, full(i)))); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// A recordingStore remembers what was written, by bucket and key.
type recordingStore struct {
	sandbox.Store
	written map[[2]string]string
}

func (s recordingStore) Update(f func(sandbox.Tx) error) error {
	return s.Store.Update(func(tx sandbox.Tx) error { return f(recordingTx{tx, s.written}) })
}

type recordingTx struct {
	sandbox.Tx
	written map[[2]string]string
}

func (tx recordingTx) Put(bucket, key string, value []byte) error {
	tx.written[[2]string{bucket, key}] = string(value)
	return tx.Tx.Put(bucket, key, value)
}
