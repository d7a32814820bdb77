package sandbox_test

import (
	"errors"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

func TestMemory(t *testing.T) {
	store := sandbox.NewMemory()
	get := func(bucket, key string) (value string) {
		t.Helper()
		if err := store.View(func(tx sandbox.Tx) error {
			text, err := tx.Get(bucket, key)
			value = string(text)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return value
	}
	put := func(bucket, key, value string, fail error) error {
		return store.Update(func(tx sandbox.Tx) error {
			if err := tx.Put(bucket, key, []byte(value)); err != nil {
				return err
			}
			if text, err := tx.Get(bucket, key); err != nil || string(text) != value {
				t.Errorf("Get after Put is %q, %v", text, err)
			}
			return fail
		})
	}
	if err := put("a", "k", "1", nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := put("a", "k", "2", broken); !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	if got := get("a", "k"); got != "1" {
		t.Errorf("after a transaction that failed: %q, want 1", got)
	}
	if got := get("b", "k"); got != "" {
		t.Errorf("in another bucket: %q", got)
	}
	if err := store.View(func(tx sandbox.Tx) error { return tx.Put("a", "k", []byte("3")) }); err == nil || get("a", "k") != "1" {
		t.Errorf("Put in View: error is %v, value %q", err, get("a", "k"))
	}
}

// A store that fails is the sandbox's fault and tells nothing of itself.
func TestStoreFails(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.Store = brokenStore{} })
	_, err := w.call("POST", native, w.order(number, 1))
	e := refused(t, err, 500, "SYSTEM_ERROR")
	if e.Message == "" || string(e.Response.Bytes()) == "disk on fire" {
		t.Error(e)
	}
	verified(t, w, e.Response)
	if _, err := w.Pay(w.Merchant().MchID, number); !errors.Is(err, errDisk) {
		t.Errorf("error of Pay is %v", err)
	}
}

var errDisk = errors.New("disk on fire")

type brokenStore struct{}

func (brokenStore) View(func(sandbox.Tx) error) error   { return errDisk }
func (brokenStore) Update(func(sandbox.Tx) error) error { return errDisk }
