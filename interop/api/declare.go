package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/constant"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// declarations returns a Go file for each package that others can see, by its path: with
// everything that is exported, and with the types that it leads to, of whatever package
// of the repository they are. Bodies, unexported fields and comments are left out.
func (a *api) declarations() map[string]string {
	r := &reach{api: a, objects: make(map[string]map[string]types.Object)}
	for _, pkg := range a.public() {
		for _, name := range pkg.Scope().Names() {
			if obj := pkg.Scope().Lookup(name); obj.Exported() {
				r.add(obj)
			}
		}
	}
	for len(r.queue) > 0 {
		obj := r.queue[0]
		r.queue = r.queue[1:]
		r.from(obj)
	}
	files := make(map[string]string)
	for path, objects := range r.objects {
		files[path] = newFile(objects).text()
	}
	return files
}

// A file is the source of one package.
type file struct {
	pkg     *types.Package
	objects []types.Object
	// sealed are the unexported methods of interfaces: only types with them implement
	// such an interface.
	sealed  map[string]bool
	imports map[string]string // names, by path
	body    strings.Builder
}

func newFile(objects map[string]types.Object) *file {
	f := &file{sealed: make(map[string]bool), imports: make(map[string]string)}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		obj := objects[name]
		f.pkg, f.objects = obj.Pkg(), append(f.objects, obj)
		if in, ok := obj.Type().Underlying().(*types.Interface); ok {
			for method := range in.Methods() {
				if !method.Exported() {
					f.sealed[method.Name()] = true
				}
			}
		}
	}
	return f
}

// text returns the source.
func (f *file) text() string {
	for _, obj := range f.objects {
		f.declare(obj)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\n", f.pkg.Name())
	for _, path := range slices.Sorted(maps.Keys(f.imports)) {
		fmt.Fprintf(&b, "import %s %q\n", f.imports[path], path)
	}
	return b.String() + "\n" + f.body.String()
}

// qualify returns the name of a package. It ends in an underscore, so that no name of
// this package is the same.
func (f *file) qualify(pkg *types.Package) string {
	if pkg.Path() == f.pkg.Path() {
		return ""
	}
	name, known := f.imports[pkg.Path()]
	if !known {
		name = pkg.Name() + "_"
		for slices.Contains(slices.Collect(maps.Values(f.imports)), name) {
			name += "_"
		}
		f.imports[pkg.Path()] = name
	}
	return name
}

func (f *file) typeText(t types.Type) string { return types.TypeString(t, f.qualify) }

func (f *file) signature(s *types.Signature) string {
	var b bytes.Buffer
	types.WriteSignature(&b, s, f.qualify)
	return b.String()
}

func (f *file) declare(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		fmt.Fprintf(&f.body, "const %s%s = %s\n", obj.Name(), f.constType(obj.Type()), constText(obj.Val()))
	case *types.Var:
		fmt.Fprintf(&f.body, "var %s %s\n", obj.Name(), f.typeText(obj.Type()))
	case *types.Func:
		fmt.Fprintf(&f.body, "func %s%s { panic(0) }\n", obj.Name(), f.signature(obj.Signature()))
	case *types.TypeName:
		f.declareType(obj)
	}
}

func (f *file) constType(t types.Type) string {
	if basic, ok := t.(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		return ""
	}
	return " " + f.typeText(t)
}

// constText returns a value as an expression of the same kind: 3/10 would be a quotient
// of integers.
func constText(v constant.Value) string {
	text := v.ExactString()
	if v.Kind() == constant.Float {
		text = strings.ReplaceAll(text, "/", ".0/") + ".0"
	}
	return text
}

func (f *file) declareType(name *types.TypeName) {
	if alias, ok := name.Type().(*types.Alias); ok {
		fmt.Fprintf(&f.body, "type %s%s = %s\n", name.Name(), f.typeParams(alias.TypeParams()), f.typeText(alias.Rhs()))
		return
	}
	named, ok := name.Type().(*types.Named)
	if !ok { // an alias of a type without a name
		fmt.Fprintf(&f.body, "type %s = %s\n", name.Name(), f.typeText(name.Type()))
		return
	}
	fmt.Fprintf(&f.body, "type %s%s %s\n", name.Name(), f.typeParams(named.TypeParams()), f.underlying(named.Underlying()))
	methods := slices.SortedFunc(named.Methods(), func(a, b *types.Func) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, method := range methods {
		if method.Exported() || f.sealed[method.Name()] {
			fmt.Fprintf(&f.body, "func (%s) %s%s { panic(0) }\n", receiver(method), method.Name(), f.signature(method.Signature()))
		}
	}
}

// receiver returns the type of a method's receiver, as in *Promise[T].
func receiver(method *types.Func) string {
	t := method.Signature().Recv().Type()
	star := ""
	if pointer, ok := t.(*types.Pointer); ok {
		star, t = "*", pointer.Elem()
	}
	text := star + t.(*types.Named).Obj().Name()
	if params := method.Signature().RecvTypeParams(); params.Len() > 0 {
		var names []string
		for param := range params.TypeParams() {
			names = append(names, param.Obj().Name())
		}
		text += "[" + strings.Join(names, ", ") + "]"
	}
	return text
}

func (f *file) typeParams(params *types.TypeParamList) string {
	if params.Len() == 0 {
		return ""
	}
	var list []string
	for param := range params.TypeParams() {
		list = append(list, param.Obj().Name()+" "+f.typeText(param.Constraint()))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// underlying returns a type, and of a struct the fields that others can see. One field
// stands for the rest: whether there are others, and whether they can be compared,
// matters.
func (f *file) underlying(t types.Type) string {
	s, ok := t.(*types.Struct)
	if !ok {
		return f.typeText(t)
	}
	var fields []string
	hides, hidesFunc := false, false
	for i := range s.NumFields() {
		field := s.Field(i)
		if !isSeen(field) {
			hides, hidesFunc = true, hidesFunc || !types.Comparable(field.Type())
			continue
		}
		text := field.Name() + " " + f.typeText(field.Type())
		if field.Embedded() {
			text = f.typeText(field.Type())
		}
		if tag := s.Tag(i); tag != "" {
			text += fmt.Sprintf(" %q", tag)
		}
		fields = append(fields, text)
	}
	switch {
	case hidesFunc:
		fields = append(fields, "_ [0]func()")
	case hides:
		fields = append(fields, "_ struct{}")
	}
	return "struct { " + strings.Join(fields, "; ") + " }"
}

// isSeen reports whether others can see a field or what it has.
func isSeen(field *types.Var) bool { return field.Exported() || field.Embedded() }
