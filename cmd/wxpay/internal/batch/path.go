package batch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// resolve follows the links in path and returns the path of the file itself,
// which may not exist yet. The ledger is stored next to that file.
func resolve(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return "", lang.Errorf("%s is a link to a missing file; put the file back, or take another --out", path)
		}
		if folder := filepath.Dir(path); isMissing(folder) {
			return "", lang.Errorf("%s: the folder %s does not exist; create it, or take another --out", path, folder)
		}
		return path, nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", lang.Errorf("%s is not a regular file; the results need one, because a later run reads them", path)
	}
	return filepath.EvalSymlinks(path)
}

func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
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
