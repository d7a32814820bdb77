// Package read reads files of a limited size.
package read

import (
	"io"
	"os"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

const maxBodyFile = 10 << 20 // bytes of a body from a file

// FileOrStdin reads a file. The path "-" means the standard input.
func FileOrStdin(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return All(stdin, "the standard input", maxBodyFile)
	}
	return File(path, maxBodyFile)
}

// FirstOr returns the first of args. If args is empty, it returns otherwise.
func FirstOr(args []string, otherwise string) string {
	if len(args) > 0 {
		return args[0]
	}
	return otherwise
}

// File reads a file of at most limit bytes.
func File(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return All(f, path, limit)
}

// All reads r if it has at most limit bytes. Errors refer to r by name.
func All(r io.Reader, name string, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, lang.Errorf("%s is longer than %d bytes", name, limit)
	}
	return text, nil
}
