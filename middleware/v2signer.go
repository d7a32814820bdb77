package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// V2Signer signs every request as APIv2 wants it, with the merchant's APIv2
// key: it adds nonce_str, unless there is one or the [Exchange] is Nonceless,
// and sign, made by the request's sign_type, to the XML body, or to the query
// when there is no body. A body that is not XML by its Content-Type goes out as
// it is. A request that cannot be signed is not sent; its error wraps
// [signer.ErrSign].
//
// A value that can be read as several fields is refused: in a body as
// [signer.V2Sign] tells, in a query as [signer.V2SignOpen] does.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func V2Signer(key string, opts ...Option) Middleware {
	o := newSettings(opts)
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			if strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/") {
				return next.RoundTrip(req.WithContext(newSending(req.Context())))
			}
			body, err := RequestBody(req)
			if err != nil {
				return nil, fmt.Errorf("%w: reading the body: %w", signer.ErrSign, err)
			}
			nonce := ""
			if !ExchangeOf(req.Context()).Nonceless {
				nonce = o.nonce()
			}
			signed := req.WithContext(newSending(req.Context()))
			if len(body) == 0 {
				signed.URL, err = signQuery(key, nonce, req.URL)
			} else if body, err = signXML(key, nonce, body); err == nil {
				SetBody(signed, body)
			}
			if err != nil {
				return nil, fmt.Errorf("%w: %w", signer.ErrSign, err)
			}
			return next.RoundTrip(signed)
		})
	}
}

func signXML(key, nonce string, body []byte) ([]byte, error) {
	fields, err := xmlmap.Decode(body)
	if err != nil {
		return nil, fmt.Errorf("the body: %w", err)
	}
	if fields["nonce_str"] == nil && nonce != "" {
		fields["nonce_str"] = nonce
	}
	// Elements inside of elements have no part in the signature.
	texts := make(map[string]string, len(fields))
	for name, v := range fields {
		if text, ok := v.(string); ok {
			texts[name] = text
		}
	}
	if fields["sign"], err = signer.V2Sign(texts["sign_type"], key, texts); err != nil {
		return nil, err
	}
	return xmlmap.Encode(fields)
}

func signQuery(key, nonce string, u *url.URL) (*url.URL, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the query is not escaped as it must be")
	}
	signed := *u
	add := func(name, value string) {
		if signed.RawQuery != "" {
			signed.RawQuery += "&"
		}
		signed.RawQuery += name + "=" + value
	}
	if !query.Has("nonce_str") && nonce != "" {
		query.Set("nonce_str", nonce)
		add("nonce_str", url.QueryEscape(nonce))
	}
	if query.Has("sign") {
		return nil, errors.New("the query has a sign already; leave it out")
	}
	texts := make(map[string]string, len(query))
	for name, values := range query {
		if len(values) > 1 {
			return nil, fmt.Errorf("the query has %q twice; a signature covers one value of each name", name)
		}
		texts[name] = values[0]
	}
	sign, err := signer.V2SignOpen(texts["sign_type"], key, texts) // a browser may open it
	if err != nil {
		return nil, err
	}
	add("sign", sign)
	return &signed, nil
}
