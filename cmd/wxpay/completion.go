package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/openapi"
)

// completeOperation completes a method, and the template of an operation.
func completeOperation(_ *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return withPrefix(methods[:], strings.ToUpper(toComplete)), cobra.ShellCompDirectiveNoFileComp
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

// completeCall completes the items of a call too, with the names that its
// operation has.
func completeCall(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if len(args) < 2 {
		return completeOperation(cmd, args, toComplete)
	}
	if strings.HasPrefix(toComplete, string(fileItem)) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	op := operation(strings.ToUpper(args[0]), args[1])
	if op == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	add := func(name string, kind itemKind, label string) {
		item := name + string(kind)
		given := slices.ContainsFunc(args[2:], func(arg string) bool { return strings.HasPrefix(arg, item) })
		if !given && strings.HasPrefix(item, toComplete) {
			names = append(names, item+"\t"+label)
		}
	}
	if strings.Contains(args[1], "{") {
		for _, p := range pathParameters(op) {
			add(p.Name, textItem, p.Label)
		}
	}
	for _, p := range op.Query {
		add(p.Name, queryItem, p.Label)
	}
	eachField(op.Body(), "", func(name string, p openapi.Property) {
		if p.Type != openapi.Object || len(p.Properties) == 0 {
			add(name, itemKindOf(p.Schema), p.Label)
		}
	})
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// itemKindOf is how a field of that schema is given.
func itemKindOf(s *openapi.Schema) itemKind {
	if s.Type == openapi.String {
		return textItem
	}
	return jsonItem
}

// eachField calls f for the fields of a body, under the names that an item
// gives them, and for those of the objects in it.
func eachField(s *openapi.Schema, prefix string, f func(name string, p openapi.Property)) {
	if s == nil {
		return
	}
	for _, p := range s.Properties {
		f(prefix+p.Name, p)
		if p.Type == openapi.Object {
			eachField(p.Schema, prefix+p.Name+".", f)
		}
	}
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
