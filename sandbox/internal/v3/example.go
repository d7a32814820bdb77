package v3

import (
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// example answers a call that no product handles with the example of the
// documentation.
func example(in *wire.Request) wire.Reply {
	status := wire.ExampleStatus(in.Op)
	text := wire.LeadHere(in.Base, string(openapi.Example(in.Op, status)))
	return wire.Reply{Status: status, ContentType: wire.TypeJSON, Body: []byte(text), Example: true}
}
