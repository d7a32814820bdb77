package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// MakeFolder makes a folder, and those above it that are not there, for their
// owner alone (mode 0700), onto the disk, even if the caller has just made some
// of them.
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
			return err // one that may not be read was not made just now
		}
	}
	return nil
}

// SyncFolder writes to the disk which files are in a folder.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // where a folder cannot be flushed, and a rename is on the disk by itself
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err = f.Sync(); errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // there are file systems that cannot
	}
	return errors.Join(err, f.Close())
}
