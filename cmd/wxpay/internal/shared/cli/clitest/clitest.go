// Package clitest runs commands of wxpay in tests.
package clitest

import (
	"bytes"
	"context"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
)

// Exec runs the one of commands that args spell in this process. It returns what
// wxpay exits with and prints.
func Exec(ctx context.Context, commands []*cobra.Command, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cli.Run(ctx, commands, args, &out, &err)
	return code, out.String(), err.String()
}

// Main runs the tests of a package, to which wxpay is a program that has commands.
func Main(m *testing.M, commands func() []*cobra.Command) {
	testscript.Main(m, map[string]func(){"wxpay": func() { cli.Main(commands()) }})
}
