// Package wholefile writes files that are there whole, or not at all.
package wholefile

import (
	"fmt"
	"os"
	"path/filepath"
)

// A File becomes the file at a path once it is whole. Until then it is beside
// it, under another name.
type File struct {
	*os.File
	path string
	done bool
}

// Create begins the file at path, for its owner alone (mode 0600). What is
// there already stays, until Commit; it must be a file. Discard must be called
// in the end.
func Create(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is there and is not a file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return nil, err
	}
	return &File{File: f, path: path}, nil
}

// Commit puts the file in its place, once all of it is on the disk. Once it
// returns nil, the file is there after a power cut too.
func (f *File) Commit() error {
	err := f.Sync()
	if bad := f.Close(); err == nil {
		err = bad
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return err
	}
	f.done = true
	return SyncFolder(filepath.Dir(f.path))
}

// Discard removes what Commit did not put in its place.
func (f *File) Discard() {
	if !f.done {
		f.Close()
		os.Remove(f.Name())
	}
}
