package term

import (
	"strings"
	"testing"
)

// Control characters are removed from outside text on a terminal, even if two
// writes split them.
func TestPlainText(t *testing.T) {
	var b strings.Builder
	w := &plainText{w: &b}
	for _, part := range []string{"杯子\t\x1b[31mred\r\n", "\x00\x07\x7f", "\xc2", "\x9b31m", "\xc2", "\xa9é\xc2\x85.\n"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("Write(%q): %d, %v", part, n, err)
		}
	}
	if got, want := b.String(), "杯子\t[31mred\n31m©é.\n"; got != want {
		t.Errorf("shown %q, want %q", got, want)
	}
}
