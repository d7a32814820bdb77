// Package commands has all commands of wxpay.
package commands

import (
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/api"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/batch"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/bill"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/call"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/certs"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/demo"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/doctor"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/initcmd"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/mcp"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/notify"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/sandbox"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/sign"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/verify"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/version"
)

// All returns the commands of a build.
func All(b *build.Build) []*cobra.Command {
	return []*cobra.Command{
		demo.New(b), initcmd.New(b, initcmd.Doctor{Check: doctor.Check, Show: doctor.Show}), call.New(b), batch.New(b), batch.NewWork(b), api.New(), sign.New(b), verify.New(b), certs.New(b),
		sandbox.New(b), doctor.New(b), notify.New(b), bill.New(b), mcp.New(b), version.New(b),
	}
}
