// Package clitest runs commands of wxpay in tests.
package clitest

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
)

// Exec runs the command that args name in this process. It returns the exit
// code and the output.
func Exec(ctx context.Context, commands []*cobra.Command, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cli.Run(ctx, commands, args, &out, &err)
	return code, out.String(), err.String()
}

// Main runs the tests of a package. The tests can run wxpay, with these
// commands, as a program.
func Main(m *testing.M, commands func() []*cobra.Command) {
	testscript.Main(english{m}, map[string]func(){"wxpay": func() { cli.Main(commands()) }})
}

// english runs tests in English, whatever language the developer speaks. The commands of
// scripts have the environment of the script.
type english struct{ *testing.M }

func (e english) Run() int {
	if err := os.Setenv("LC_ALL", "C"); err != nil {
		panic(err)
	}
	return e.M.Run()
}
