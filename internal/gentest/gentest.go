// Package gentest checks, in the tests of generators, the files that they wrote.
package gentest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// CheckUpToDate checks that write makes the file at committed again.
func CheckUpToDate(t *testing.T, committed string, write func(file string) error) {
	t.Helper()
	fresh := filepath.Join(t.TempDir(), filepath.Base(committed))
	if err := write(fresh); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the generator makes: run go generate ./...", committed)
	}
}
