package v3

import (
	"maps"
	"net/url"

	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/sandbox/internal/example"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// exampleOf answers a call that no product handles with the example of the
// documentation. The encrypted fields of the body are in plain text.
func exampleOf(in *wire.Request, m party.Caller, body []byte) (wire.Reply, error) {
	query, err := url.ParseQuery(in.Query)
	if err != nil {
		return wire.Reply{}, wire.ParamError("query", "", nil, "malformed")
	}
	r := example.Request{MchID: m.MchID, Named: make(map[string]string), Body: shallow.ParseJSON(body)}
	for name := range query {
		r.Named[name] = query.Get(name)
	}
	maps.Copy(r.Named, in.Vars())
	r.Encrypt = func(text string) (string, error) { return encryptFor(m, text) }
	status := wire.ExampleStatus(in.Op)
	text, err := example.Answer(in.Op, status, r)
	if err != nil {
		return wire.Reply{}, err
	}
	return wire.Reply{Status: status, ContentType: wire.TypeJSON, Body: []byte(wire.LeadHere(in.Base, string(text))), Example: true}, nil
}
