package mcp

import (
	"context"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli/clitest"
)

// commands are the commands of wxpay in these tests.
func commands() []*cobra.Command { return []*cobra.Command{New(nil)} }

func TestMain(m *testing.M) { clitest.Main(m, commands) }

// exec runs a command line in this process.
func exec(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	return clitest.Exec(ctx, commands(), args...)
}
