package sandbox

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/openapi"
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
		out.body, err = encode(answer)
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

// load reads what is stored under a key, and tells whether it is there.
func load[T any](tx Tx, bucket, key string) (v T, found bool, err error) {
	text, err := tx.Get(bucket, key)
	if err != nil || text == nil {
		return v, false, err
	}
	err = json.Unmarshal(text, &v)
	return v, err == nil, err
}

// save stores v under a key.
func save(tx Tx, bucket, key string, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	return tx.Put(bucket, key, text)
}

// parseTime reads a time such as 2018-06-08T10:34:56+08:00, one that can be
// written again.
func parseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if t = t.UTC(); err == nil && (t.Year() < 1 || t.Year() > 9999) {
		err = errors.New("its year has not four digits")
	}
	return t, err
}

// inBeijing is a time as clocks show it there.
func inBeijing(t time.Time) time.Time { return t.In(time.FixedZone("", 8*60*60)) }

// beijing writes a time as the platform does.
func beijing(t time.Time) string { return inBeijing(t).Format(time.RFC3339) }
