package bill

import (
	"fmt"
	"os"
	"path/filepath"
)

// file becomes the file at a path once it is whole.
type file struct {
	path string
	temp *os.File // in the same folder; nil once it is done
}

func newFile(path string) (*file, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is there and is not a file", path)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".bill-*") // mode 0600
	if err != nil {
		return nil, err
	}
	return &file{path, temp}, nil
}

// commit puts the file in its place.
func (f *file) commit() error {
	err := f.temp.Sync()
	if bad := f.temp.Close(); err == nil {
		err = bad
	}
	if err == nil {
		err = os.Rename(f.temp.Name(), f.path)
	}
	if err != nil {
		return err
	}
	f.temp = nil
	return nil
}

// discard removes what commit did not put in its place.
func (f *file) discard() {
	if f.temp != nil {
		f.temp.Close()
		os.Remove(f.temp.Name())
	}
}
