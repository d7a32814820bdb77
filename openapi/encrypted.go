package openapi

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

//go:embed encrypted.jsonl
var encryptedLines string

var encryptedByOperation = sync.OnceValue(func() map[string][]string {
	all := make(map[string][]string)
	for line := range strings.Lines(encryptedLines) {
		v := gjson.Parse(line)
		all[v.Get("method").Str+" "+v.Get("template").Str] = texts(v.Get("fields"))
	}
	return all
})

// EncryptedFields returns the fields of the answer that the platform encrypts for
// the merchant who asks. A dot leads into an object, and [] into each element of
// an array: "data[].payer_phone". Response.DecryptAll of package wechatpay decrypts
// them.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053265
func (op *Operation) EncryptedFields() []string {
	return slices.Clone(encryptedByOperation()[op.String()])
}
