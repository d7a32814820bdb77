package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A message is what an error says, or an exported name of an error.
type message struct {
	key  string // the format as in the code, or the exported name
	text string // the format with its placeholders named; for a name, what the error says, or ""
	doc  string // the first sentence of the comment of an exported name
	name bool   // key is an exported name
}

// A source is the code of one or more folders, without tests.
type source struct {
	fset    *token.FileSet
	files   []*ast.File
	info    types.Info
	makers  map[string]int // functions that take a format, and which argument it is
	list    []message
	skipped map[string]bool // formats of exported names, which stand under the name
}

// read returns the messages of the code in the folders, in the order of the code.
func read(tree fs.FS, folders []string) ([]message, error) {
	var list []message
	for i, folder := range folders {
		s := &source{fset: token.NewFileSet(), makers: map[string]int{}, skipped: map[string]bool{}}
		if err := s.parse(tree, folder); err != nil {
			return nil, err
		}
		if i == 0 { // names of a package that users do not import help nobody
			s.exported()
		}
		s.findMakers()
		for _, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				s.call(n)
				s.method(n)
				return true
			})
		}
		list = append(list, s.list...)
	}
	return unique(list), nil
}

func (s *source) parse(tree fs.FS, folder string) error {
	entries, err := fs.ReadDir(tree, folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_gen.go") {
			continue
		}
		text, err := fs.ReadFile(tree, path.Join(folder, name))
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(s.fset, path.Join(folder, name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s.files = append(s.files, f)
	}
	// Constants are all that is wanted of the types, so imports need not resolve.
	s.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Error: func(error) {}, FakeImportC: true}
	_, _ = config.Check(folder, s.fset, s.files, &s.info) // the imports are unknown
	return nil
}

// exported lists the exported errors: variables that start with Err, and types with a
// method Error.
func (s *source) exported() {
	withError := map[string]bool{}
	for _, f := range s.files {
		for _, d := range f.Decls {
			if m, ok := d.(*ast.FuncDecl); ok && m.Recv != nil && m.Name.Name == "Error" && len(m.Type.Params.List) == 0 {
				withError[receiver(m)] = true
			}
		}
	}
	for _, f := range s.files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					s.export(d, spec, withError)
				}
			}
		}
	}
}

func (s *source) export(d *ast.GenDecl, spec ast.Spec, withError map[string]bool) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && withError[spec.Name.Name] {
			s.list = append(s.list, message{key: spec.Name.Name, name: true, doc: sentence(d.Doc.Text())})
		}
	case *ast.ValueSpec:
		for i, name := range spec.Names {
			if d.Tok != token.VAR || !strings.HasPrefix(name.Name, "Err") {
				continue
			}
			m := message{key: name.Name, name: true, doc: sentence(spec.Doc.Text())}
			if m.doc == "" && len(d.Specs) == 1 {
				m.doc = sentence(d.Doc.Text())
			}
			if i < len(spec.Values) {
				if call, ok := spec.Values[i].(*ast.CallExpr); ok && len(call.Args) > 0 {
					format := s.format(call.Args[0])
					s.skipped[format] = true
					m.text = s.named(format, call.Args[1:])
				}
			}
			s.list = append(s.list, m)
		}
	}
}

// receiver is the name of the type of a method.
func receiver(m *ast.FuncDecl) string {
	t := m.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if name, ok := t.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

var docLink = regexp.MustCompile(`\[\*?([A-Za-z.]+)\]`)

// sentence is the first sentence of a comment.
func sentence(doc string) string {
	doc = strings.Join(strings.Fields(doc), " ")
	if i := strings.Index(doc, ". "); i >= 0 {
		doc = doc[:i+1]
	}
	return docLink.ReplaceAllString(doc, "$1")
}

// findMakers finds functions that make an error of a format and its arguments. One that
// takes an error too only says what was being done.
func (s *source) findMakers() {
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				s.maker(n.Name.Name, n.Type)
			case *ast.AssignStmt:
				for i, right := range n.Rhs {
					if lit, ok := right.(*ast.FuncLit); ok && i < len(n.Lhs) {
						if name, ok := n.Lhs[i].(*ast.Ident); ok {
							s.maker(name.Name, lit.Type)
						}
					}
				}
			}
			return true
		})
	}
}

func (s *source) maker(name string, f *ast.FuncType) {
	at := 0
	for _, field := range f.Params.List {
		if t, ok := field.Type.(*ast.Ident); ok && t.Name == "error" {
			return
		}
		for _, param := range field.Names {
			if param.Name == "format" {
				s.makers[name] = at
			}
			at++
		}
	}
}

// fatal are the methods of a test that take a format.
var fatal = []string{"Fatalf", "Errorf"}

// call adds the message of a call that makes an error.
func (s *source) call(n ast.Node) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	at, ok := -1, false
	switch f := call.Fun.(type) {
	case *ast.Ident:
		at, ok = s.makers[f.Name]
	case *ast.SelectorExpr:
		of, _ := f.X.(*ast.Ident)
		switch isPackage := of != nil && (of.Name == "errors" || of.Name == "fmt"); {
		case isPackage && (f.Sel.Name == "New" || f.Sel.Name == "Errorf"), !isPackage && slices.Contains(fatal, f.Sel.Name):
			at, ok = 0, true
		case !isPackage:
			at, ok = s.makers[f.Sel.Name]
		}
	}
	if !ok || at >= len(call.Args) {
		return
	}
	if format := s.format(call.Args[at]); !s.skipped[format] && !isContext(format) {
		s.list = append(s.list, message{key: format, text: s.named(format, call.Args[at+1:])})
	}
}

// method adds what the method Error of a type says that users cannot name.
func (s *source) method(n ast.Node) {
	m, ok := n.(*ast.FuncDecl)
	if !ok || m.Recv == nil || m.Name.Name != "Error" || ast.IsExported(receiver(m)) {
		return
	}
	ast.Inspect(m, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text := s.format(lit); len(word.FindAllString(text, -1)) > 4 {
				s.list = append(s.list, message{key: text, text: s.named(text, nil)})
			}
		}
		return true
	})
}

// format is the text of a constant expression. What is not constant in it becomes a
// placeholder.
func (s *source) format(e ast.Expr) string {
	if v := s.info.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return s.format(e.X) + s.format(e.Y)
	}
	return "%s"
}

var (
	verb = regexp.MustCompile(`%(\[(\d+)\])?[-+# 0]*\d*(\.\d+)?(\[(\d+)\])?([a-zA-Z%])`)
	word = regexp.MustCompile(`\pL[\pL'’]+`)
)

// isContext reports whether a format only says where the error that it wraps arose, or
// says nothing itself.
func isContext(format string) bool {
	return strings.HasSuffix(format, ": %w") || strings.HasSuffix(format, ": %v") || len(word.FindAllString(verb.ReplaceAllString(format, " "), -1)) < 2
}

// named replaces the verbs of a format with the values of constants, or with the names
// of the arguments.
func (s *source) named(format string, args []ast.Expr) string {
	next := 0
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		m := verb.FindStringSubmatch(v)
		if m[6] == "%" {
			return "%"
		}
		if index := m[2] + m[5]; index != "" {
			next, _ = strconv.Atoi(index) // digits
			next--
		}
		next++
		if next > len(args) {
			return "<value>"
		}
		return s.argument(m[6], args[next-1])
	})
}

// argument is what stands for an argument in a text.
func (s *source) argument(verb string, arg ast.Expr) string {
	if v := s.info.Types[arg].Value; v != nil {
		switch {
		case v.Kind() == constant.String && verb == "s":
			return constant.StringVal(v)
		case v.Kind() == constant.String && verb == "q", v.Kind() == constant.Int && verb == "d":
			return v.ExactString()
		}
	}
	name := nameOf(arg)
	switch {
	case verb == "w" && (name == "value" || name == "err"), verb == "v" && name == "err":
		name = "cause"
	case verb == "T":
		name = "type"
	case verb == "q":
		return `"<` + name + `>"`
	}
	return "<" + name + ">"
}

var dull = map[string]string{"v": "value", "s": "value", "b": "bytes", "n": "number", "op": "operation", "u": "url", "t": "text", "x": "value", "e": "value", "c": "value", "no": "number", "i": "index", "shown": "value", "mchID": "mchid", "RFC3339": "time", "Second": "duration", "r": "character", "d": "duration", "f": "number", "h": "hash", "g": "value", "typeHeader": "header", "most": "limit", "max": "limit", "ErrConfig": "cause"}

// nameOf is a name for the value of an expression.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if name, ok := dull[e.Name]; ok {
			return name
		}
		if strings.HasPrefix(strings.ToLower(e.Name), "err") {
			return "cause"
		}
		return e.Name
	case *ast.SelectorExpr:
		if strings.HasPrefix(e.Sel.Name, "Err") {
			return "cause"
		}
		if name, ok := dull[e.Sel.Name]; ok {
			return name
		}
		return e.Sel.Name
	case *ast.BinaryExpr:
		return nameOf(e.X)
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.SliceExpr:
		return nameOf(e.X)
	case *ast.StarExpr:
		return nameOf(e.X)
	case *ast.CallExpr:
		return nameOfCall(e)
	}
	return "value"
}

func nameOfCall(e *ast.CallExpr) string {
	sel, isMethod := e.Fun.(*ast.SelectorExpr)
	switch name, _ := e.Fun.(*ast.Ident); {
	case name != nil && name.Name == "len":
		return "number"
	case name != nil && (name.Name == "didYouMean" || name.Name == "asVariable"):
		return "hint"
	case isMethod && sel.Sel.Name == "StatusText":
		return "status"
	}
	if isMethod && len(e.Args) == 0 {
		switch sel.Sel.Name {
		case "String", "Err", "Error", "Int":
			return nameOf(sel.X)
		}
		return strings.ToLower(sel.Sel.Name[:1]) + sel.Sel.Name[1:]
	}
	if len(e.Args) > 0 {
		return nameOf(e.Args[0])
	}
	return "value"
}

// unique leaves out what was said before.
func unique(list []message) []message {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(m message) bool {
		again := seen[m.key]
		seen[m.key] = true
		return again
	})
}
