package sandbox_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

func openStore(t testing.TB, path string) *sandbox.FileStore {
	t.Helper()
	store, err := sandbox.OpenStore(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func newStore(t testing.TB) *sandbox.FileStore {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "sandbox.db"))
}

// stores returns the stores that must behave alike.
func stores(t *testing.T) map[string]sandbox.Store {
	return map[string]sandbox.Store{"memory": sandbox.NewMemory(), "file": newStore(t)}
}

// contents returns what a bucket has under a prefix, as "key=value key=value".
func contents(t testing.TB, store sandbox.Store, bucket, prefix string) string {
	t.Helper()
	var all []string
	if err := store.View(func(tx sandbox.Tx) error {
		return tx.Each(bucket, prefix, func(key string, value []byte) error {
			got, err := tx.Get(bucket, key)
			if string(got) != string(value) {
				t.Errorf("Get(%q) is %q, Each gives %q", key, got, value)
			}
			all = append(all, key+"="+string(value))
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}
