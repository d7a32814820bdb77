package sandbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
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

// contents are what a bucket has under a prefix, as "key=value key=value".
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

func put(store sandbox.Store, key, value string) error {
	return store.Update(func(tx sandbox.Tx) error { return tx.Put("b", key, []byte(value)) })
}

func mustPut(t testing.TB, store sandbox.Store, key, value string) {
	t.Helper()
	if err := put(store, key, value); err != nil {
		t.Fatal(err)
	}
}

// stores are all that must behave alike.
func stores(t *testing.T) map[string]sandbox.Store {
	return map[string]sandbox.Store{"memory": sandbox.NewMemory(), "file": newStore(t)}
}

func TestStores(t *testing.T) {
	broken := errors.New("broken")
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if got := contents(t, store, "b", ""); got != "" {
				t.Errorf("a new store has %s", got)
			}
			for _, key := range []string{"m/2", "m/1", "n/1", "l"} {
				mustPut(t, store, key, "old")
			}
			err := store.Update(func(tx sandbox.Tx) error {
				for _, key := range []string{"m/1", "m/1", "m/3", "x"} { // the same one twice
					if err := tx.Put("b", key, []byte("new")); err != nil {
						return err
					}
				}
				if err := tx.Put("new bucket", "k", []byte("new")); err != nil {
					return err
				}
				for _, key := range []string{"n/1", "x", "never"} {
					if err := tx.Delete("b", key); err != nil {
						return err
					}
					if text, err := tx.Get("b", key); text != nil || err != nil {
						t.Errorf("Get after Delete is %q, %v", text, err)
					}
				}
				var seen []string
				if err := tx.Each("b", "m/", func(key string, value []byte) error {
					seen = append(seen, key+"="+string(value))
					return nil
				}); err != nil {
					return err
				}
				if got := strings.Join(seen, " "); got != "m/1=new m/2=old m/3=new" {
					t.Errorf("Each in the transaction: %s", got)
				}
				return broken
			})
			if !errors.Is(err, broken) {
				t.Errorf("error is %v", err)
			}
			if got := contents(t, store, "b", ""); got != "l=old m/1=old m/2=old n/1=old" {
				t.Errorf("after an Update that failed: %s", got)
			}
			if got := contents(t, store, "new bucket", ""); got != "" {
				t.Errorf("the new bucket has %s", got)
			}
			if got := contents(t, store, "b", "m/"); got != "m/1=old m/2=old" {
				t.Errorf("under m/: %s", got)
			}
			calls := 0
			if err := store.View(func(tx sandbox.Tx) error {
				return tx.Each("b", "m/", func(string, []byte) error { calls++; return broken })
			}); !errors.Is(err, broken) || calls != 1 {
				t.Errorf("Each ended with %v after %d calls", err, calls)
			}
			if err := store.View(func(tx sandbox.Tx) error { return tx.Put("b", "l", []byte("new")) }); err == nil {
				t.Error("Put in View: no error")
			}
			if err := store.View(func(tx sandbox.Tx) error { return tx.Delete("b", "l") }); err == nil {
				t.Error("Delete in View: no error")
			}
			if err := store.Update(func(tx sandbox.Tx) error { return errors.Join(tx.Delete("b", "l"), tx.Delete("none", "l")) }); err != nil {
				t.Error(err)
			}
			if got := contents(t, store, "b", ""); got != "m/1=old m/2=old n/1=old" {
				t.Errorf("after Delete: %s", got)
			}
		})
	}
}

func TestFileStoreKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	store, err := sandbox.OpenStore(path)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, store, "k", "1")
	if _, err := sandbox.OpenStore(path); err == nil || !strings.Contains(err.Error(), path+" is in use") {
		t.Errorf("opened twice: error is %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := put(store, "k", "2"); err == nil {
		t.Error("Update after Close: no error")
	}
	if err := store.View(func(sandbox.Tx) error { return nil }); err == nil {
		t.Error("View after Close: no error")
	}
	if got := contents(t, openStore(t, path), "b", ""); got != "k=1" {
		t.Errorf("opened again: %s", got)
	}
}

func TestOpenStoreRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a store ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, t.TempDir(), filepath.Join(t.TempDir(), "no", "folder")} {
		if _, err := sandbox.OpenStore(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error is %v, want one that names %s", err, path)
		}
	}
}

// lineUp lets n Updates wait behind one that is at work, and returns what ended
// them all. Each of theirs is called once.
func lineUp(t *testing.T, store *sandbox.FileStore, n int, f func(i int, tx sandbox.Tx) error) []error {
	t.Helper()
	var wg sync.WaitGroup
	results := make([]error, n)
	calls := make([]int, n)
	if err := store.Update(func(tx sandbox.Tx) error {
		for i := range n {
			wg.Go(func() {
				results[i] = store.Update(func(tx sandbox.Tx) error { calls[i]++; return f(i, tx) })
			})
		}
		for store.Waiting() < n {
			runtime.Gosched()
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for i, called := range calls {
		if called != 1 {
			t.Errorf("function %d was called %d times", i, called)
		}
	}
	return results
}

// A batch ends some time, however many there are.
func TestFileStoreBatchIsLimited(t *testing.T) {
	store := newStore(t)
	before := sandbox.Commits(t, store)
	for i, err := range lineUp(t, store, 300, func(i int, tx sandbox.Tx) error {
		return tx.Put("b", fmt.Sprint(i), []byte("1"))
	}) {
		if err != nil {
			t.Errorf("Update %d: %v", i, err)
		}
	}
	if got := sandbox.Commits(t, store) - before; got != 2 {
		t.Errorf("300 Updates made %d writes to the disk, want 2", got)
	}
}

// Updates that wait for one another share a write to the disk, and those of
// them that fail take nobody else down.
func TestFileStoreShares(t *testing.T) {
	store := newStore(t)
	mustPut(t, store, "shared", "before")
	before := sandbox.Commits(t, store)
	broken := errors.New("broken")
	results := lineUp(t, store, 100, func(i int, tx sandbox.Tx) error {
		if err := tx.Put("b", fmt.Sprintf("k%03d", i), []byte("1")); err != nil {
			return err
		}
		if i%2 == 0 {
			return nil
		}
		if err := tx.Put("b", "shared", []byte("spoilt")); err != nil {
			return err
		}
		return broken
	})
	for i, err := range results {
		if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, broken) {
			t.Errorf("Update %d: error is %v", i, err)
		}
	}
	if got := sandbox.Commits(t, store) - before; got != 1 {
		t.Errorf("100 Updates made %d writes to the disk, want 1", got)
	}
	if got := strings.Fields(contents(t, store, "b", "k")); len(got) != 50 || got[49] != "k098=1" {
		t.Errorf("%d are kept: %v", len(got), got)
	}
	if got := contents(t, store, "b", "shared"); got != "shared=before" {
		t.Error(got)
	}
}

// An Update that panics leaves nothing behind, and nobody waiting.
func TestFileStorePanics(t *testing.T) {
	store := newStore(t)
	mustPut(t, store, "k", "before")
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = store.Update(func(tx sandbox.Tx) error {
			if err := tx.Put("b", "k", []byte("spoilt")); err != nil {
				t.Error(err)
			}
			panic("boom")
		})
	}()
	mustPut(t, store, "l", "after")
	if got := contents(t, store, "b", ""); got != "k=before l=after" {
		t.Error(got)
	}
}

// Put refuses what cannot be stored, and the transaction goes on without it.
func TestFileStoreRefuses(t *testing.T) {
	store := newStore(t)
	if err := store.Update(func(tx sandbox.Tx) error {
		if tx.Put("", "k", nil) == nil || tx.Put("b", "", nil) == nil {
			t.Error("no error for an empty name")
		}
		return tx.Put("b", "k", []byte("1"))
	}); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, store, "b", ""); got != "k=1" {
		t.Error(got)
	}
}

// Reads and writes by many goroutines: every number is counted once.
func TestFileStoreAtOnce(t *testing.T) {
	store := newStore(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 10 {
				var mine string
				if err := store.Update(func(tx sandbox.Tx) error {
					text, err := tx.Get("b", "n")
					if err != nil {
						return err
					}
					mine = string(text) + "x"
					return tx.Put("b", "n", []byte(mine))
				}); err != nil {
					t.Error(err)
				}
				if got := contents(t, store, "b", "n"); len(got) < len("n=")+len(mine) {
					t.Errorf("an Update that returned is not seen: %d, want %d", len(got)-2, len(mine))
				}
			}
		})
	}
	wg.Wait()
	if got := contents(t, store, "b", "n"); len(got) != len("n=")+160 {
		t.Errorf("counted to %d, want 160", len(got)-2)
	}
}

// Of a file that is cut short something can still be read, and nothing is to be
// trusted.
func TestStoreCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	store := openStore(t, path)
	if err := store.Update(func(tx sandbox.Tx) error { return tx.Put("b", "k", bytes.Repeat([]byte("v"), 1<<20)) }); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 5<<12); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.OpenStore(path); err == nil || !strings.Contains(err.Error(), "sandbox.db: it is damaged") {
		t.Errorf("error is %v", err)
	}
}

// A file that was emptied had a state, which must not be taken for none.
func TestOpenStoreRefusesAnEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.OpenStore(path); err == nil || !strings.Contains(err.Error(), path+" is empty") {
		t.Errorf("error is %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file was changed: %v, %v", info, err)
	}
}
