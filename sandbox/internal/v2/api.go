// Package v2 implements the protocol of APIv2: it authenticates requests, reads
// their XML into the types of the domain, and writes and signs answers and
// notifications.
package v2

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/example"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// Config has what an API needs.
type Config struct {
	Merchants *party.Merchants
	Nonces    *platform.Nonces
	Transact  money.Transact
	Bills     Bills
}

// Bills are the files that merchants download.
type Bills interface {
	Day(now time.Time, layout, text string) (string, error)
	Make(l *money.Ledger, mchID, name string, at time.Time, of ...string) ([]byte, error)
}

// An API answers the requests of APIv2. It is safe for concurrent use.
type API struct {
	Config
	validator wire.Validator
	handlers  map[string]handler
}

// New returns an API.
func New(config Config) *API { return &API{config, wire.NewValidator(), handlers()} }

// A call is an authenticated request with the ledger of its transaction.
type call struct {
	*money.Ledger
	api      *API
	merchant party.Caller
	fields   map[string]string // those that the signature covers
	example  bool              // no product handles the call
	base     string            // the URL that the sandbox was called at, with a slash at its end
	file     []byte            // the answer, where that is not XML
}

// A handler answers the calls of one operation.
type handler struct {
	// handle returns the fields of a success, or a refusal with its additional
	// fields. If handle does not fail, what it stored is kept.
	handle func(*call) (map[string]any, error)
	reads  bool // and stores nothing
}

// handlers returns the handlers of all products by operation. Other operations
// are answered with an example.
func handlers() map[string]handler {
	all := make(map[string]handler)
	for _, product := range []map[string]handler{payments(), codePayments(), refunds(), redPackets(), bills()} {
		maps.Copy(all, product)
	}
	return all
}

// Handles reports whether a product answers an operation. Other operations are
// answered with an example.
func Handles(operation string) bool {
	_, ok := handlers()[operation]
	return ok
}

// Answer checks a request and passes it to its product.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func (a *API) Answer(in *wire.Request) (wire.Reply, error) {
	fields, err := FieldsOf(in)
	if err != nil {
		return wire.Reply{}, wire.BadField("", nil, err.Error())
	}
	m, err := a.authenticate(in, fields)
	if err != nil {
		return wire.Reply{}, err
	}
	in.MchID = m.MchID
	c := &call{api: a, merchant: m, fields: fields, base: in.Base}
	answer, err := c.answer(in)
	if err == nil {
		if err = in.Meet(true); err != nil {
			answer, c.file = nil, nil
		}
	}
	out, failed := c.reply(in.Op, answer, err)
	out.Example = c.example && err == nil
	return out, failed
}

// answer returns the fields of the answer.
func (c *call) answer(in *wire.Request) (map[string]any, error) {
	if err := c.checkCertificate(in); err != nil {
		return nil, err
	}
	// The sign has been verified. The catalogue often allows only the length of
	// MD5.
	if err := c.api.validator.Check(in, func(p openapi.Problem) bool { return p.Field == "sign" }); err != nil {
		return nil, err
	}
	if err := in.Meet(false); err != nil {
		return nil, err
	}
	h, ok := c.api.handlers[in.Op.String()]
	if !ok {
		c.example = true
		return c.exampleFields(in)
	}
	var fields map[string]any
	err := c.api.Transact(in.Now, h.reads, func(l *money.Ledger) (err error) {
		c.Ledger = l
		fields, err = h.handle(c)
		return err
	})
	return fields, err
}

// exampleFields returns the answer to a call that no product handles. It is nil for
// a page or a redirect to one.
func (c *call) exampleFields(in *wire.Request) (fields map[string]any, err error) {
	r := example.Request{MchID: c.merchant.MchID, Named: maps.Clone(c.fields)}
	for _, name := range [...]string{"sign", "sign_type", "nonce_str"} {
		delete(r.Named, name)
	}
	text, err := example.Answer(in.Op, wire.ExampleStatus(in.Op), r)
	if text == nil || err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(wire.LeadHere(in.Base, string(text))), &fields); err != nil {
		return nil, err
	}
	for _, name := range [...]string{"err_code", "err_code_des", "err_param", "contract_err_code", "error_code", "error_code_des"} {
		delete(fields, name)
	}
	if _, ok := fields["ret_code"]; ok {
		fields["ret_code"] = "SUCCESS" // the documentation has both values
	}
	return fields, nil
}

// Seal does nothing, because an answer contains its sign.
func (*API) Seal(_ *wire.Request, _ *wire.Reply, h http.Header) error {
	h.Set("Request-ID", rand.Text())
	return nil
}
