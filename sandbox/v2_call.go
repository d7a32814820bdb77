package sandbox

import (
	"encoding/json"
	"maps"

	"github.com/wxchain/wechatpay/openapi"
)

// A callV2 is a request of APIv2 that is authenticated, as a product sees it.
type callV2 struct {
	*call
	fields map[string]string // those that the signature covers
	file   download          // the answer, where that is no XML
}

// A handlerV2 answers the calls of an operation of APIv2.
type handlerV2 struct {
	// handle answers with the fields of success, or with a *refusal, beside
	// which stand the fields that the refusal has, too. What it stored is kept
	// if it does not fail.
	handle func(*callV2) (map[string]any, error)
	reads  bool // and stores nothing
}

// handlersV2 are those of all products, by operation. What is not among them is
// answered with an example.
func handlersV2() map[string]handlerV2 {
	all := make(map[string]handlerV2)
	for _, product := range []map[string]handlerV2{paymentsV2(), codePaymentsV2(), refundsV2(), redPackets(), billsV2()} {
		maps.Copy(all, product)
	}
	return all
}

// answer are the fields of the answer.
func (c *callV2) answer(in *inbound) (map[string]any, error) {
	if err := c.checkCertificate(in); err != nil {
		return nil, err
	}
	if err := c.check(in); err != nil {
		return nil, err
	}
	h, ok := c.handlersV2[in.op.String()]
	if !ok {
		return exampleV2(in.op)
	}
	var fields map[string]any
	err := c.transact(h.reads, func() (err error) {
		fields, err = h.handle(c)
		return err
	})
	return fields, err
}

// exampleV2 is the answer to a call that no product knows, nil for a page, or
// the way to one.
func exampleV2(op *openapi.Operation) (fields map[string]any, err error) {
	example := openapi.Example(op, exampleStatus(op))
	if example == nil {
		return nil, nil
	}
	if err := json.Unmarshal(example, &fields); err != nil {
		return nil, err
	}
	for _, name := range [...]string{"err_code", "err_code_des"} {
		delete(fields, name)
	}
	return fields, nil
}
