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

// A snippet is the printed form of a function of the demo.
type snippet struct{ title, code string }

// endings matches the statements that the demo does not print: those that
// return, and those that print results.
var endings = regexp.MustCompile(`(?m)^\tif .*\{\n\t\treturn .*\n\t\}\n|^\treturn .*\n|^\tmy\.(show|say)\(.*\n`)

// snippets returns the functions of a file in order. The title is the comment
// of a function, and the code is its body without the endings.
func snippets(source string) ([]snippet, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var all []snippet
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		body := source[files.Position(f.Body.Lbrace).Offset+len("{\n") : files.Position(f.Body.Rbrace).Offset]
		code := strings.ReplaceAll("\n"+endings.ReplaceAllString(body, ""), "\n\t", "\n")
		all = append(all, snippet{strings.TrimSpace(f.Doc.Text()), strings.Trim(strings.ReplaceAll(code, "\t", "    "), "\n")})
	}
	return all, nil
}
