// Package wholefile writes files completely or not at all.
package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A File becomes the file at its path once it is complete. Until then it is
// beside that path, under another name.
type File struct {
	*os.File
	path string
	done bool
}

// Create starts the file at path, accessible to its owner only (mode 0600). An
// existing file stays until Commit; the path must not be anything but a file.
// Call Discard at the end.
func Create(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is there and is not a file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		if e := (*fs.PathError)(nil); errors.As(err, &e) { // which names a file that the caller does not know
			err = &fs.PathError{Op: "create", Path: path, Err: e.Err}
		}
		return nil, err
	}
	return &File{File: f, path: path}, nil
}

// Commit puts the file in its place, after all of it is on the disk. When Commit
// returns nil, the file survives a power cut.
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

// Discard removes the file unless Commit has put it in its place.
func (f *File) Discard() {
	if !f.done {
		f.Close()
		os.Remove(f.Name())
	}
}
