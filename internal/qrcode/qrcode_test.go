package qrcode_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/qrcode"
)

const codeURL = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"

func TestSVG(t *testing.T) {
	text, err := qrcode.SVG(codeURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil || !strings.HasPrefix(text, "<svg ") || strings.Count(text, "h1v1h-1z") < 200 {
		t.Errorf("%.200s: %v", text, err)
	}
	if _, err := qrcode.SVG(strings.Repeat("x", 5000)); err == nil {
		t.Error("no error for a text that does not fit")
	}
}

func TestText(t *testing.T) {
	light, err := qrcode.Text(codeURL, false)
	if err != nil {
		t.Fatal(err)
	}
	dark, err := qrcode.Text(codeURL, true)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(light, "\n"), "\n")
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n != utf8.RuneCountInString(lines[0]) || n > 40 {
			t.Errorf("%q has %d characters", line, n)
		}
	}
	if !strings.HasPrefix(light, "█████") || !strings.HasPrefix(dark, "     ") {
		t.Errorf("the border is %q and %q", lines[0], dark[:20])
	}
	if _, err := qrcode.Text(strings.Repeat("x", 5000), false); err == nil {
		t.Error("no error for a text that does not fit")
	}
}
