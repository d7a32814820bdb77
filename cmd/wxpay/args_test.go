package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// An error of arguments starts with the command, and does not name it again.
func TestArgumentErrorsNameTheCommandOnce(t *testing.T) {
	n := 0
	for cmd := range allBelow(cli.Root(commands())) {
		words := strings.Fields(cmd.CommandPath())[1:]
		again := regexp.MustCompile(`\b(` + strings.Join(words, "|") + `)\b:? ?(takes|needs|wants|accepts|requires|需要|接受|没有参数)`)
		for _, args := range [][]string{nil, {"x"}, {"x", "y"}, {"x", "y", "z"}, {"x", "y", "z", "x", "y"}} {
			err := cmd.ValidateArgs(args)
			if err == nil {
				continue
			}
			n++
			for _, l := range []lang.Language{{}, lang.Chinese()} {
				if text := l.Error(err); again.MatchString(text) || strings.HasPrefix(text, "wxpay") {
					t.Errorf("%s %q: %s", cmd.CommandPath(), args, text)
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("%d errors", n)
	}
}

// A command that takes a file or a folder names it when there are too many or none.
func TestArgumentErrorsNameTheArgument(t *testing.T) {
	for args, want := range map[string]string{
		"verify a b":        `wxpay verify: "b" is one argument too many; the command takes at most one: FILE`,
		"sign a b":          `wxpay sign: "b" is one argument too many; the command takes at most one: FILE`,
		"notify verify a b": `wxpay notify verify: "b" is one argument too many; the command takes at most one: FILE`,
		"api list a b":      `wxpay api list: "b" is one argument too many; the command takes at most one: PREFIX`,
		"api site":          "wxpay api site: missing: DIR",
		"api site a b":      `wxpay api site: "b" is one argument too many; the command takes one: DIR`,
		"doctor now":        `wxpay doctor: the command takes no arguments, and got "now"`,
	} {
		if _, _, stderr := exec(context.Background(), strings.Fields(args)...); !strings.HasPrefix(stderr, want+"\n") {
			t.Errorf("%s: %q, want %q", args, stderr, want)
		}
	}
}
