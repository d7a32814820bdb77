package bill

import (
	"errors"
	"strings"
	"testing"
)

// The limit of an encrypted file is a quarter GiB, which no test fills.
func TestReadSealed(t *testing.T) {
	for text, good := range map[string]bool{"": true, "1": true, "12345": true, "123456": false, strings.Repeat("x", 1000): false} {
		got, err := readSealed(strings.NewReader(text), 5)
		if good && (err != nil || string(got) != text) {
			t.Errorf("of %q it reads %q, %v", text, got, err)
		}
		if !good && (!errors.Is(err, ErrTooLong) || len(got) > 6) {
			t.Errorf("of %d bytes it reads %d, %v", len(text), len(got), err)
		}
	}
}
