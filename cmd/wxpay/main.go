// Command wxpay is the command line of the WeChat Pay client library.
//
//	go run github.com/wxchain/wechatpay/cmd/wxpay demo
package main

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
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/notify"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/sandbox"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/sign"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/verify"
)

func main() { cli.Main(commands()) }

// commands are the commands of wxpay.
func commands() []*cobra.Command {
	return []*cobra.Command{demo.New(), initcmd.New(), call.New(), batch.New(), api.New(), sign.New(), verify.New(), certs.New(), sandbox.New(), doctor.New(), notify.New(), bill.New()}
}
