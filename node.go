package wechatpay

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
)

// A node is a place in the tree of documented operations. It has the methods of a
// [Chain]: it prints as its template, and continues with any path and any method.
// Each type of the tree embeds a node and adds what is documented there: the
// segments that may follow, and the verbs.
type node struct{ chain Chain }

// A place is the underlying type of all types of the tree. They are defined as
//
//	type v3Certificates place
//
// Each type therefore has the methods of a node, and a pointer to one type
// converts to a pointer to another.
type place struct{ node }

// Functions in this file must not be inlined. Each type of the tree has a copy of
// the methods of node, and each of its own methods calls one of the functions, so
// inlined code would be compiled thousands of times. The functions are not
// methods, because methods would be copied too.

// String returns the template, such as
// "v3/marketing/favor/users/{openid}/coupons".
//
//go:noinline
func (n *node) String() string { return n.chain.String() }

// LogValue returns the template for log/slog.
//
//go:noinline
func (n *node) LogValue() slog.Value { return n.chain.LogValue() }

// Chain leaves the tree and appends a path; see [Chain.Chain].
//
//go:noinline
func (n *node) Chain(path string) Chain { return n.chain.Chain(path) }

// Segment leaves the tree and appends segments; see [Chain.Segment].
//
//go:noinline
func (n *node) Segment(names ...string) Chain { return n.chain.Segment(names...) }

// Bind leaves the tree and sets a variable to a value; see [Chain.Bind].
//
//go:noinline
func (n *node) Bind(name string, value any) Chain { return n.chain.Bind(name, value) }

// URL returns the URL that a verb with the same options would call; see
// [Chain.URL].
//
//go:noinline
func (n *node) URL(opts ...Option) (*url.URL, error) { return n.chain.URL(opts...) }

// Do calls the operation with any HTTP method; see [Chain.Do].
//
//go:noinline
func (n *node) Do(ctx context.Context, method string, opts ...Option) (*Response, error) {
	return n.chain.Do(ctx, method, opts...)
}

// enter returns the node of a first segment.
func enter(c *Client, segment string) *place { return &place{node{c.Chain(segment)}} }

// at returns the node of a template.
//
//go:noinline
func at(n *node, template string) *place {
	next := *n
	next.chain.path = template
	return &place{next}
}

// on returns the node of a template whose operations use a host of their own.
//
//go:noinline
func on(n *node, template, host string) *place {
	next := at(n, template)
	next.chain.host = host
	return next
}

// bind returns the node behind a variable. Without a value, an option must set
// the variable.
//
//go:noinline
func bind(n *node, template, name string, value []any) *place {
	next := at(n, template)
	switch len(value) {
	case 0:
	case 1:
		next.chain = next.chain.Bind(name, value[0])
	default:
		next.chain = next.chain.fail(fmt.Errorf("variable {%s} is given %d values, it takes one", name, len(value)))
	}
	return next
}

// do calls an operation.
//
//go:noinline
func do(ctx context.Context, n *node, method string, opts []Option) (*Response, error) {
	return n.chain.Do(ctx, method, opts...)
}

// async calls an operation as a promise.
//
//go:noinline
func async(ctx context.Context, n *node, method string, opts []Option) *Promise[*Response] {
	return n.chain.async(ctx, method, opts)
}
