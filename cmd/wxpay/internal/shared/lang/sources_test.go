package lang_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wxchain/wechatpay/"

// A source is a text that the code of wxpay says.
type source struct {
	text string
	at   string
}

// sources are the texts that the code of wxpay says: the formats of the functions of
// package lang, and phrases. It reports errors that cannot be said in another language.
func sources(t *testing.T) (texts []source) {
	t.Helper()
	fset := token.NewFileSet()
	exports := make(map[string]string)
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range listed(t, exports) {
		if !strings.HasPrefix(p.ImportPath, module+"cmd/wxpay") || strings.HasSuffix(p.ImportPath, "/testkit") {
			continue
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object)}
		if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, fset, files, info); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			texts = append(texts, textsOf(t, fset, file, info)...)
		}
	}
	return texts
}

type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// listed are the packages of wxpay and what they import. It fills in where the exported
// names of each package are.
func listed(t *testing.T, exports map[string]string) (packages []listedPackage) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", module+"cmd/wxpay").Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		t.Fatalf("%v: %s", err, failed.Stderr)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		packages = append(packages, p)
	}
}

// formats are the functions whose argument is a format of package lang, and its position.
var formats = map[string]int{
	module + "cmd/wxpay/internal/shared/lang.Errorf":                  0,
	module + "cmd/wxpay/internal/shared/lang.Sprintf":                 0,
	"(" + module + "cmd/wxpay/internal/shared/lang.Language).Sprintf": 0,
	"(" + module + "cmd/wxpay/internal/shared/lang.Language).Fprintf": 1,
	module + "cmd/wxpay/internal/doctor.fine":                         0,
	module + "cmd/wxpay/internal/doctor.skipped":                      0,
	"(*" + module + "cmd/wxpay/internal/batch.worker).note":           0,
	"(*" + module + "cmd/wxpay/internal/api.description).printf":      0,
}

func textsOf(t *testing.T, fset *token.FileSet, file *ast.File, info *types.Info) (texts []source) {
	add := func(e ast.Expr) {
		if value := info.Types[e].Value; value != nil {
			texts = append(texts, source{constant.StringVal(value), fset.Position(e.Pos()).String()})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := calleeOf(n, info)
			if i, ok := formats[name]; ok {
				add(n.Args[i])
			}
			if isPlainText(name, n, info) && !isForAgents(fset.Position(n.Pos()).Filename) {
				t.Errorf("%s: say this with package lang, so that wxpay can say it in Chinese", fset.Position(n.Pos()))
			}
		case ast.Expr:
			if named, ok := info.Types[n].Type.(*types.Named); ok && named.Obj().Name() == "Phrase" {
				add(n)
			}
		}
		return true
	})
	return texts
}

// isPlainText reports whether a call makes an error or a finding, or prints something, of
// words that are in English alone.
func isPlainText(name string, call *ast.CallExpr, info *types.Info) bool {
	switch name {
	case "errors.New", "fmt.Errorf":
		value := info.Types[call.Args[0]].Value
		if _, isForwarded := call.Args[0].(*ast.Ident); value == nil && isForwarded {
			return false
		}
		return value == nil || hasWords(constant.StringVal(value))
	case "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "io.WriteString":
		return slices.ContainsFunc(call.Args[1:], func(e ast.Expr) bool { return printsWords(e, info) })
	case module + "cmd/wxpay/internal/doctor.bad":
		what, ok := info.Types[call.Args[1]].Type.(*types.Basic)
		_, isName := call.Args[1].(*ast.Ident) // the text of an error
		return ok && what.Info()&types.IsString != 0 && !isName
	}
	return false
}

// isForAgents reports whether a file of wxpay mcp makes answers to agents, which are in
// English.
func isForAgents(file string) bool {
	return filepath.Base(filepath.Dir(file)) == "mcp" && filepath.Base(file) != "mcp.go"
}

// calleeOf returns the full name of the function that is called, or "".
func calleeOf(call *ast.CallExpr, info *types.Info) string {
	var name *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return ""
	}
	if f, ok := info.Uses[name].(*types.Func); ok {
		return f.FullName()
	}
	return ""
}

var notWords = regexp.MustCompile(`%[^a-zA-Z]*[a-zA-Z]|--?[a-z][a-z0-9-]*`)

// printsWords reports whether a printed value has words that are in English alone.
func printsWords(e ast.Expr, info *types.Info) bool {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return printsWords(sum.X, info) || printsWords(sum.Y, info)
	}
	value := info.Types[e].Value
	return value != nil && value.Kind() == constant.String && hasWords(sameInAll.ReplaceAllString(constant.StringVal(value), ""))
}

// sameInAll matches what is printed in every language: names of commands and headers, and
// keys of TOML.
var sameInAll = regexp.MustCompile(`\bwxpay( \w+)?\b|Host:|\w+ = `)

// hasWords reports whether a text has words besides placeholders and names of flags.
func hasWords(text string) bool {
	return strings.ContainsFunc(notWords.ReplaceAllString(text, ""), func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' })
}
