package main

import "go/types"

// A reach collects the objects of the repository that others can see: by their names, or
// because the type of something leads to them.
type reach struct {
	api     *api
	objects map[string]map[string]types.Object // by path and name
	queue   []types.Object
}

// add adds an object and queues it.
func (r *reach) add(obj types.Object) {
	if obj.Pkg() == nil || !r.api.isOwn(obj.Pkg().Path()) || obj.Parent() != obj.Pkg().Scope() {
		return
	}
	path := obj.Pkg().Path()
	if r.objects[path] == nil {
		r.objects[path] = make(map[string]types.Object)
	}
	if r.objects[path][obj.Name()] == nil {
		r.objects[path][obj.Name()] = obj
		r.queue = append(r.queue, obj)
	}
}

// from adds what an object leads to.
func (r *reach) from(obj types.Object) {
	name, ok := obj.(*types.TypeName)
	if !ok {
		r.visit(obj.Type())
		return
	}
	switch t := name.Type().(type) {
	case *types.Alias:
		r.params(t.TypeParams())
		r.visit(t.Rhs())
	case *types.Named:
		r.params(t.TypeParams())
		r.visit(t.Underlying())
		for method := range t.Methods() {
			if method.Exported() {
				r.visit(method.Type())
			}
		}
	}
}

func (r *reach) params(list *types.TypeParamList) {
	for param := range list.TypeParams() {
		r.visit(param.Constraint())
	}
}

// visit adds the named types in a type. The depth is that of what is written in source:
// a named type is queued, and not entered.
func (r *reach) visit(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		r.add(t.Obj())
		r.list(t.TypeArgs())
	case *types.Named:
		r.add(t.Obj())
		r.list(t.TypeArgs())
	case *types.Signature:
		r.params(t.TypeParams())
		r.visit(t.Params())
		r.visit(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			r.visit(v.Type())
		}
	case *types.Map:
		r.visit(t.Key())
		r.visit(t.Elem())
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		r.visit(t.Elem())
	case *types.Struct:
		for field := range t.Fields() {
			if isSeen(field) {
				r.visit(field.Type())
			}
		}
	default:
		r.visitConstraint(t)
	}
}

// visitConstraint visits an interface or the terms of a constraint.
func (r *reach) visitConstraint(t types.Type) {
	switch t := t.(type) {
	case *types.Interface:
		for method := range t.ExplicitMethods() {
			r.visit(method.Type())
		}
		for embedded := range t.EmbeddedTypes() {
			r.visit(embedded)
		}
	case *types.Union:
		for term := range t.Terms() {
			r.visit(term.Type())
		}
	}
}

func (r *reach) list(args *types.TypeList) {
	for arg := range args.Types() {
		r.visit(arg)
	}
}
