package openapi

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// EncryptSensitive returns a middleware that encrypts sensitive fields, so the caller
// writes plain text. Put it outside the signer. In the JSON body of an operation with
// [Operation].Encrypts it replaces each sensitive field by its ciphertext in base64,
// made with RSA-OAEP, or by the key if it is a [signer.Encrypter]. It encrypts with the
// platform key that the header Wechatpay-Serial names. Without that header it uses the
// current key and sets the header. It does not change values that are encrypted already,
// or the bodies of other operations. A [signer.Encrypter] needs the method
// IsCiphertext(raw []byte) bool to recognise values that are encrypted already.
//
//	s.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(platformKeys))
//
// If a value is too long to encrypt, or there is no key, the request is not sent.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053257
func EncryptSensitive(keys signer.PublicKeys) middleware.Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return encrypter{keys, next}
	}
}

type encrypter struct {
	keys signer.PublicKeys
	next http.RoundTripper
}

func (e encrypter) RoundTrip(req *http.Request) (*http.Response, error) {
	op := Match(req.Method, req.URL.EscapedPath())
	if op == nil || !op.Encrypts || op.JSON == nil {
		return e.next.RoundTrip(req)
	}
	sealed, err := e.encrypt(req, op)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, fmt.Errorf("openapi: %s: encrypting its fields: %w", op, err)
	}
	return e.next.RoundTrip(sealed)
}

// encrypt returns a copy of req whose fields are encrypted.
func (e encrypter) encrypt(req *http.Request, op *Operation) (*http.Request, error) {
	body, err := middleware.RequestBody(req)
	if err != nil {
		return nil, err
	}
	sealed := *req
	sealed.Header = req.Header.Clone()
	middleware.SetBody(&sealed, body)
	fields := sensitive(nil, shallow.ParseJSON(body), op.JSON, "")
	if !shallow.ValidJSON(body) || len(fields) == 0 {
		return &sealed, nil
	}

	ctx := req.Context()
	serial := req.Header.Get("Wechatpay-Serial")
	var key any
	if serial != "" {
		key, err = e.keys.PublicKey(ctx, serial)
	} else {
		serial, key, err = e.keys.Current(ctx)
	}
	if err != nil {
		return nil, err
	}
	switch key.(type) {
	case *rsa.PublicKey, signer.Encrypter:
	default:
		return nil, fmt.Errorf("the platform key %q is a %T, want an *rsa.PublicKey or a signer.Encrypter", serial, key)
	}
	sealed.Header.Set("Wechatpay-Serial", serial)

	// From the end, so that what is before stays where it is.
	for _, f := range slices.Backward(fields) {
		if isEncrypted(f.text, key) {
			continue
		}
		ciphertext, err := cipher.Encrypt(key, f.text)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.path, err)
		}
		body = slices.Concat(body[:f.from], []byte(`"`+ciphertext+`"`), body[f.to:])
	}
	middleware.SetBody(&sealed, body)
	return &sealed, nil
}

// isEncrypted reports whether text has the form of a ciphertext that key makes.
func isEncrypted(text string, key crypto.PublicKey) bool {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	switch k := key.(type) {
	case interface{ IsCiphertext(raw []byte) bool }:
		return k.IsCiphertext(raw)
	case *rsa.PublicKey:
		return len(raw) == k.Size()
	}
	return false
}

// A field is a value in a body that has to be encrypted.
type field struct {
	path     string
	text     string
	from, to int // in the body, its quotation marks included
}

// sensitive adds to fields those in v, a value of the body.
func sensitive(fields []field, v gjson.Result, s *Schema, path string) []field {
	switch {
	case s == nil:
	case v.IsObject():
		v.ForEach(func(name, value gjson.Result) bool {
			if p := s.Property(name.Str); p != nil {
				fields = sensitive(fields, value, p.Schema, join(path, name.Str))
			}
			return true
		})
	case v.IsArray():
		i := 0
		v.ForEach(func(_, value gjson.Result) bool {
			fields = sensitive(fields, value, s.Items, join(path, fmt.Sprint(i)))
			i++
			return true
		})
	case v.Type == gjson.String && s.Type == String && s.Format == "base64" && v.Str != "":
		fields = append(fields, field{path, v.Str, v.Index, v.Index + len(v.Raw)})
	}
	return fields
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
