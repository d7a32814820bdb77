package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/wxchain/wechatpay/internal/keyfile"
	"github.com/wxchain/wechatpay/internal/quote"
)

const (
	maxFile   = 1 << 20 // bytes of wxpay.toml: some thousand merchants
	maxSecret = 1 << 10 // bytes of a file with one setting
)

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return "", err
	}
	if int64(len(text)) > limit {
		return "", fmt.Errorf("%s is longer than %d bytes", path, limit)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// readSecret reads the file of one setting, whose path is relative to dir. It returns
// the text without the blanks around it.
func readSecret(dir, path string) (string, error) {
	if isSecretText(path) {
		return "", errors.New("it is the secret itself; write the path of a file that has it")
	}
	path = under(dir, path)
	text, err := readFile(path, maxSecret)
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fmt.Errorf("file %s is empty", quote.Text(path))
	}
	return text, nil
}

// isSecretText reports whether a value that should be a path may be an APIv3 or APIv2 key,
// which an error must not show.
func isSecretText(value string) bool {
	const size = 32 // bytes
	return len(value) == size && !strings.ContainsAny(value, `./\`)
}

// readKey returns the text of a key or certificate, which value is or which the file
// at value has.
func readKey(value string) (string, error) {
	if isKeyText(value) {
		return value, nil
	}
	text, err := keyfile.ReadFile(value)
	if err == nil && strings.TrimSpace(text) == "" {
		err = errors.New("the file is empty")
	}
	return text + "\n", err // nobody takes text of several lines for a path
}

// isKeyText reports whether value is a key or certificate, and not a path.
func isKeyText(value string) bool {
	const longestPath = 1024
	return len(value) > longestPath || strings.Contains(value, "-----BEGIN") || strings.HasPrefix(value, "private.pkcs") || strings.HasPrefix(value, "public.pkcs") || strings.HasPrefix(value, "public.spki")
}

// under turns the path of a file in dir into a path relative to the current folder.
// It leaves a URL and the text of a key unchanged.
func under(dir, path string) string {
	if path == "" || filepath.IsAbs(path) || strings.Contains(path, "://") || isKeyText(path) {
		return path
	}
	return filepath.Join(dir, path)
}
