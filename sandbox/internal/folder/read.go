package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/pelletier/go-toml/v2"

	"github.com/wxchain/wechatpay/internal/shallow"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 1 << 20

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return text, err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// loadTOML reads a file and refuses unknown keys.
func loadTOML(path string, v any) error {
	text, err := readFile(path)
	if err == nil && !decodeTOML(text, v) {
		// The errors of the parser may quote the file, which has secrets.
		err = fmt.Errorf("%s is damaged: it is not TOML, or has an unknown key", path)
	}
	return err
}

func decodeTOML(text []byte, v any) bool {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // which editors on Windows write
	return shallow.TOML(text) && toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(v) == nil
}
