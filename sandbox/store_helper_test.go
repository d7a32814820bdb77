package sandbox_test

import (
	"path/filepath"
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
