package store_test

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

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

func openStore(t testing.TB, path string) *store.File {
	t.Helper()
	st, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func newStore(t testing.TB) *store.File {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "sandbox.db"))
}

// contents are what a bucket has under a prefix, as "key=value key=value".
func contents(t testing.TB, st store.Store, bucket, prefix string) string {
	t.Helper()
	var all []string
	if err := st.View(func(tx store.Tx) error {
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

func put(st store.Store, key, value string) error {
	return st.Update(func(tx store.Tx) error { return tx.Put("b", key, []byte(value)) })
}

func mustPut(t testing.TB, st store.Store, key, value string) {
	t.Helper()
	if err := put(st, key, value); err != nil {
		t.Fatal(err)
	}
}

// stores are all that must behave alike.
func stores(t *testing.T) map[string]store.Store {
	return map[string]store.Store{"memory": store.NewMemory(), "file": newStore(t)}
}

func TestStores(t *testing.T) {
	for name, st := range stores(t) {
		t.Run(name, func(t *testing.T) {
			checkContents(t, st, "b", "", "")
			for _, key := range []string{"m/2", "m/1", "n/1", "l"} {
				mustPut(t, st, key, "old")
			}
			checkContents(t, st, "b", "m/", "m/1=old m/2=old")
			checkFailedUpdate(t, st)
			checkContents(t, st, "b", "", "l=old m/1=old m/2=old n/1=old")
			checkContents(t, st, "new bucket", "", "")
			checkEachEnds(t, st)
			checkViewIsReadOnly(t, st)
			if err := st.Update(func(tx store.Tx) error { return errors.Join(tx.Delete("b", "l"), tx.Delete("none", "l")) }); err != nil {
				t.Error(err)
			}
			checkContents(t, st, "b", "", "m/1=old m/2=old n/1=old")
		})
	}
}

func checkContents(t *testing.T, st store.Store, bucket, prefix, want string) {
	t.Helper()
	if got := contents(t, st, bucket, prefix); got != want {
		t.Errorf("under %q of %s: %q, want %q", prefix, bucket, got, want)
	}
}

// checkFailedUpdate changes the keys of TestStores in a transaction, which sees
// what it changed, and then fails.
func checkFailedUpdate(t *testing.T, st store.Store) {
	t.Helper()
	broken := errors.New("broken")
	err := st.Update(func(tx store.Tx) error {
		for _, key := range []string{"m/1", "m/1", "m/3", "x"} { // the same one twice
			if err := tx.Put("b", key, []byte("new")); err != nil {
				return err
			}
			if text, err := tx.Get("b", key); err != nil || string(text) != "new" {
				t.Errorf("Get after Put is %q, %v", text, err)
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
}

// checkEachEnds checks that Each ends with the first error.
func checkEachEnds(t *testing.T, st store.Store) {
	t.Helper()
	broken, calls := errors.New("broken"), 0
	if err := st.View(func(tx store.Tx) error {
		return tx.Each("b", "m/", func(string, []byte) error { calls++; return broken })
	}); !errors.Is(err, broken) || calls != 1 {
		t.Errorf("Each ended with %v after %d calls", err, calls)
	}
}

func checkViewIsReadOnly(t *testing.T, st store.Store) {
	t.Helper()
	if err := st.View(func(tx store.Tx) error { return tx.Put("b", "l", []byte("new")) }); err == nil {
		t.Error("Put in View: no error")
	}
	if err := st.View(func(tx store.Tx) error { return tx.Delete("b", "l") }); err == nil {
		t.Error("Delete in View: no error")
	}
}

// Both stores find sorted keys without a search: Each begins and ends where the
// prefix does.
func TestEachSeesNoMore(t *testing.T) {
	for name, st := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for _, bucket := range []string{"a", "b", "b0", "c"} {
				for _, key := range []string{"m/1", "m/2", "m", "m0", "n"} {
					if err := st.Update(func(tx store.Tx) error { return tx.Put(bucket, key, []byte(bucket)) }); err != nil {
						t.Fatal(err)
					}
				}
			}
			checkContents(t, st, "b", "m/", "m/1=b m/2=b")
			checkContents(t, st, "b", "", "m=b m/1=b m/2=b m0=b n=b")
		})
	}
}

func TestFileKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	st, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, st, "k", "1")
	if _, err := store.Open(path); err == nil || !strings.Contains(err.Error(), path+" is in use") {
		t.Errorf("opened twice: error is %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if err := put(st, "k", "2"); err == nil {
		t.Error("Update after Close: no error")
	}
	if err := st.View(func(store.Tx) error { return nil }); err == nil {
		t.Error("View after Close: no error")
	}
	if got := contents(t, openStore(t, path), "b", ""); got != "k=1" {
		t.Errorf("opened again: %s", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a store ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, t.TempDir(), filepath.Join(t.TempDir(), "no", "folder")} {
		if _, err := store.Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error is %v, want one that names %s", err, path)
		}
	}
}

// lineUp lets n Updates wait behind one that is at work, and returns what ended
// them all. Each of theirs is called once.
func lineUp(t *testing.T, st *store.File, n int, f func(i int, tx store.Tx) error) []error {
	t.Helper()
	var wg sync.WaitGroup
	results := make([]error, n)
	calls := make([]int, n)
	if err := st.Update(func(tx store.Tx) error {
		for i := range n {
			wg.Go(func() {
				results[i] = st.Update(func(tx store.Tx) error { calls[i]++; return f(i, tx) })
			})
		}
		for st.Waiting() < n {
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
func TestFileBatchIsLimited(t *testing.T) {
	st := newStore(t)
	before := store.Commits(t, st)
	for i, err := range lineUp(t, st, 300, func(i int, tx store.Tx) error {
		return tx.Put("b", fmt.Sprint(i), []byte("1"))
	}) {
		if err != nil {
			t.Errorf("Update %d: %v", i, err)
		}
	}
	if got := store.Commits(t, st) - before; got != 2 {
		t.Errorf("300 Updates made %d writes to the disk, want 2", got)
	}
}

// Updates that wait for one another share a write to the disk, and those of
// them that fail take nobody else down.
func TestFileShares(t *testing.T) {
	st := newStore(t)
	mustPut(t, st, "shared", "before")
	before := store.Commits(t, st)
	broken := errors.New("broken")
	results := lineUp(t, st, 100, func(i int, tx store.Tx) error {
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
	if got := store.Commits(t, st) - before; got != 1 {
		t.Errorf("100 Updates made %d writes to the disk, want 1", got)
	}
	if got := strings.Fields(contents(t, st, "b", "k")); len(got) != 50 || got[49] != "k098=1" {
		t.Errorf("%d are kept: %v", len(got), got)
	}
	if got := contents(t, st, "b", "shared"); got != "shared=before" {
		t.Error(got)
	}
}

// An Update that panics leaves nothing behind, and nobody waiting.
func TestFilePanics(t *testing.T) {
	st := newStore(t)
	mustPut(t, st, "k", "before")
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = st.Update(func(tx store.Tx) error {
			if err := tx.Put("b", "k", []byte("spoilt")); err != nil {
				t.Error(err)
			}
			panic("boom")
		})
	}()
	mustPut(t, st, "l", "after")
	if got := contents(t, st, "b", ""); got != "k=before l=after" {
		t.Error(got)
	}
}

// Put refuses what cannot be stored, and the transaction goes on without it.
func TestFileRefuses(t *testing.T) {
	st := newStore(t)
	if err := st.Update(func(tx store.Tx) error {
		if tx.Put("", "k", nil) == nil || tx.Put("b", "", nil) == nil {
			t.Error("no error for an empty name")
		}
		return tx.Put("b", "k", []byte("1"))
	}); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, st, "b", ""); got != "k=1" {
		t.Error(got)
	}
}

// Reads and writes by many goroutines: every number is counted once.
func TestFileAtOnce(t *testing.T) {
	st := newStore(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 10 {
				var mine string
				if err := st.Update(func(tx store.Tx) error {
					text, err := tx.Get("b", "n")
					if err != nil {
						return err
					}
					mine = string(text) + "x"
					return tx.Put("b", "n", []byte(mine))
				}); err != nil {
					t.Error(err)
				}
				if got := contents(t, st, "b", "n"); len(got) < len("n=")+len(mine) {
					t.Errorf("an Update that returned is not seen: %d, want %d", len(got)-2, len(mine))
				}
			}
		})
	}
	wg.Wait()
	if got := contents(t, st, "b", "n"); len(got) != len("n=")+160 {
		t.Errorf("counted to %d, want 160", len(got)-2)
	}
}

// Of a file that is cut short something can still be read, and nothing is to be
// trusted.
func TestStoreCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	st := openStore(t, path)
	if err := st.Update(func(tx store.Tx) error { return tx.Put("b", "k", bytes.Repeat([]byte("v"), 1<<20)) }); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 5<<12); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(path); err == nil || !strings.Contains(err.Error(), "sandbox.db: it is damaged") {
		t.Errorf("error is %v", err)
	}
}

// A file that was emptied had a state, which must not be taken for none.
func TestOpenRefusesAnEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(path); err == nil || !strings.Contains(err.Error(), path+" is empty") {
		t.Errorf("error is %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file was changed: %v, %v", info, err)
	}
}
