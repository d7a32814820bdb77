package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// MakeFolder makes a folder and its missing parents, accessible to their owner
// only (mode 0700), and writes them to the disk. It does so even if the caller
// has just made some of them.
func MakeFolder(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	for above := filepath.Dir(path); above != path; path, above = above, filepath.Dir(above) {
		if err := SyncFolder(above); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err // a folder that cannot be read was not made just now
		}
	}
	return nil
}

// SyncFolder writes the list of files in a folder to the disk.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be flushed here, and a rename reaches the disk by itself
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err = f.Sync(); errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // some file systems cannot
	}
	return errors.Join(err, f.Close())
}
