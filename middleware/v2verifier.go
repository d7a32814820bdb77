package middleware

import (
	"errors"
	"net/http"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/signer"
)

// V2Verifier returns a middleware that verifies answers of APIv2. An answer with
// SUCCESS must have a valid sign, made with the merchant's APIv2 key. An answer with
// FAIL is verified if it has a sign, and [Exchange.Answer] reports the result. If an
// answer does not verify, the error is a [*signer.VerifyError].
//
// A signature of APIv2 covers the elements that contain text and occur once. Repeated
// elements and elements with children are read, but not verified.
//
// The platform does not sign the answers of some operations. As in [Verifier], the
// template of the call ([Exchange].Template) decides which. Texts, such as bills, and
// pages for users are accepted as they are, and may be streamed. Any other answer must
// at least be XML with a return_code, or a JSON object for appauth/getaccesstoken, so
// the page of a proxy is not accepted.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func V2Verifier(key string, opts ...Option) Middleware {
	return checked(v2Verifier{key, newSettings(opts)}.check)
}

type v2Verifier struct {
	key string
	settings
}

func (v v2Verifier) check(req *http.Request, resp *http.Response) error {
	x := ExchangeOf(req.Context())
	x.setAnswer(resp, false)
	kind := kindOf(req, "v2/")
	long := kind.isLong()
	if long && x.Stream && resp.StatusCode == http.StatusOK && !apiv2.IsXML(resp) {
		return nil
	}
	failed := resp.StatusCode/100 != 2
	answer, err := ReadBody(resp, v.maxBytes)
	if !failed && !long && errors.Is(err, ErrTooLong) {
		resp.Body = body.Hold(body.Content{}) // half of it is nothing to look at
		err = notPlatforms(err)
	}
	if err != nil {
		return err
	}
	held := body.Hold(body.Content{Bytes: answer})
	resp.Body = held
	switch {
	case failed:
		return nil
	case kind != signedAnswer:
		return checkUnsigned(kind, held)
	}
	if held.XML, err = held.Document(); err != nil {
		return notPlatforms(err)
	}
	texts := held.XML.Texts()
	err = signer.V2Verify(v.key, texts)
	if err != nil && apiv2.Succeeded(texts["return_code"]) && apiv2.Succeeded(texts["result_code"]) {
		return err
	}
	x.setAnswer(resp, err == nil)
	return nil
}

// V2Succeeded reports whether a return_code or a result_code reports no failure.
//
// Deprecated: Nothing outside this module needs it. It goes in the version after
// next.
func V2Succeeded(code string) bool { return apiv2.Succeeded(code) }

// IsXML reports whether the body of resp starts as XML does. What it looks at
// can still be read.
//
// Deprecated: Nothing outside this module needs it. It goes in the version after
// next.
func IsXML(resp *http.Response) bool { return apiv2.IsXML(resp) }
