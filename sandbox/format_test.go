package sandbox_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

// formatOf is the version of the format in a store, "" for none.
func formatOf(t *testing.T, store sandbox.Store) (version string) {
	t.Helper()
	if err := store.View(func(tx sandbox.Tx) error {
		text, err := tx.Get("format", "version")
		version = string(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return version
}

func setFormat(t *testing.T, store sandbox.Store, version string) {
	t.Helper()
	if err := store.Update(func(tx sandbox.Tx) error { return tx.Put("format", "version", []byte(version)) }); err != nil {
		t.Fatal(err)
	}
}

func newWith(t *testing.T, store sandbox.Store) error {
	t.Helper()
	config, err := sandbox.KeyedConfig(start)
	if err != nil {
		t.Fatal(err)
	}
	config.Store = store
	s, err := sandbox.New(config)
	if err == nil {
		s.Close()
	}
	return err
}

func TestStateCarriesItsFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	for name, store := range map[string]sandbox.Store{"memory": sandbox.NewMemory(), path: openStore(t, path)} {
		// The state of a sandbox from before there were versions.
		if err := store.Update(func(tx sandbox.Tx) error { return tx.Put("clock", "ahead", []byte("60000000000")) }); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := newWith(t, store); err != nil || formatOf(t, store) != "1" {
				t.Errorf("%s: format %q, error %v", name, formatOf(t, store), err)
			}
		}
		for _, unknown := range []string{"0", "2", "10", "-1", `"1"`, "1.5", "null", "{", ""} {
			setFormat(t, store, unknown)
			err := newWith(t, store)
			if err == nil || !strings.Contains(err.Error(), "the state has the format \"") || !strings.Contains(err.Error(), "the format 1 alone") {
				t.Errorf("%s: the format %q: error is %v", name, unknown, err)
			}
			if name == path && !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name the file: %v", err)
			}
			if got := formatOf(t, store); got != unknown {
				t.Errorf("the format became %q", got)
			}
		}
	}
}
