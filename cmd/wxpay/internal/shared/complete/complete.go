// Package complete completes the arguments of commands in a shell.
package complete

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/openapi"
)

// Operation completes a method and the template of an operation.
func Operation(_ *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return withPrefix(operation.Methods[:], strings.ToUpper(toComplete)), cobra.ShellCompDirectiveNoFileComp
	case 1:
		var templates []string
		for op := range openapi.Operations() {
			if strings.EqualFold(op.Method, args[0]) && strings.HasPrefix(op.Template, toComplete) {
				templates = append(templates, op.Template+"\t"+op.Title)
			}
		}
		return templates, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// Call completes a method, a template and the items of the call. The names of
// the items come from the operation.
func Call(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if len(args) < 2 {
		return Operation(cmd, args, toComplete)
	}
	if strings.HasPrefix(toComplete, string(item.File)) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	op := operation.Find(strings.ToUpper(args[0]), args[1])
	if op == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	add := func(name string, kind item.Kind, label string) {
		item := name + string(kind)
		given := slices.ContainsFunc(args[2:], func(arg string) bool { return strings.HasPrefix(arg, item) })
		if !given && strings.HasPrefix(item, toComplete) {
			names = append(names, item+"\t"+label)
		}
	}
	if strings.Contains(args[1], "{") {
		for _, p := range operation.PathParameters(op) {
			add(p.Name, item.Text, p.Label)
		}
	}
	for _, p := range op.Query {
		add(p.Name, item.Query, p.Label)
	}
	operation.EachField(op.Body(), "", func(name string, p openapi.Property) {
		if p.Type != openapi.Object || len(p.Properties) == 0 {
			add(name, itemKindOf(p.Schema), p.Label)
		}
	})
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// itemKindOf returns the kind of item that sets a field with that schema.
func itemKindOf(s *openapi.Schema) item.Kind {
	if s.Type == openapi.String {
		return item.Text
	}
	return item.JSON
}

func withPrefix(names []string, prefix string) []string {
	var some []string
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			some = append(some, name)
		}
	}
	return some
}
