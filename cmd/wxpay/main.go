// Command wxpay is the command line of the WeChat Pay client library.
//
//	go run github.com/wxchain/wechatpay/cmd/wxpay demo
package main

import (
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	wxpay "github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/commands"
)

func main() { cli.Main(commands()) }

// commands are the commands of wxpay.
func commands() []*cobra.Command { return wxpay.All(nil) }
