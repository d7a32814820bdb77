package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// V2Signer returns a middleware that signs every request of APIv2 with the merchant's
// APIv2 key. It adds nonce_str, unless the request has one or the [Exchange] is
// Nonceless, and sign, by the request's sign_type. It adds them to the XML body, or to
// the query if there is no body. An upload, which is a streamed form, gets a part sign
// that covers its other text parts. Any other multipart body is sent unchanged. If a
// request cannot be signed, it is not sent, and the error wraps [signer.ErrSign].
//
// V2Signer refuses a value that can be read as several fields: in a body by the rules
// of [signer.V2Sign], in a query by those of [signer.V2SignOpen].
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func V2Signer(key string, opts ...Option) Middleware {
	o := newSettings(opts)
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			sending := newSending(req, o.clock)
			signed := &sending.signed
			if err := signV2(key, o, signed, &sending.held); err != nil {
				if !errors.Is(err, signer.ErrSign) {
					err = fmt.Errorf("%w: %w", signer.ErrSign, err)
				}
				return nil, err
			}
			if h, ok := signed.Body.(*body.Held); ok {
				sending.body = h.Bytes
			}
			return next.RoundTrip(signed)
		})
	}
}

// signV2 signs a copy of a request. Its body becomes held.
func signV2(key string, o settings, req *http.Request, held *body.Held) error {
	x := ExchangeOf(req.Context())
	if x.isStreamed() {
		return signForm(key, req)
	}
	content, err := requestBody(req)
	if err != nil {
		return err
	}
	if strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/") {
		body.Replace(held, req, content)
		return nil
	}
	nonce := ""
	if !x.Nonceless {
		nonce = o.nonce()
	}
	if len(content.Bytes) == 0 {
		req.URL, err = signQuery(key, nonce, req.URL)
		return err
	}
	d, err := content.Document()
	if err != nil {
		return fmt.Errorf("the body: %w", err)
	}
	if d, err = signXML(key, nonce, d); err != nil {
		return err
	}
	body.SetIn(held, req, body.Content{Bytes: d.Bytes(), XML: d})
	return nil
}

func signXML(key, nonce string, d *xmlmap.Document) (*xmlmap.Document, error) {
	if d.Fields()["nonce_str"] == nil && nonce != "" {
		var err error
		if d, err = d.With("nonce_str", nonce); err != nil {
			return nil, err
		}
	}
	// Elements inside of elements have no part in the signature.
	texts := d.Texts()
	sign, err := signer.V2Sign(texts["sign_type"], key, texts)
	if err != nil {
		return nil, err
	}
	return d.With("sign", sign)
}

func signQuery(key, nonce string, u *url.URL) (*url.URL, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the query is not escaped correctly")
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
