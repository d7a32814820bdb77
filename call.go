package wechatpay

import (
	"cmp"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/middleware"
)

// A call is what a chain and its options come to, on the way to a request.
type call struct {
	client   *Client
	protocol Protocol
	method   string
	template string
	base     base
	url      *url.URL

	vars    []variable
	varsBuf [4]variable

	query       url.Values // what options add
	header      http.Header
	json        []byte // nil for none
	secrets     secrets
	xml         M // of text, and lists and maps of text; nil for none
	contentType string
	body        io.Reader // nil for none
	raw         []byte    // what body held, or xml makes
	upload      func(hash.Hash) (*upload, error)
	file        *upload // what upload opened
	security    bool    // whether the options say something about the client certificate
	sink        io.Writer
	timeout     time.Duration
	keepErrors  bool

	entered  *http.Request // the request that entered the stack
	exchange middleware.Exchange
}

type variable struct {
	name   string
	value  any
	origin origin
	used   bool
}

// origin is where a variable was bound.
type origin int

const (
	fromChain origin = iota
	fromOption
)

func (c *call) bind(name string, value any, from origin) {
	c.vars = append(c.vars, variable{name: name, value: value, origin: from})
}

// value finds the variable bound last under a name.
func (c *call) value(name string) (any, bool) {
	var value any
	found := false
	for i := range c.vars {
		if v := &c.vars[i]; v.name == name {
			value, found, v.used = v.value, true, true
		}
	}
	return value, found
}

// prepare applies the options and fills in the template. Nothing is sent yet,
// and nothing of the options is needed any more, but for readers and writers.
func (ch Chain) prepare(method string, opts []Option) (*call, error) {
	c := &call{client: ch.client, method: method, template: ch.String(), protocol: APIv3}
	c.vars = c.varsBuf[:0]
	if ch.client == nil {
		return nil, c.fault(ErrTemplate, errors.New("the chain has no client; start it with client.Chain, client.Segment or the tree"))
	}
	if ch.err != nil {
		return nil, c.fault(ErrTemplate, ch.err)
	}
	if err := checkMethod(method); err != nil {
		return nil, c.fault(ErrOption, err)
	}
	if err := checkVariables(c.template); err != nil {
		return nil, c.fault(ErrTemplate, err)
	}
	c.base = ch.client.base
	if ch.host != "" {
		c.base = base{"https", ch.host, "/"}
	}
	c.bindAll(ch.bound)
	for i, opt := range opts {
		if opt == nil {
			return nil, c.fault(ErrOption, fmt.Errorf("option %d is nil", i+1))
		}
		if err := opt.apply(c); err != nil {
			return nil, c.fault(ErrOption, err)
		}
	}
	if twice := c.twoBodies(); twice != nil {
		return nil, c.fault(ErrOption, twice)
	}
	if err := c.resolve(); err != nil {
		return nil, err
	}
	if err := cmp.Or(c.checkProtocol(), c.checkMethodHasBody()); err != nil {
		return nil, c.fault(ErrOption, err)
	}
	if c.protocol == APIv2 {
		if !c.security {
			c.exchange.ClientCert = needsClientCert(c.v2Path())
		}
		if err := c.writeXML(); err != nil {
			return nil, c.fault(ErrOption, err)
		}
	}
	return c, nil
}

func (c *call) twoBodies() error {
	var given []string
	for _, body := range [...]struct {
		option string
		given  bool
	}{{"json", c.json != nil}, {"xml", c.xml != nil}, {"body", c.body != nil}} {
		if body.given {
			given = append(given, strconv.Quote(body.option))
		}
	}
	if c.upload != nil && c.body != nil {
		given = append(given, `"file"`)
	}
	if len(given) < 2 {
		return nil
	}
	return fmt.Errorf("options %s are both given, a request has one body", strings.Join(given[:2], " and "))
}

// resolve makes the URL of the call from base, template and query.
func (c *call) resolve() error {
	var buf [512]byte
	b, err := uritemplate.Expand(append(buf[:0], c.base.path...), c.template, c.value)
	if unbound := c.unused(); unbound != nil {
		return unbound
	}
	if err != nil {
		return c.fault(ErrTemplate, err)
	}
	full := string(b)
	path := full[len(c.base.path):]
	// {+path} and {/path*} may start with a slash, and so with another host.
	path = strings.TrimPrefix(path, "/")
	if err := checkPath(path); err != nil {
		return c.fault(ErrTemplate, err)
	}
	if first, rest, _ := strings.Cut(path, "/"); strings.EqualFold(first, "v2") && c.spellsProtocol() {
		if rest == "" || rest[0] == '?' {
			return c.fault(ErrTemplate, errors.New("the path ends at v2, which is not sent"))
		}
		c.protocol, path = APIv2, rest
		if err := c.completeQuery(path); err != nil {
			return c.fault(ErrOption, err)
		}
	}
	if path, err = mergeQuery(path, c.query); err != nil {
		return c.fault(ErrTemplate, err)
	}
	if full[len(c.base.path):] != path {
		full = c.base.path + path
	}
	if c.url, err = c.base.url(full); err != nil {
		return c.fault(ErrTemplate, fmt.Errorf("%q is no path of a URL", path))
	}
	return nil
}

// spellsProtocol tells whether the first segment is one that the caller spelled,
// not the value of a variable that happens to be "v2".
func (c *call) spellsProtocol() bool {
	return !strings.HasPrefix(c.template, "{") || strings.HasPrefix(c.template, "{+")
}

func (c *call) setSink(w io.Writer) error {
	if isNil(w) {
		return errors.New(`option "sink" is nil, want an io.Writer`)
	}
	c.sink = w
	return nil
}

func (c *call) setTimeout(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf(`option "timeout" is %v, want more than 0`, d)
	}
	c.timeout = d
	return nil
}

// bindAll binds the oldest first, so that the newest wins.
func (c *call) bindAll(b *binding) {
	if b != nil {
		c.bindAll(b.older)
		c.bind(b.name, b.value, fromChain)
	}
}

// unused reports a variable that the template does not have: a name mistyped.
func (c *call) unused() error {
	for _, v := range c.vars {
		if v.used {
			continue
		}
		names := uritemplate.Names(c.template)
		if slices.Contains(names, v.name) { // an expression that failed stands before it
			continue
		}
		if v.origin == fromChain {
			return c.fault(ErrTemplate, fmt.Errorf("Bind: the template has no variable {%s}%s", v.name,
				cmp.Or(asVariable(v.name, c.template), didYouMean(v.name, names))))
		}
		if len(names) == 0 {
			return c.fault(ErrOption, fmt.Errorf("unknown option %q, and the template has no variables%s", v.name,
				cmp.Or(asVariable(v.name, c.template), didYouMean(v.name, knownKeys))))
		}
		return c.fault(ErrOption, fmt.Errorf("option %q is neither known nor a variable of the template (%s)%s",
			v.name, strings.Join(names, ", "), cmp.Or(asVariable(v.name, c.template), didYouMean(v.name, append(names, knownKeys...)))))
	}
	return nil
}

// fault is an error of this call, of the given kind.
func (c *call) fault(kind, err error) error {
	return &fault{what: strings.TrimSpace(c.method + " " + c.template), kind: kind, err: err}
}

func checkMethod(method string) error {
	if method == "" || isToken(method) { // "" prepares a URL alone
		return nil
	}
	return fmt.Errorf("%q is no HTTP method", method)
}
