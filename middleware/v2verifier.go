package middleware

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// V2Verifier checks that answers of APIv2 come from the platform: one that says
// SUCCESS must carry a sign, made with the merchant's APIv2 key, that holds. An
// answer that says FAIL is checked when it is signed, and [Exchange.Answer]
// tells the outcome. The error of an answer that does not verify is a
// [*signer.VerifyError].
//
// The platform signs no answer on the paths of [V2Unsigned]; those pass, and
// may be streamed.
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
	unsigned := V2Unsigned(req.URL.Path)
	if unsigned && x.Stream && resp.StatusCode == http.StatusOK && !IsXML(resp) {
		return nil
	}
	body, err := ReadBody(resp, v.maxBytes)
	if err != nil {
		return err
	}
	resp.Body = newHeld(body)
	if unsigned || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil
	}
	fields, err := xmlmap.Decode(body)
	if err != nil {
		return &signer.VerifyError{Reason: signer.ReasonSignature, Err: fmt.Errorf("the answer has no signature to verify: %w", err)}
	}
	texts := make(map[string]string, len(fields))
	for name, value := range fields {
		if text, ok := value.(string); ok {
			texts[name] = text
		}
	}
	err = signer.V2Verify(v.key, texts)
	if err != nil && V2Succeeded(texts["return_code"]) && V2Succeeded(texts["result_code"]) {
		return err
	}
	x.setAnswer(resp, err == nil)
	return nil
}

// V2Succeeded tells whether a return_code or a result_code, which not every
// answer has, reports no failure.
func V2Succeeded(code string) bool { return code == "" || code == "SUCCESS" }

// IsXML tells whether the body of resp starts as the platform's XML does. What
// it looks at is still there to be read.
func IsXML(resp *http.Response) bool {
	r := bufio.NewReader(resp.Body)
	resp.Body = struct {
		io.Reader
		io.Closer
	}{r, resp.Body}
	start, _ := r.Peek(len("<xml>")) // what cannot be read, cannot be read later
	return bytes.HasPrefix(start, []byte("<xml>"))
}

// V2Unsigned tells whether the platform leaves its answers on an APIv2 path
// unsigned.
func V2Unsigned(path string) bool {
	_, found := slices.BinarySearch(v2Unsigned[:], path)
	return found
}

var v2Unsigned = [...]string{
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
	"/papay/entrustweb",
	"/papay/h5entrustweb",
	"/papay/partner/entrustweb",
	"/papay/partner/h5entrustweb",
	"/pay/downloadbill",
	"/pay/downloadfundflow",
	"/payitil/report",
	"/risk/getpublickey",
	"/risk/getviolation",
	"/secapi/mch/submchmanage",
	"/xdc/apiv2getsignkey/sign/getsignkey",
}
