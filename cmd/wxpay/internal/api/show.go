package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/pretty"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/suggest"
	"github.com/wxchain/wechatpay/openapi"
)

// showOptions are the flags of wxpay api show.
type showOptions struct{ inGo, inPHP, inCurl bool }

func newShow() *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show METHOD TEMPLATE",
		Short: "Show the fields of a call and how to make it",
		Long: `show prints one call: its path, query and body, each field with its type, a * if
it is required, its official name and its limits; the fields of which the call
needs one; what a second request does; its known errors; an example of the body
and of the answer; and the wxpay command that makes the call.
With --go, --php or --curl it prints only the call in that language. The calls are
those of the merchant that WECHATPAY_MCHID or wxpay.toml names, otherwise of the
sandbox's merchant.

TEMPLATE may be a filled-in path.`,
		Example: `  wxpay api show POST 'v3/marketing/favor/users/{openid}/coupons'
  wxpay api show POST v3/pay/transactions/native --go`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("show takes a METHOD and a TEMPLATE, as wxpay api list prints them")
			}
			return nil
		},
		ValidArgsFunction: complete.Operation,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(args[0], args[1], cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&o.inGo, "go", false, "print the call in Go")
	cmd.Flags().BoolVar(&o.inPHP, "php", false, "print the call in PHP")
	cmd.Flags().BoolVar(&o.inCurl, "curl", false, "print the call with curl")
	cmd.MarkFlagsMutuallyExclusive("go", "php", "curl")
	return cmd
}

// run prints an operation, or its call in the chosen language.
func (o showOptions) run(method, template string, out io.Writer) error {
	op, err := findOperation(method, template)
	if err != nil {
		return err
	}
	var configured settings.Settings
	if err := configured.Load(); err != nil {
		return err
	}
	call := newSample(op, configured.MchID)
	var code string
	switch {
	case o.inGo:
		code, err = call.goCall()
	case o.inPHP:
		code, err = call.phpCall()
	case o.inCurl:
		code, err = call.curlCall()
	default:
		return showOperation(out, op, call.wxpayCall())
	}
	if err != nil {
		return exit.Misuse(err)
	}
	_, err = io.WriteString(out, code)
	return err
}

// findOperation finds an operation. If it finds none, its error suggests the
// nearest one.
func findOperation(method, path string) (*openapi.Operation, error) {
	method, err := operation.CheckMethod(method)
	if err != nil {
		return nil, err
	}
	if op := operation.Find(method, path); op != nil {
		return op, nil
	}
	var templates []string
	for op := range openapi.Operations() {
		if op.Template == strings.TrimPrefix(path, "/") {
			return nil, exit.Misuse(fmt.Errorf("%s is called with %s, not with %s", op.Template, op.Method, method))
		}
		templates = append(templates, op.Template)
	}
	if nearest := suggest.Nearest(path, templates); nearest != "" {
		return nil, exit.Misuse(fmt.Errorf("there is no %s %s; did you mean %s?", method, path, nearest))
	}
	return nil, exit.Misuse(fmt.Errorf("there is no %s %s; wxpay api search finds calls by words", method, path))
}

// showOperation prints the documentation of an operation, and how to call it.
func showOperation(out io.Writer, op *openapi.Operation, call string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n%s\n", op.Method, op.Template, op.Title)
	for _, line := range []struct{ name, text string }{
		{"products", strings.Join(op.Tags, ", ")}, {"for", strings.Join(op.Roles, ", ")},
		{"host", op.BaseURL}, {"pages", strings.Join(op.Docs, " ")},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "%s: %s\n", line.name, line.text)
		}
	}
	showRepeat(&b, op)
	showRateLimits(&b, op)
	if op.ClientCert {
		b.WriteString("It needs the merchant's TLS client certificate.\n")
	}
	if op.Encrypts {
		b.WriteString("Fields marked base64 travel encrypted; wxpay call takes them as plain text.\n")
	}
	parameters(&b, "Path", operation.PathParameters(op))
	parameters(&b, "Query", op.Query, op.QueryOneOf...)
	parameters(&b, "Headers", op.Headers)
	parameters(&b, "Form", op.Form)
	if body := op.Body(); body != nil {
		section(&b, "Body", func(t io.Writer) { properties(t, body, 1) })
	}
	for _, r := range op.Responses {
		if r.Body != nil {
			section(&b, fmt.Sprintf("Answer %d", r.Status), func(t io.Writer) { properties(t, r.Body, 1) })
		}
	}
	showErrors(&b, op)
	if body := openapi.Example(op, 0); body != nil {
		fmt.Fprintf(&b, "\nExample of the body:\n%s", pretty.Pretty(body))
	}
	fmt.Fprintf(&b, "\nThe call:\n%s", call)
	_, err := out.Write(b.Bytes())
	return err
}

// showErrors prints the known errors of an operation.
func showErrors(b *bytes.Buffer, op *openapi.Operation) {
	list := op.Errors()
	if len(list) == 0 {
		return
	}
	section(b, "Errors", func(t io.Writer) {
		for _, e := range list {
			status := "?"
			if e.Status != 0 {
				status = strconv.Itoa(e.Status)
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\n", status, e.Code, e.When)
		}
	})
}

// section prints a table with a title.
func section(b *bytes.Buffer, title string, rows func(io.Writer)) {
	fmt.Fprintf(b, "\n%s:\n", title)
	t := term.NewTable(b)
	rows(t)
	t.Flush() // writing to memory does not fail
}

func parameters(b *bytes.Buffer, title string, list []openapi.Parameter, groups ...openapi.OneOf) {
	if len(list) == 0 {
		return
	}
	section(b, title, func(t io.Writer) {
		for i := range list {
			row(t, 1, list[i].Name, list[i].Required, &list[i].Schema)
			properties(t, &list[i].Schema, 2)
		}
		alternatives(t, 1, groups)
	})
}

// properties prints the fields of an object, or of the objects in an array.
func properties(t io.Writer, s *openapi.Schema, depth int) {
	for s.Items != nil {
		s = s.Items
	}
	for _, p := range s.Properties {
		row(t, depth, p.Name, p.Required, p.Schema)
		properties(t, p.Schema, depth+1)
	}
	alternatives(t, depth, s.OneOf)
}

// alternatives prints the fields of which a call needs one.
func alternatives(t io.Writer, depth int, groups []openapi.OneOf) {
	for _, group := range groups {
		fmt.Fprintf(t, "%s* one of %s\n", strings.Repeat("  ", depth), group)
	}
}

func row(t io.Writer, depth int, name string, required bool, s *openapi.Schema) {
	mark := " "
	if required {
		mark = "*"
	}
	fmt.Fprintf(t, "%s%s %s\t%s\t%s\n", strings.Repeat("  ", depth), mark, name, typeOf(s), strings.TrimSpace(s.Label+" "+bounds(s)))
}

func typeOf(s *openapi.Schema) string {
	switch {
	case s.Type == openapi.Array && s.Items != nil:
		return "array of " + typeOf(s.Items)
	case s.Type == "":
		return "any"
	case s.Format != "":
		return string(s.Type) + " " + s.Format
	}
	return string(s.Type)
}

// bounds describes the values that a field may have.
func bounds(s *openapi.Schema) string {
	var parts []string
	switch {
	case s.MinLength > 0 && s.MaxLength > 0:
		parts = append(parts, fmt.Sprintf("%d to %d characters", s.MinLength, s.MaxLength))
	case s.MaxLength > 0:
		parts = append(parts, fmt.Sprintf("at most %d characters", s.MaxLength))
	case s.MinLength > 0:
		parts = append(parts, fmt.Sprintf("at least %d characters", s.MinLength))
	}
	if s.Minimum != nil {
		parts = append(parts, "from "+decimal(*s.Minimum))
	}
	if s.Maximum != nil {
		parts = append(parts, "to "+decimal(*s.Maximum))
	}
	if len(s.Enum) > 0 {
		parts = append(parts, strings.Join(s.Enum, "|"))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
