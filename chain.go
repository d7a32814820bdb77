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

// A Chain is a call that you spell: a URI template (RFC 6570) with the variables
// bound so far. It is an immutable value: every method that adds to a Chain
// returns a new one. You may keep a Chain, continue it in several ways, and use
// it from any number of goroutines. The verb at the end reports what is wrong
// with the spelling.
type Chain struct {
	client *Client
	path   string
	query  string // including the question mark
	bound  *binding
	host   string // the host of an operation of the tree that has its own, or empty
	err    error
}

// A binding is the newest variable bound to a Chain.
type binding struct {
	name  string
	value any
	older *binding
}

// Chain starts a chain with a path, such as "v3/certificates". See [Chain.Chain].
func (c *Client) Chain(path string) Chain { return Chain{client: c}.Chain(path) }

// Segment starts a chain with the segments of a path, such as "v3" and
// "certificates". See [Chain.Segment].
func (c *Client) Segment(names ...string) Chain { return Chain{client: c}.Segment(names...) }

// Chain appends a path as you write it. A whole segment {name}, _name_ or <name>
// is a variable. All other expressions of RFC 6570 work too, such as {+path},
// {/parts*}, {?a,b} and {var:3}. Letters keep their case. A leading slash is
// dropped, and a trailing slash is kept. A query in the path is kept, and the
// option [Query] adds to it. A full URL is an error.
//
// The first segment v2, in either case, selects APIv2 and is not sent.
func (ch Chain) Chain(path string) Chain { return ch.append(path, spellPath) }

// Segment appends segments. Each is spelled like a property of the PHP SDK: a
// capital letter becomes a hyphen and the small letter (merchantService is sent
// as merchant-service, ComplaintsV2 as complaints-v2), and _openid_ is the
// variable {openid}. A name in braces keeps its case. A name may contain slashes.
func (ch Chain) Segment(names ...string) Chain {
	if i := slices.Index(names, ""); i >= 0 {
		return ch.fail(fmt.Errorf("segment %d, after %q, is empty", i+1, strings.Join(names[:i], "/")))
	}
	// An expression such as {/parts*} brings its slash with it.
	return ch.append(strings.ReplaceAll(strings.Join(names, "/"), "/{/", "{/"), spellSegments)
}

func (ch Chain) append(path string, spell func(string) string) Chain {
	// After the first segment, a colon does not end a scheme.
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
	case path != "": // a lone slash becomes the trailing slash
		ch.path = strings.TrimSuffix(ch.path, "/") + "/" + rest
	}
	ch.query = query
	return ch
}

// hostError returns the error for a path that starts with a scheme or a host,
// such as a URL copied from the documentation.
func (c *Client) hostError(path string) error {
	if c != nil {
		if rest, ok := c.base.cut(path); ok {
			return fmt.Errorf("%s is not a path: a URL leads to another host unless that is the client's own; write its path alone, %s",
				quote.Setting(path), quote.Setting(rest))
		}
	}
	return fmt.Errorf("%s is not a path but leads to another host; write the path alone, and name the host with BaseURL", quote.Setting(path))
}

// fail makes the verb return err, unless the chain has an earlier error.
func (ch Chain) fail(err error) Chain {
	if ch.err == nil {
		ch.err = err
	}
	return ch
}

// Bind sets the variable name to a value: a string, a number or a bool, or for
// expressions such as {/parts*} a list or a map of these. The value is encoded
// for its place in the URL and otherwise sent unchanged. A later Bind of the same
// name replaces the value, and so does an option of that name.
func (ch Chain) Bind(name string, value any) Chain {
	ch.bound = &binding{name, value, ch.bound}
	return ch
}

// String returns the template, such as
// "v3/marketing/favor/users/{openid}/coupons".
func (ch Chain) String() string { return ch.path + ch.query }

// LogValue returns the template for log/slog.
func (ch Chain) LogValue() slog.Value { return slog.StringValue(ch.String()) }

// URL returns the URL that a verb with the same options would call. It reports
// errors of the template and the options. It does not read a body or a file.
func (ch Chain) URL(opts ...Option) (*url.URL, error) {
	c, err := prepare(ch, "", opts)
	if err != nil {
		return nil, err
	}
	return c.url, nil
}

// Do calls the chain with any HTTP method and returns the verified answer.
//
// Nothing is sent if something is wrong with the call: the error then wraps
// [ErrTemplate], [ErrOption], [ErrConfig] or [ErrSign], or is the error of ctx.
// If the platform refuses, the error is an [*Error]. If its answer cannot be
// verified, the error is a [*VerifyError]. If the network fails, the error is
// that of the transport. After the last two, and after a refusal of 5xx, the
// platform may have done what you asked: query it, or call again with the same
// merchant number (out_trade_no, out_request_no, …).
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

// GetAsync calls the chain with GET and returns a promise of the answer; see
// [Chain.Do]. It reads the options before it returns, so you may change them
// afterwards. The promise's goroutine reads files, readers given to [Upload], and
// readers given to [Body] that are not in memory.
func (ch Chain) GetAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodGet, opts)
}

// PostAsync calls the chain with POST and returns a promise; see
// [Chain.GetAsync].
func (ch Chain) PostAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodPost, opts)
}

// PutAsync calls the chain with PUT and returns a promise; see [Chain.GetAsync].
func (ch Chain) PutAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodPut, opts)
}

// PatchAsync calls the chain with PATCH and returns a promise; see
// [Chain.GetAsync].
func (ch Chain) PatchAsync(ctx context.Context, opts ...Option) *Promise[*Response] {
	return ch.async(ctx, http.MethodPatch, opts)
}

// DeleteAsync calls the chain with DELETE and returns a promise; see
// [Chain.GetAsync].
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

// ready prepares a call that will be sent.
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
