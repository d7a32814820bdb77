package wechatpay

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// A Chain is a call being spelled: a URI template (RFC 6570) with the
// variables bound so far. It is an immutable value: every method that adds to
// it returns another, so a Chain may be kept and gone on from in several ways,
// by any number of goroutines. What is wrong with a spelling is reported by
// the verb that ends it.
type Chain struct {
	client *Client
	path   string
	query  string // with its question mark
	bound  *binding
	host   string // of an operation of the tree that has its own, or empty
	err    error
}

// binding is the newest of the variables bound to a Chain.
type binding struct {
	name  string
	value any
	older *binding
}

// Chain starts a chain with a path, such as "v3/certificates".
// See [Chain.Chain].
func (c *Client) Chain(path string) Chain { return Chain{client: c}.Chain(path) }

// Segment starts a chain with the segments of a path, such as "v3",
// "certificates". See [Chain.Segment].
func (c *Client) Segment(names ...string) Chain { return Chain{client: c}.Segment(names...) }

// Chain appends a path as it is written. A whole segment {name}, _name_ or
// <name> is a variable, and every other expression of RFC 6570 works, such as
// {+path}, {/parts*}, {?a,b} and {var:3}. Letters keep their case. A leading
// slash is dropped and a trailing one stays. A query in the path stays, and
// the option [Query] adds to it. A full URL is an error.
//
// The first segment v2, in either case, selects APIv2 and is not sent.
func (ch Chain) Chain(path string) Chain { return ch.append(path, spellPath) }

// Segment appends segments, each spelled as a property in PHP: capitals become
// small letters behind a hyphen (merchantService is merchant-service,
// ComplaintsV2 is complaints-v2), and _openid_ is the variable {openid}. A name
// in braces keeps its case. A name may hold slashes.
func (ch Chain) Segment(names ...string) Chain {
	if i := slices.Index(names, ""); i >= 0 {
		return ch.fail(fmt.Errorf("segment %d, after %q, is empty", i+1, strings.Join(names[:i], "/")))
	}
	// An expression such as {/parts*} brings its slash with it.
	return ch.append(strings.ReplaceAll(strings.Join(names, "/"), "/{/", "{/"), spellSegments)
}

func (ch Chain) append(path string, spell func(string) string) Chain {
	// Behind the first segment a colon names no scheme.
	if namesHost(path) && (ch.path == "" || strings.Contains(path, "//")) {
		return ch.fail(ch.client.hostError(path))
	}
	path, query := uritemplate.CutQuery(path)
	switch rest := spell(strings.TrimPrefix(path, "/")); {
	case path == "" && query == "":
		return ch
	case ch.query != "":
		return ch.fail(fmt.Errorf("nothing can follow the query %q; write the query last", ch.query))
	case ch.path == "", strings.HasPrefix(rest, "{/"):
		ch.path += rest
	case path != "": // if it is a slash alone, that becomes the trailing one
		ch.path = strings.TrimSuffix(ch.path, "/") + "/" + rest
	}
	ch.query = query
	return ch
}

// hostError is the error for a path that starts with a scheme or a host, such
// as a URL copied from the documentation.
func (c *Client) hostError(path string) error {
	if c != nil {
		if rest, ok := c.base.cut(path); ok {
			return fmt.Errorf("%s is not a path: a URL leads to another host unless that is the client's own; write its path alone, %s",
				quote.Setting(path), quote.Setting(rest))
		}
	}
	return fmt.Errorf("%s is not a path but leads to another host; write the path alone, and name the host with BaseURL", quote.Setting(path))
}

// fail makes the verb return err, unless something was wrong before.
func (ch Chain) fail(err error) Chain {
	if ch.err == nil {
		ch.err = err
	}
	return ch
}

// Bind gives the variable name a value: a string, a number, a bool, or for
// expressions such as {/parts*} a list or a map of them. The value is encoded
// where it is put, never rewritten. Binding again replaces it, and an option
// of the same name wins over it.
func (ch Chain) Bind(name string, value any) Chain {
	ch.bound = &binding{name, value, ch.bound}
	return ch
}

// String returns the template, such as
// "v3/marketing/favor/users/{openid}/coupons".
func (ch Chain) String() string { return ch.path + ch.query }

// LogValue returns the template for log/slog.
func (ch Chain) LogValue() slog.Value { return slog.StringValue(ch.String()) }

// URL returns what a verb with the same options would call. Its errors are
// those of the template and the options; it reads neither a body nor a file.
func (ch Chain) URL(opts ...Option) (*url.URL, error) {
	c, err := prepare(ch, "", opts)
	if err != nil {
		return nil, err
	}
	return c.url, nil
}

// Do calls the chain with any HTTP method and returns the verified answer.
//
// Nothing is sent when something is wrong with the call: the error then wraps
// [ErrTemplate], [ErrOption], [ErrConfig] or [ErrSign], or is that of ctx. When the
// platform refuses, the error is an [*Error]; when its answer cannot be
// verified, a [*VerifyError]; when the network fails, the error of the
// transport. After the last two, and after a refusal of 5xx, the platform may have
// done what was asked: query it, or call again with the same merchant number
// (out_trade_no, out_request_no, …).
func (ch Chain) Do(ctx context.Context, method string, opts ...Option) (*Response, error) {
	c, err := ready(ctx, ch, method, opts)
	if err != nil {
		return nil, err
	}
	return c.do(ctx)
}

// Get calls the chain with GET; see [Chain.Do].
func (ch Chain) Get(ctx context.Context, opts ...Option) (*Response, error) {
	return ch.Do(ctx, http.MethodGet, opts...)
}

// Post calls the chain with POST; see [Chain.Do].
func (ch Chain) Post(ctx context.Context, opts ...Option) (*Response, error) {
	return ch.Do(ctx, http.MethodPost, opts...)
}

// Put calls the chain with PUT; see [Chain.Do].
func (ch Chain) Put(ctx context.Context, opts ...Option) (*Response, error) {
	return ch.Do(ctx, http.MethodPut, opts...)
}

// Patch calls the chain with PATCH; see [Chain.Do].
func (ch Chain) Patch(ctx context.Context, opts ...Option) (*Response, error) {
	return ch.Do(ctx, http.MethodPatch, opts...)
}

// Delete calls the chain with DELETE; see [Chain.Do].
func (ch Chain) Delete(ctx context.Context, opts ...Option) (*Response, error) {
	return ch.Do(ctx, http.MethodDelete, opts...)
}

// GetAsync is Get as a promise; see [Chain.Do]. The options are read before it
// returns, so they may be changed after. A reader that is given to [Body] or
// [Upload], unless it is in memory, and a file are read by the promise's goroutine.
func (ch Chain) GetAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodGet, opts)
}

// PostAsync is Post as a promise; see [Chain.GetAsync].
func (ch Chain) PostAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodPost, opts)
}

// PutAsync is Put as a promise; see [Chain.GetAsync].
func (ch Chain) PutAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodPut, opts)
}

// PatchAsync is Patch as a promise; see [Chain.GetAsync].
func (ch Chain) PatchAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodPatch, opts)
}

// DeleteAsync is Delete as a promise; see [Chain.GetAsync].
func (ch Chain) DeleteAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodDelete, opts)
}

func (ch Chain) async(ctx context.Context, method string, opts []Option) *Promise[*Response] {
	c, err := ready(ctx, ch, method, opts)
	if err != nil {
		return rejected[*Response](err)
	}
	return Go(ctx, c.do)
}

// ready prepares a call that is going to be sent.
func ready(ctx context.Context, ch Chain, method string, opts []Option) (*trip, error) {
	c, err := prepare(ch, method, opts)
	if err != nil {
		return nil, err
	}
	if err := c.checkReady(ctx); err != nil {
		return nil, err
	}
	if err := c.payload.hold(ch.client.maxBodyBytes); err != nil {
		return nil, c.fault(ErrOption, fmt.Errorf(`option "body": %w`, err))
	}
	return c, nil
}
