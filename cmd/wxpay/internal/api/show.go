package api

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/pretty"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/internal/suggest"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
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
				return lang.Errorf("want a METHOD and a TEMPLATE, as wxpay api list prints them")
			}
			return nil
		},
		ValidArgsFunction: complete.Operation,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(lang.From(cmd.Context()), args[0], args[1], cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&o.inGo, "go", false, "print the call in Go")
	cmd.Flags().BoolVar(&o.inPHP, "php", false, "print the call in PHP")
	cmd.Flags().BoolVar(&o.inCurl, "curl", false, "print the call with curl")
	return cmd
}

// run prints an operation, or its call in the chosen language.
func (o showOptions) run(l lang.Language, method, template string, out io.Writer) error {
	if o.inGo && o.inPHP || o.inGo && o.inCurl || o.inPHP && o.inCurl {
		return exit.Misuse(lang.Errorf("--go, --php and --curl exclude each other; leave out all but one"))
	}
	op, err := findOperation(method, template)
	if err != nil {
		return err
	}
	var configured settings.Settings
	if err := configured.Load(); err != nil {
		return err
	}
	call := callerOf(configured.MchID).Sample(op)
	var code string
	switch {
	case o.inGo:
		code, err = call.Go()
	case o.inPHP:
		code, err = call.PHP()
	case o.inCurl:
		code, err = call.Curl()
	default:
		return showOperation(l, out, op, call.Wxpay())
	}
	if err != nil {
		return exit.Misuse(err)
	}
	_, err = io.WriteString(out, code)
	return err
}

// callerOf returns the configured merchant. Without one it is that of the sandbox.
func callerOf(mchID string) explain.Caller {
	return explain.Caller{MchID: cmp.Or(mchID, sandbox.DefaultMchID), SubMchID: sandbox.DefaultSubMchID, Now: time.Now()}
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
			return nil, exit.Misuse(lang.Errorf("%s is called with %s, not with %s", op.Template, op.Method, method))
		}
		templates = append(templates, op.Template)
	}
	if nearest := suggest.Nearest(path, templates); nearest != "" {
		return nil, exit.Misuse(lang.Errorf("there is no %s %s; did you mean %s?", method, path, nearest))
	}
	return nil, exit.Misuse(lang.Errorf("there is no %s %s; wxpay api search finds calls by words", method, path))
}

// A description is what is printed of an operation.
type description struct {
	bytes.Buffer
	lang lang.Language
}

// showOperation prints the documentation of an operation, and how to call it.
func showOperation(l lang.Language, out io.Writer, op *openapi.Operation, call string) error {
	d := &description{lang: l}
	d.introduce(op)
	d.parameters("Path", explain.PathParameters(op))
	d.parameters("Query", op.Query, op.QueryOneOf...)
	d.parameters("Headers", op.Headers)
	d.parameters("Form", op.Form)
	if body := op.Body(); body != nil {
		d.section(lang.Phrase("Body"), func(t io.Writer) { d.properties(t, body, 1) })
	}
	for _, r := range op.Responses {
		if r.Body != nil {
			d.section(lang.Sprintf("Answer %d", r.Status), func(t io.Writer) { d.properties(t, r.Body, 1) })
		}
	}
	d.errors(op)
	if body := openapi.Example(op, 0); body != nil {
		d.printf("\nExample of the body:\n%s", pretty.Pretty(body))
	}
	d.printf("\nThe call:\n%s", call)
	_, err := out.Write(d.Bytes())
	return err
}

// introduce prints the names of an operation, and what holds for the call as a whole.
func (d *description) introduce(op *openapi.Operation) {
	d.printf("%s %s\n%s\n", op.Method, op.Template, op.Title)
	for _, line := range []struct {
		name lang.Phrase
		text string
	}{
		{"products", d.list(op.Tags)}, {"for", d.list(op.Roles)}, {"host", op.BaseURL}, {"pages", strings.Join(op.Docs, " ")},
	} {
		if line.text != "" {
			d.printf("%s: %s\n", line.name, line.text)
		}
	}
	if repeat := d.say(explain.Repetition(op)); repeat != "" {
		d.printf("repetition: %s\n", repeat)
	}
	for _, limit := range explain.Limits(op) {
		d.printf("limit: %s\n", d.say(limit))
	}
	if op.ClientCert {
		d.printf("It needs the merchant's TLS client certificate.\n")
	}
	if op.Encrypts {
		d.printf("Fields marked base64 travel encrypted; wxpay call takes them as plain text.\n")
	}
}

// printf prints in the language of the description.
func (d *description) printf(format string, args ...any) { d.lang.Fprintf(d, format, args...) }

// say returns what the catalogue says, in the language of the description.
func (d *description) say(text explain.Text) string { return d.lang.Choose(text.EN, text.ZH) }

// list returns names with the comma of the language between them.
func (d *description) list(names []string) string { return lang.Words(names).In(d.lang) }

// errors prints the known errors of an operation.
func (d *description) errors(op *openapi.Operation) {
	list := op.Errors()
	if len(list) == 0 {
		return
	}
	d.section(lang.Phrase("Errors"), func(t io.Writer) {
		for _, e := range list {
			status := "?"
			if e.Status != 0 {
				status = strconv.Itoa(e.Status)
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\n", status, e.Code, d.say(explain.Text{ZH: e.WhenZH, EN: e.When}))
		}
	})
}

// section prints a table with a title.
func (d *description) section(title lang.Text, rows func(io.Writer)) {
	d.printf("\n%s:\n", title)
	t := term.NewTable(d)
	rows(t)
	t.Flush() // writing to memory does not fail
}

func (d *description) parameters(title lang.Phrase, list []openapi.Parameter, groups ...openapi.OneOf) {
	if len(list) == 0 {
		return
	}
	d.section(title, func(t io.Writer) {
		for i := range list {
			d.row(t, 1, list[i].Name, list[i].Required, &list[i].Schema)
			d.properties(t, &list[i].Schema, 2)
		}
		d.alternatives(t, 1, groups)
	})
}

// properties prints the fields of an object, or of the objects in an array.
func (d *description) properties(t io.Writer, s *openapi.Schema, depth int) {
	for s.Items != nil {
		s = s.Items
	}
	for _, field := range s.Properties {
		d.row(t, depth, field.Name, field.Required, field.Schema)
		d.properties(t, field.Schema, depth+1)
	}
	d.alternatives(t, depth, s.OneOf)
}

// alternatives prints the fields of which a call needs one.
func (d *description) alternatives(t io.Writer, depth int, groups []openapi.OneOf) {
	for _, group := range groups {
		d.lang.Fprintf(t, "%s* one of %s\n", strings.Repeat("  ", depth), group)
	}
}

func (d *description) row(t io.Writer, depth int, name string, required bool, s *openapi.Schema) {
	mark := " "
	if required {
		mark = "*"
	}
	bounds := explain.Bounds(s)
	about := strings.TrimSpace(s.Label + d.lang.Choose(" "+bounds.EN, bounds.ZH))
	fmt.Fprintf(t, "%s%s %s\t%s\t%s\n", strings.Repeat("  ", depth), mark, name, explain.TypeOf(s), about)
}
