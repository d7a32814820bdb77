//go:build unix

package show

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// Control characters in outside text do not reach a terminal. A pipe receives
// the text unchanged.
func TestCallOnTerminalIsHarmless(t *testing.T) {
	t.Parallel()
	const found = "\"\\u001b]0;owned\\u0007茶\u3000\\u202e\""
	show := func(w io.Writer) {
		if err := New(w, io.Discard, View{}).Value(gjson.Parse(found)); err != nil {
			t.Error(err)
		}
	}
	if shown := testkit.ShownOn(t, show); shown != "]0;owned茶\u3000\r\n" {
		t.Errorf("it shows %q", shown)
	}
	if shown := testkit.ShownOn(t, func(w io.Writer) {
		if err := New(w, io.Discard, View{}).Value(gjson.Parse("[\"\u009b2J茶\"]")); err != nil {
			t.Error(err)
		}
	}); strings.Contains(shown, "\u009b") || !strings.Contains(shown, "2J茶") {
		t.Errorf("of JSON it shows %q", shown)
	}
	var pipe bytes.Buffer
	if show(&pipe); pipe.String() != "\x1b]0;owned\a茶\u3000\u202e\n" {
		t.Errorf("in a pipe it is %q", &pipe)
	}
}
