package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A mutant is a file with one operator changed.
type mutant struct {
	file string // from the folder where the program runs
	name string // as in the list
	text []byte
}

// changes gives what replaces an operator, by the name of the kind of change.
var changes = []struct {
	kind string
	by   map[token.Token]token.Token
}{
	{"ARITHMETIC_BASE", map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
	}},
	{"CONDITIONALS_BOUNDARY", map[token.Token]token.Token{
		token.GEQ: token.GTR, token.GTR: token.GEQ, token.LEQ: token.LSS, token.LSS: token.LEQ,
	}},
	{"CONDITIONALS_NEGATION", map[token.Token]token.Token{
		token.EQL: token.NEQ, token.NEQ: token.EQL,
		token.GEQ: token.LSS, token.LSS: token.GEQ, token.GTR: token.LEQ, token.LEQ: token.GTR,
	}},
	{"INCREMENT_DECREMENT", map[token.Token]token.Token{token.INC: token.DEC, token.DEC: token.INC}},
}

// mutants returns the mutants of a package, or of one of its files.
func mutants(target string) ([]mutant, error) {
	folder, names := target, []string(nil)
	if strings.HasSuffix(target, ".go") {
		folder, names = filepath.Dir(target), []string{filepath.Base(target)}
	} else {
		p, err := build.ImportDir(folder, 0)
		if err != nil {
			return nil, err
		}
		names = p.GoFiles
	}
	var all []mutant
	for _, name := range names {
		some, err := mutantsOf(path.Join(filepath.ToSlash(folder), name))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no operator to change", target)
	}
	return all, nil
}

// mutantsOf returns the mutants of a file, in the order of its operators.
func mutantsOf(name string) ([]mutant, error) {
	source, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(source), "\n")
	var all []mutant
	add := func(kind string, pos token.Pos, old, by token.Token) {
		at := set.Position(pos)
		line := lines[at.Line-1]
		code := strings.TrimLeft(line, "\t")
		text := append([]byte(nil), source[:at.Offset]...)
		text = append(append(text, by.String()...), source[at.Offset+len(old.String()):]...)
		all = append(all, mutant{
			file: name,
			name: fmt.Sprintf("%s %s %d: %s", name, kind, at.Column-(len(line)-len(code)), code),
			text: text,
		})
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		var (
			pos token.Pos
			old token.Token
		)
		switch n := n.(type) {
		case *ast.BinaryExpr:
			pos, old = n.OpPos, n.Op
		case *ast.IncDecStmt:
			pos, old = n.TokPos, n.Tok
		case *ast.UnaryExpr:
			if n.Op == token.SUB {
				add("INVERT_NEGATIVES", n.OpPos, token.SUB, token.ADD)
			}
		}
		for _, c := range changes {
			if by, ok := c.by[old]; ok {
				add(c.kind, pos, old, by)
			}
		}
		return true
	})
	return all, nil
}
