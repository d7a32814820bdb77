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

// A snippet is a function of the demo, as it is shown.
type snippet struct{ title, code string }

// endings are the statements that end a function, and those that show what came
// of it, as is seen then.
var endings = regexp.MustCompile(`(?m)^\tif .*\{\n\t\treturn .*\n\t\}\n|^\treturn .*\n|^\tmy\.(show|say)\(.*\n`)

// snippets are the functions of a file, in order: the title is the comment, and
// the code is the body, without its endings.
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
