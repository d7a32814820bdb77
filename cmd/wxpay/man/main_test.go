package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// Each command has a page with its flags and the date that was given.
func TestManPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if err := write(dir, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"wxpay.1":                 {"wxpay-call(1)", "wxpay-api(1)"},
		"wxpay-call.1":            {"--filter", "wxpay call POST", "\nname:=json    the same with a number", "\nname==text    a parameter of the query\n"},
		"wxpay-api-show.1":        {"wxpay-api(1)"},
		"wxpay-completion-bash.1": {"wxpay-completion(1)"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		page := strings.NewReplacer(`\-`, "-", `\fB`, "", `\fP`, "").Replace(string(text))
		header := ` "1" "Mar 2026" "wxpay ` + wechatpay.Version + `" "wxpay"`
		for _, text := range append(want, header, ".SH NAME", ".SH SYNOPSIS", ".SH EXAMPLE") {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not have %q:\n%s", name, text, page)
			}
		}
		if strings.Contains(page, "HISTORY") {
			t.Errorf("%s has the date of its making", name)
		}
	}
	pages, err := os.ReadDir(dir)
	if err != nil || len(pages) < 25 {
		t.Errorf("%d pages, %v", len(pages), err)
	}
}
