package demo

import (
	_ "embed"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
)

// source is the code of the calls, to be shown as it is.
//
//go:embed calls.go
var source string

// endings matches the statements that the demo does not print: those that
// return, and those that print results.
var endings = regexp.MustCompile(`(?m)^\tif .*\{\n\t\treturn .*\n\t\}\n|^\treturn .*\n|^\tmy\.(show|say)\(.*\n`)

// snippets returns the functions of a file in order: the body of each without the
// endings.
func snippets(source string) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		body := source[files.Position(f.Body.Lbrace).Offset+len("{\n") : files.Position(f.Body.Rbrace).Offset]
		code := strings.ReplaceAll("\n"+endings.ReplaceAllString(body, ""), "\n\t", "\n")
		all = append(all, strings.Trim(strings.ReplaceAll(code, "\t", "    "), "\n"))
	}
	return all, nil
}
