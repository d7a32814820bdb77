package sandbox

import (
	"io/fs"

	"github.com/wxchain/wechatpay/internal/wholefile"
)

const (
	secretMode = 0o600 // of files with a secret
	publicMode = 0o644
)

// writeFile writes a file, whole or not at all, onto the disk.
func writeFile(path string, mode fs.FileMode, text []byte) error {
	f, err := wholefile.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	return f.Commit()
}
