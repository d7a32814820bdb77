package wechatpay

import (
	"context"
	"fmt"
)

// A node is a place in the tree of documented operations. Each type of the tree
// is one, and has methods for what is documented there alone: the segments that
// may follow, and the verbs.
//
// The methods of the tree are thousands. To be quick to compile and small to
// link, each calls one of those below, which are not inlined, and hands on
// pointers.
type node struct{ chain Chain }

// at is the node whose template is template.
//
//go:noinline
func (n *node) at(template string) *node {
	next := *n
	next.chain.path = template
	return &next
}

// bind is the node behind a variable, which has a value or is left to the
// options.
//
//go:noinline
func (n *node) bind(template, name string, value []any) *node {
	next := n.at(template)
	switch len(value) {
	case 0:
	case 1:
		next.chain = next.chain.Bind(name, value[0])
	default:
		next.chain = next.chain.fail(fmt.Errorf("variable {%s} is given %d values, it takes one", name, len(value)))
	}
	return next
}

// goOn leaves the tree by a path.
//
//go:noinline
func (n *node) goOn(path string) Chain { return n.chain.Chain(path) }

// spell leaves the tree by segments.
//
//go:noinline
func (n *node) spell(names []string) Chain { return n.chain.Segment(names...) }

// do calls an operation.
//
//go:noinline
func (n *node) do(ctx context.Context, method string, opts []Option) (*Response, error) {
	return n.chain.Do(ctx, method, opts...)
}

// async calls an operation as a promise.
//
//go:noinline
func (n *node) async(ctx context.Context, method string, opts []Option) *Promise[*Response] {
	return n.chain.async(ctx, method, opts)
}

// first puts what the catalogue says of an operation before what the caller
// says, which wins.
//
//go:noinline
func first(opt Option, opts []Option) []Option {
	return append([]Option{opt}, opts...)
}
