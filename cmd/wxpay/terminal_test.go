package main

import (
	"strings"
	"testing"
)

// What others wrote comes to a terminal without control characters, also when
// they are cut by writes.
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

func TestCSVIsHarmless(t *testing.T) {
	const text = "时间,=列,备注\n`2026-11-24,`=1+1,`@SUM(A1)\n`-1.00,`-1+cmd|x,`+86\n`-,`\tx,`a=b\n总交易单数,x\n`1,`2\n"
	var b strings.Builder
	if err := copyCSV(&b, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	const want = "时间,'=列,备注\n2026-11-24,'=1+1,'@SUM(A1)\n-1.00,'-1+cmd|x,'+86\n'-,'\tx,a=b\n"
	if got := b.String(); got != want {
		t.Errorf("CSV %q, want %q", got, want)
	}
}

// No error and no finding brings a control character of others to a terminal.
func TestOutsideTextIsVisible(t *testing.T) {
	const hostile = "a\x1b[31mb\x07\u009bc"
	for _, args := range [][]string{
		{"call", "GET", "v3/x", "--config", hostile}, {"bill", "trade", hostile}, {"nothing" + hostile}, {"call", "--" + hostile}, {"call", hostile, hostile},
		{"api", "show", hostile}, {"doctor", "--config", hostile}, {"batch", hostile, "POST", "v3/x"},
	} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), args, &stdout, &stderr); code == exitOK {
			t.Errorf("%q: exit 0", args)
		}
		if text := stdout.String() + stderr.String(); strings.ContainsAny(text, "\x1b\x07\u009b") {
			t.Errorf("%q prints %q", args, text)
		}
	}
	var b strings.Builder
	p := newPrinter(&b, &b, callFlags{})
	if err := p.findings([]finding{{Check: "config", Message: hostile + "\n" + hostile, Mend: hostile}}, false); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\u009b") || strings.Count(b.String(), "a[31mbc") != 3 {
		t.Errorf("doctor prints %q", b.String())
	}
}
