// Package read reads files of a limited size.
package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"unicode/utf8"

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
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, lang.Errorf("%s is a folder; name a file", path)
	}
	return All(f, path, limit)
}

// JSON returns the JSON in the text of a file, without a byte order mark. Errors refer to
// the file by name.
func JSON(name string, text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, lang.Errorf("%s is empty; write JSON into it, such as {\"amount\": {\"total\": 100}}", name)
	}
	if !utf8.Valid(text) {
		return nil, lang.Errorf("%s is not UTF-8; save it as UTF-8", name)
	}
	invalid := (*json.SyntaxError)(nil)
	if err := json.Unmarshal(text, new(json.RawMessage)); errors.As(err, &invalid) {
		line, column := position(text, int(invalid.Offset))
		return nil, lang.Errorf("%s is not valid JSON; correct it at line %d, column %d", name, line, column)
	}
	return text, nil
}

// position returns the line and the column of the byte before offset.
func position(text []byte, offset int) (line, column int) {
	before := text[:min(max(offset-1, 0), len(text))]
	last := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[last:]) + 1
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
