package api

import (
	"cmp"
	"go/token"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/gotypes"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// typesOptions are the options of wxpay api types.
type typesOptions struct {
	output, pkg, name string
}

func newTypes() *cobra.Command {
	var o typesOptions
	cmd := &cobra.Command{
		Use:   "types METHOD TEMPLATE [METHOD TEMPLATE...]",
		Short: "Write Go types for the requests and answers of calls",
		Long: `types writes a Go file with a struct for the query, the body and the answer of each
call. The fields have their official names, limits and known values. An optional
number, boolean or object is a pointer. A field that is sent encrypted is a
wechatpay.Secret. All values of APIv2 are text.

The types of a call start with its method and its template, or with --name if
there is one call: SendCouponRequest, SendCouponResponse. The package is
--package, otherwise that of the file with the go:generate line, otherwise wxpay.

The same calls give the same file:

  //go:generate wxpay api types POST v3/pay/transactions/native --name Order -o order_types.go`,
		Example: `  wxpay api types POST 'v3/marketing/favor/users/{openid}/coupons' --name SendCoupon
  wxpay api types POST v3/pay/transactions/native GET 'v3/pay/transactions/id/{transaction_id}' -o types.go`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args)%2 != 0 {
				return lang.Errorf("want pairs of a METHOD and a TEMPLATE, as wxpay api list prints them")
			}
			return nil
		},
		ValidArgsFunction: complete.Operation,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(args, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "`file` to write (default the standard output)")
	cmd.Flags().StringVar(&o.pkg, "package", "", "name of the Go package")
	cmd.Flags().StringVar(&o.name, "name", "", "start of the names of the types, for one call")
	return cmd
}

// run writes the types of the calls that args name.
func (o typesOptions) run(args []string, out io.Writer) error {
	pkg := cmp.Or(o.pkg, os.Getenv("GOPACKAGE"), "wxpay")
	switch {
	case !token.IsIdentifier(pkg):
		return exit.Misuse(lang.Errorf("--package %q is not the name of a Go package", term.Cut(pkg)))
	case o.name != "" && len(args) > 2:
		return exit.Misuse(lang.Errorf("--name is for one call; leave it out, or write a file for each call"))
	case o.name != "" && (!token.IsIdentifier(o.name) || !token.IsExported(o.name)):
		return exit.Misuse(lang.Errorf("--name %q is not an exported Go name, such as SendCoupon", term.Cut(o.name)))
	}
	var items []gotypes.Item
	for i := 0; i < len(args); i += 2 {
		op, err := findOperation(args[i], args[i+1])
		if err != nil {
			return err
		}
		items = append(items, gotypes.Item{Operation: op, Name: o.name})
	}
	source, err := gotypes.Source(pkg, items)
	if err != nil {
		return err
	}
	if o.output == "" {
		_, err = out.Write(source)
		return err
	}
	file, err := wholefile.Create(o.output)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.Write(source); err != nil {
		return err
	}
	if err := file.Commit(); err != nil {
		return err
	}
	return os.Chmod(o.output, 0o644) // it is source, which others may read
}
