package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// V2Verifier checks that answers of APIv2 come from the platform: one that says
// SUCCESS must carry a sign, made with the merchant's APIv2 key, that holds. An
// answer that says FAIL is checked when it is signed, and [Exchange.Answer]
// tells the outcome. The error of an answer that does not verify is a
// [*signer.VerifyError].
//
// A signature of APIv2 covers the elements that hold text and occur once: one
// that repeats, or has elements inside, is read but not vouched for.
//
// On some paths the platform signs no answer. Of these, a bill and a page that
// a user is shown pass as they are, and a bill may be streamed; any other answer
// must at least be the platform's XML, with a return_code, and not the page of
// a proxy.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func V2Verifier(key string, opts ...Option) Middleware {
	v := v2Verifier{key, newSettings(opts)}
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := roundTrip(next, req)
			if err != nil {
				return nil, err
			}
			if err := v.check(req, resp); err != nil {
				return nil, err
			}
			return resp, nil
		})
	}
}

type v2Verifier struct {
	key string
	settings
}

func (v v2Verifier) check(req *http.Request, resp *http.Response) error {
	x := ExchangeOf(req.Context())
	x.setAnswer(resp, false)
	kind := v2KindOf(strings.TrimSuffix(x.operation(req.URL), "/"))
	if kind == v2Free && x.Stream && resp.StatusCode == http.StatusOK && !apiv2.IsXML(resp) {
		return nil
	}
	free := kind == v2Free || resp.StatusCode < 200 || resp.StatusCode > 299
	body, err := ReadBody(resp, v.maxBytes)
	if !free && errors.Is(err, ErrTooLong) {
		resp.Body = newHeld(nil) // half of it is nothing to look at
		err = &signer.VerifyError{Reason: signer.ReasonSignature, Err: fmt.Errorf("the answer cannot be the platform's: %w", err)}
	}
	if err != nil {
		return err
	}
	resp.Body = newHeld(body)
	if free {
		return nil
	}
	fields, err := xmlmap.Decode(body)
	if err != nil {
		return &signer.VerifyError{Reason: signer.ReasonSignature, Err: fmt.Errorf("the answer cannot be the platform's: %w", err)}
	}
	if kind == v2Unsigned {
		if code, _ := fields["return_code"].(string); code == "" {
			return &signer.VerifyError{Reason: signer.ReasonSignature, Err: errors.New("the answer cannot be the platform's: it has no return_code")}
		}
		return nil
	}
	texts := make(map[string]string, len(fields))
	for name, value := range fields {
		if text, ok := value.(string); ok {
			texts[name] = text
		}
	}
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

// A v2Kind is how far an answer of APIv2 can be checked.
type v2Kind int

const (
	v2Signed   v2Kind = iota
	v2Unsigned        // XML without a sign
	v2Free            // a bill, or a page for a user
)

func v2KindOf(path string) v2Kind {
	switch path {
	case "/pay/downloadbill", "/pay/downloadfundflow",
		"/papay/entrustweb", "/papay/h5entrustweb", "/papay/partner/entrustweb", "/papay/partner/h5entrustweb":
		return v2Free
	}
	if _, found := slices.BinarySearch(v2UnsignedPaths[:], path); found {
		return v2Unsigned
	}
	return v2Signed
}

var v2UnsignedPaths = [...]string{
	"/mchrisk/querymchrisk",
	"/mchrisk/setmchriskcallback",
	"/mchrisk/syncmchriskresult",
	"/mmpaymkttransfers/gethbinfo",
	"/mmpaymkttransfers/gettransferinfo",
	"/mmpaymkttransfers/pay_bank",
	"/mmpaymkttransfers/promotion/paywwsptrans2pocket",
	"/mmpaymkttransfers/promotion/querywwsptrans2pocket",
	"/mmpaymkttransfers/promotion/transfers",
	"/mmpaymkttransfers/query_bank",
	"/mmpaymkttransfers/sendgroupredpack",
	"/mmpaymkttransfers/sendminiprogramhb",
	"/mmpaymkttransfers/sendredpack",
	"/payitil/report",
	"/risk/getpublickey",
	"/risk/getviolation",
	"/secapi/mch/submchmanage",
	"/xdc/apiv2getsignkey/sign/getsignkey",
}
