package sandbox

import (
	"maps"
	"net/http"
	"net/url"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// A call is a request of APIv3 that is authenticated and fits its operation,
// as a product sees it.
type call struct {
	ledger
	merchant Merchant
	vars     map[string]string // of the path
	query    url.Values
	body     gjson.Result // its encrypted fields in plain text
	upload   *upload      // nil when the operation takes no file
	base     string       // the URL that the sandbox was called at, with a slash at its end
}

// A download is a body that is no JSON.
type download []byte

// A handler answers the calls of an operation: with a status and what becomes
// the JSON of the body, nil for none, or with a *refusal. What it stored is
// kept if it does not fail.
type handler func(c *call) (status int, body any, err error)

// handlers are those of all products, by operation. What is not among them is
// answered with an example.
func handlers() map[string]handler {
	all := make(map[string]handler)
	for _, product := range []map[string]handler{certificates(), payments(), codePayments(), combinations(), refunds(), ecommerceRefunds(), couponStocks(), coupons(), transfers(), profitSharing(), media(), bills()} {
		maps.Copy(all, product)
	}
	return all
}

// answerV3 checks a request and hands it to its product.
func (s *Server) answerV3(in *inbound) (reply, error) {
	m, err := s.authenticate(in)
	if err != nil {
		return reply{}, err
	}
	in.mchID = m.MchID
	s.noteKey(in)
	file, err := in.readUpload()
	if err != nil {
		return reply{}, err
	}
	if err := s.check(in); err != nil {
		return reply{}, err
	}
	body, err := s.open(in)
	if err != nil {
		return reply{}, err
	}
	handle, ok := s.handlers[in.op.String()]
	if !ok {
		return exampleV3(in.op), nil
	}
	c := &call{ledger: ledger{Server: s, now: in.now}, merchant: m, vars: in.vars(), body: gjson.ParseBytes(body), upload: file, base: in.base}
	if c.query, err = url.ParseQuery(in.query); err != nil {
		return reply{}, paramError("query", "", nil, "malformed")
	}
	status, answer, err := c.run(handle, in.method)
	if err != nil {
		return reply{}, err
	}
	out := reply{status: status, contentType: typeJSON}
	if file, ok := answer.(download); ok {
		out.contentType, out.body = http.DetectContentType(file), file
	} else if i, ok := answer.(image); ok {
		out.contentType, out.body = i.ContentType, i.Data
	} else if answer != nil {
		out.body, err = plainjson.Encode(answer)
	}
	return out, err
}

// run calls a handler in a transaction.
func (c *call) run(handle handler, method string) (status int, body any, err error) {
	err = c.transact(method == http.MethodGet, func() (err error) {
		status, body, err = handle(c)
		return err
	})
	return status, body, err
}

// exampleV3 is the answer to a call that no product knows.
func exampleV3(op *openapi.Operation) reply {
	status := exampleStatus(op)
	return reply{status: status, contentType: typeJSON, body: openapi.Example(op, status)}
}

func exampleStatus(op *openapi.Operation) int {
	if len(op.Responses) == 0 {
		return http.StatusNoContent
	}
	return op.Responses[0].Status
}
