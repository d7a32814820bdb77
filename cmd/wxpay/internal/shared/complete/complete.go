// Package complete completes the arguments of commands in a shell.
package complete

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/openapi"
)

// Operation completes a method and the template of an operation.
func Operation(_ *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return withPrefix(operation.Methods[:], strings.ToUpper(toComplete)), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return templates(args[0], toComplete, ""), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// OperationFlag completes the value of a flag that names an operation: its method and its
// template, with a blank between.
func OperationFlag(_ *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	method, template, ok := strings.Cut(toComplete, " ")
	if !ok {
		return withPrefix(operation.Methods[:], strings.ToUpper(method)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return templates(method, template, method+" "), cobra.ShellCompDirectiveNoFileComp
}

// FlagWords completes the value of a flag of cmd that is one of these words.
func FlagWords(cmd *cobra.Command, flag string, words ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag exists
	}
}

// templates returns the templates of a method that start with prefix, with their titles.
// before is written before each.
func templates(method, prefix, before string) (all []string) {
	for op := range openapi.Operations() {
		if strings.EqualFold(op.Method, method) && strings.HasPrefix(op.Template, prefix) {
			all = append(all, before+op.Template+"\t"+op.Title)
		}
	}
	return all
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
		for _, p := range explain.PathParameters(op) {
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
