package folder

import (
	"io/fs"
	"path/filepath"

	"github.com/wxchain/wechatpay/internal/wholefile"
)

const (
	secretMode = 0o600 // of files with a secret
	publicMode = 0o644
)

// A newFile is a file to be written.
type newFile struct {
	path string // inside the folder
	mode fs.FileMode
	text []byte
}

// writeFiles writes files into a folder, one after the other.
func writeFiles(dir string, files []newFile) error {
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.path), f.mode, f.text); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file to the disk, completely or not at all.
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
