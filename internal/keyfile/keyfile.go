// Package keyfile finds keys and certificates in text and files, however people store
// them, and says what is wrong with other text.
package keyfile

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// maxFile is the size, in bytes, of the longest file that is read.
const maxFile = 1 << 20

// Kind quotes the type of a PEM block, unless it is too long to be one.
func Kind(blockType string) string {
	if len(blockType) > 40 {
		return "of no kind known"
	}
	return strconv.Quote(blockType)
}

// Read finds the first PEM block of src: PEM text, the path or file:// URL of a file,
// or bare DER in base64. schemes are the prefixes that bare DER may have, with the PEM
// type that each stands for. typeOf tells the PEM type of DER that only another package
// can parse, or ""; it may be nil. Errors never quote a key.
func Read(src string, schemes map[string]string, typeOf func(der []byte) string) (*pem.Block, error) {
	r := reader{typeOf}
	if typeOf == nil {
		r.typeOf = func([]byte) string { return "" }
	}
	return r.read(src, schemes)
}

// A reader tells the types of bare DER that this package does not know.
type reader struct {
	typeOf func(der []byte) string
}

func (r reader) read(src string, schemes map[string]string) (*pem.Block, error) {
	if strings.TrimSpace(src) == "" {
		return nil, errors.New("it is missing: give PEM text or the path of a file")
	}
	for scheme, blockType := range schemes {
		if text, ok := strings.CutPrefix(src, scheme); ok {
			der, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, fmt.Errorf("what follows %s is not base64", scheme)
			}
			return &pem.Block{Type: blockType, Bytes: der}, nil
		}
	}
	if strings.Contains(src, "-----BEGIN") {
		return r.decode(src)
	}
	if block := r.decodeBare(strings.TrimPrefix(src, byteOrderMark)); block != nil {
		return block, nil
	}
	if strings.Contains(src, "\x00") { // no path has one
		if err := checkEncoding(src); err != nil {
			return nil, err
		}
	}
	text, err := ReadFile(src)
	if err != nil {
		return nil, err
	}
	return r.decode(text)
}

// ReadFile returns the content of a file of at most 1 MiB. src is a path or a file://
// URL.
func ReadFile(src string) (string, error) {
	path := strings.TrimPrefix(src, "file://")
	if scheme, _, ok := strings.Cut(path, "://"); ok && len(scheme) < 20 {
		return "", fmt.Errorf("scheme %q does not fit here", scheme+"://")
	}
	// A key pasted without its PEM lines ends up here. It is not a path, and
	// must not get into an error.
	if len(path) > 1024 || strings.ContainsAny(path, "\n\r\x00") {
		return "", errors.New("it is neither PEM text (-----BEGIN …) nor the path of a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", reason(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", reason(err)
	}
	if len(text) > maxFile {
		return "", fmt.Errorf("file %s is longer than %d bytes, too long for a key", path, maxFile)
	}
	return string(text), nil
}

// reason names the file that cannot be read, unless the "file" looks like
// the text of a key.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) && looksLikeKey(p) {
		return fmt.Errorf("it is neither PEM text (-----BEGIN …) nor the path of a file: %w", p.Err)
	}
	return err
}

// looksLikeKey tells text too long for a path, and a line or more of base64
// that is the path of nothing.
func looksLikeKey(p *fs.PathError) bool {
	if len(p.Path) < 64 || len(p.Path) > 200 {
		return len(p.Path) > 200
	}
	_, err := base64.StdEncoding.DecodeString(p.Path)
	return err == nil && errors.Is(p.Err, fs.ErrNotExist)
}
