package initcmd

import (
	"testing"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/doctor"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli/clitest"
)

// commands are the commands of wxpay in these tests.
func commands() []*cobra.Command {
	return []*cobra.Command{New(nil, Doctor{Check: doctor.Check, Show: doctor.Show})}
}

func TestMain(m *testing.M) { clitest.Main(m, commands) }
