package v3

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// open returns the body of a merchant's request with its encrypted fields in plain text.
// They are encrypted for the key of the platform that Wechatpay-Serial names.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053257
func (api *API) open(in *wire.Request, m party.Caller) ([]byte, error) {
	if !in.Op.Encrypts || in.Op.JSON == nil {
		return in.Body, nil
	}
	body := in.Body
	for path, ciphertext := range encrypted(shallow.ParseJSON(in.Body), in.Op.JSON) {
		serial := in.Header.Get("Wechatpay-Serial")
		key, ok := api.Issuer.KeyOf(m.Key.Scheme(), serial)
		if !ok {
			return nil, wire.ParamError("header", "Wechatpay-Serial", serial, "it names no key of the platform, which encrypted fields need")
		}
		field := "/" + strings.ReplaceAll(path, ".", "/")
		text, err := key.Decrypt(in.Ctx, ciphertext)
		if err != nil {
			return nil, wire.BadField(field, nil, "it is not encrypted for the key "+serial+" of the platform")
		}
		if body, err = sjson.SetBytes(body, path, text); err != nil {
			return nil, wire.BadField(field, nil, "it is not in its place")
		}
	}
	return body, nil
}

// encryptFor encrypts a field of an answer for a merchant's certificate.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053265
func encryptFor(m party.Caller, text string) (string, error) {
	return cipher.Encrypt(m.Key.Public, text)
}

// encrypted yields the path and the text of each field of a body that is sent
// encrypted: those with the format base64.
func encrypted(v gjson.Result, s *openapi.Schema) func(yield func(path, text string) bool) {
	return func(yield func(string, string) bool) { walkEncrypted(v, s, nil, yield) }
}

func walkEncrypted(v gjson.Result, s *openapi.Schema, path []string, yield func(path, text string) bool) (more bool) {
	more = true
	inner := func(name string, v gjson.Result, s *openapi.Schema) bool {
		more = s == nil || walkEncrypted(v, s, append(path, name), yield)
		return more
	}
	i := -1
	switch {
	case v.IsObject():
		v.ForEach(func(name, v gjson.Result) bool {
			if p := s.Property(name.Str); p != nil {
				return inner(name.Str, v, p.Schema)
			}
			return true
		})
	case v.IsArray():
		v.ForEach(func(_, v gjson.Result) bool {
			i++
			return inner(strconv.Itoa(i), v, s.Items)
		})
	case v.Type == gjson.String && v.Str != "" && s.Type == openapi.String && s.Format == "base64":
		return yield(strings.Join(path, "."), v.Str)
	}
	return more
}
