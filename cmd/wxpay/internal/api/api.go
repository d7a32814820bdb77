// Package api is wxpay api, which shows the operations of the platform.
package api

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/openapi"
)

// New returns the command wxpay api.
func New() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "api",
		Short: "Find a call among all that the platform documents",
		Long: `api lists every call that WeChat Pay documents, in APIv3 and APIv2. It needs no
network. list prints all calls, search finds calls by words, and show prints the
fields of a call and how to make it. types writes Go types for calls, and site a
website of all calls.`,
		Example: `  wxpay api search 代金券 发放
  wxpay api show POST 'v3/marketing/favor/users/{openid}/coupons'`,
	}
	cli.Group(cmd, newList(), newSearch(), newShow(), newTypes(), newSite())
	return cmd
}

func newList() *cobra.Command {
	return &cobra.Command{
		Use:     "list [PREFIX]",
		Short:   "List all calls, or those whose template starts with PREFIX",
		Long:    "list prints a line for each call that the platform documents: its method, its\ntemplate and its official name. With PREFIX, it prints\nonly the calls whose template starts with PREFIX.",
		Example: "  wxpay api list\n  wxpay api list v3/refund",
		Args:    cli.AtMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			prefix := strings.TrimPrefix(read.FirstOr(args, ""), "/")
			var found []*openapi.Operation
			for op := range openapi.Operations() {
				if strings.HasPrefix(op.Template, prefix) {
					found = append(found, op)
				}
			}
			if len(found) == 0 {
				return exit.Misuse(lang.Errorf("no call starts with %q; wxpay api search finds calls by words", term.Cut(prefix)))
			}
			return printOperations(cmd.OutOrStdout(), found)
		},
	}
}

// mostHits is how many hits search prints by default: a screenful.
const mostHits = 20

func newSearch() *cobra.Command {
	limit := mostHits
	cmd := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find calls by words, in Chinese or English",
		Long: `search prints the calls that match the words, best match first. It looks for the
words in names, products, templates and fields, and knows other names of the
common products: 扫码支付 is native. It forgives spelling mistakes. A call must
match all words; if no call does, search prints those that match the most words.

If there are more hits than --limit, a line on the standard error says how many.
The exit code is 1 if no call matches.`,
		Example: "  wxpay api search 代金券 发放\n  wxpay api search 查单\n  wxpay api search refund query --limit 5\n  wxpay api search out_trade_no close",
		Args: func(_ *cobra.Command, args []string) error {
			if len(strings.Fields(strings.Join(args, " "))) == 0 {
				return lang.Errorf("no word to search for; write one or more, such as 代金券")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 {
				return exit.Misuse(lang.Errorf("--limit %d is negative; 0 prints all", limit))
			}
			return search(lang.From(cmd.Context()), strings.Join(args, " "), limit, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "print at most this many calls; 0 prints all")
	return cmd
}

// search prints the operations that match words, and in notes how many it left out.
func search(l lang.Language, words string, limit int, out, notes io.Writer) error {
	found := openapi.Search(words)
	if len(found) == 0 {
		return lang.Errorf("no call matches %q; try one word, such as a product (退款, refund), a field (out_trade_no) or part of a path (v3/bill), or list all with wxpay api list", term.Cut(words))
	}
	more := 0
	if limit > 0 && len(found) > limit {
		more = len(found) - limit
		found = found[:limit]
	}
	if err := printOperations(out, found); err != nil || more == 0 {
		return err
	}
	_, err := l.Fprintf(notes, "… %d more; --limit 0 prints all\n", more)
	return err
}

func printOperations(out io.Writer, operations []*openapi.Operation) error {
	t := term.NewTable(out)
	for _, op := range operations {
		fmt.Fprintf(t, "%s\t%s\t%s\n", op.Method, op.Template, op.Title)
	}
	return t.Flush()
}
