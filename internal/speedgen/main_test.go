package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/speed"
)

// The picture and the tables of both guides show the recorded figures.
func TestShownAsRecorded(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, strings.ReplaceAll(name, "/", "-")) }
	names := []string{"docs/speed.svg", "docs/guide.md", "docs/zh-CN/guide.md"}
	for _, name := range names[1:] {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(in(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := generate("../../docs/speed.json", in(names[0]), in(names[1]), in(names[2])); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		committed, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		generated, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(generated, committed) {
			t.Errorf("%s does not show what docs/speed.json has: run go generate ./...", name)
		}
	}
}

var run = &speed.Run{
	CPU: "AMD <EPYC>", Go: "go1.26.8", OpenSSL: "OpenSSL 3.0.19 27 Jan 2026", Turns: 500,
	SDKs: map[string]string{speed.WechatpayGo: "0.2.21", speed.Gopay: "1.5.123"},
	Medians: map[string]float64{
		speed.BareGo: 2000, speed.Ours: 2001, speed.WechatpayGo: 2002, speed.Gopay: 2003, speed.BareOpenSSL: 2004, speed.OursOpenSSL: 2005,
	},
	Fastest: map[string]float64{
		speed.BareGo: 1000, speed.Ours: 1020.4, speed.WechatpayGo: 1030.6, speed.Gopay: 1100,
		speed.BareOpenSSL: 500, speed.OursOpenSSL: 525,
	},
}

func TestTable(t *testing.T) {
	for name, l := range map[string]language{"English": english, "Chinese": chinese} {
		table := l.table(run)
		for _, want := range []string{
			"`crypto/rsa` | 2000 µs | 1000 µs | 1.00 × |", " | 1020 µs | 1.02 × |", "| wechatpay-go 0.2.21 | 2002 µs | 1031 µs | 1.03 × |",
			"| gopay 1.5.123 | 2003 µs | 1100 µs | 1.10 × |", "OpenSSL | 2004 µs | 500 µs | 1.00 × |", "`signer/openssl` | 2005 µs | 525 µs | 1.05 × |",
			"500", "AMD <EPYC>", "Go 1.26.8", "OpenSSL 3.0.19",
		} {
			if !strings.Contains(table, want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, table)
			}
		}
	}
	with := *run
	with.IFMA = true
	if english.caption(&with) == english.caption(run) || chinese.caption(&with) == chinese.caption(run) {
		t.Error("AVX-512 IFMA is not shown")
	}
}

// The picture is XML with a name, a bar and a number for each side.
func TestDraw(t *testing.T) {
	decoder := xml.NewDecoder(bytes.NewReader(draw(run)))
	var text strings.Builder
	bars := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "rect" {
				bars++
			}
		case xml.CharData:
			text.Write(token)
			text.WriteByte('\n')
		}
	}
	if want := len(speed.Names) + 1; bars != want { // and the page
		t.Errorf("%d rectangles, want %d", bars, want)
	}
	for _, want := range []string{"crypto/rsa alone\n", "\n1020\n", "wechatpay with OpenSSL\n", "\n525\n", "prefers-color-scheme:dark"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the picture does not show %q", want)
		}
	}
}

func TestGenerateFails(t *testing.T) {
	for name, tt := range map[string]struct{ record, guide, want string }{
		"no JSON":    {"{", start + end, "unexpected end"},
		"no median":  {`{"medians_us":{"gopay":1}}`, start + end, "a time of crypto/rsa is missing"},
		"no fastest": {`{"medians_us":{"crypto/rsa":1}}`, start + end, "a time of crypto/rsa is missing"},
		"no marks":   {"", "# A page\n" + end, "are missing"},
		"no end":     {"", start, "are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			record, guide, picture := filepath.Join(folder, "r"), filepath.Join(folder, "guide.md"), filepath.Join(folder, "p")
			text, err := os.ReadFile("../../docs/speed.json")
			if err != nil {
				t.Fatal(err)
			}
			if tt.record != "" {
				text = []byte(tt.record)
			}
			for file, content := range map[string][]byte{record: text, guide: []byte(tt.guide)} {
				if err := os.WriteFile(file, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := generate(record, picture, guide, guide); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if _, err := os.Stat(picture); !os.IsNotExist(err) {
				t.Error("there is a picture")
			}
		})
	}
}
