package batch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// resolve follows the links in path and returns the path of the file itself,
// which may not exist yet. The ledger is stored next to that file.
func resolve(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return "", fmt.Errorf("%s is a link to a missing file; put the file back, or take another --out", path)
		}
		return path, nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file; the results need one, because a later run reads them", path)
	}
	return filepath.EvalSymlinks(path)
}

// isPrintedTo reports whether one of the writers writes to the file at path.
func isPrintedTo(path string, writers ...io.Writer) bool {
	at, err := os.Stat(path)
	return err == nil && at.Mode().IsRegular() && slices.ContainsFunc(writers, func(w io.Writer) bool {
		f, ok := w.(*os.File)
		if !ok {
			return false
		}
		info, err := f.Stat()
		return err == nil && os.SameFile(info, at)
	})
}
