package middleware

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/signer"
)

// An Outcome is the result of a call and tells you what to do next.
type Outcome int

// The outcomes. The zero value is the cautious one.
const (
	// OutcomeUnknown: the call may have been done. Query the result, or repeat the
	// call with the same merchant's number.
	OutcomeUnknown Outcome = iota
	// OutcomeDone: the call was done.
	OutcomeDone
	// OutcomeNotSent: nothing left this process.
	OutcomeNotSent
	// OutcomeRefused: the platform refused the call. Change the request.
	OutcomeRefused
	// OutcomeLater: the call was not done. Repeat it later with the same merchant's
	// number.
	OutcomeLater
)

// String is "unknown", "done", "not sent", "refused" or "later".
func (o Outcome) String() string {
	switch o {
	case OutcomeDone:
		return "done"
	case OutcomeNotSent:
		return "not sent"
	case OutcomeRefused:
		return "refused"
	case OutcomeLater:
		return "later"
	}
	return "unknown"
}

// ErrNotSent marks the error of a middleware that did not send a request. A middleware
// wraps it so that [OutcomeOf] reports [OutcomeNotSent].
var ErrNotSent = errors.New("not sent")

// OutcomeOf reports the outcome of req from the resp and err that a RoundTripper
// returned, one of which is nil. It reads the body of resp and puts it back. Earlier
// sendings of the same call count too: the outcome is [OutcomeUnknown] if one of them
// may have been done and the last one does not settle it.
func OutcomeOf(req *http.Request, resp *http.Response, err error) Outcome {
	if err != nil || resp == nil {
		return outcomeOfError(req, err)
	}
	code := CodeOf(req, resp)
	if req != nil && isLaterCode(code) {
		x := ExchangeOf(req.Context())
		if kindOfOperation(req.Method, x.operation(req.URL)).outcome(resp.StatusCode, code) == OutcomeLater {
			x.settle()
		}
	}
	return OutcomeOfAnswer(req, resp.StatusCode, code)
}

// outcomeOfError is the outcome of a request that has no answer.
func outcomeOfError(req *http.Request, err error) Outcome {
	var x *Exchange
	if req != nil {
		x, _ = req.Context().Value(exchangeKey{}).(*Exchange)
	}
	if x == nil {
		isNotSent := !errors.Is(err, signer.ErrVerify) &&
			(errors.Is(err, signer.ErrSign) || errors.Is(err, ErrNotSent) || isUnconnected(err))
		if isNotSent {
			return OutcomeNotSent
		}
		return OutcomeUnknown
	}
	s := x.counted()
	answer, _ := x.Answer()
	switch {
	case s.doubtful() > 0:
		return OutcomeUnknown
	case s.settled > 0:
		return OutcomeLater
	case answer != nil: // which a middleware made, or got in another way
		return OutcomeUnknown
	}
	return OutcomeNotSent
}

// OutcomeOfAnswer is [OutcomeOf] for an answer with a status and the platform's code.
// The code is "" if the answer has none, or is an APIv2 answer that reports success.
// req may be nil.
func OutcomeOfAnswer(req *http.Request, status int, code string) Outcome {
	if status == http.StatusOK && code == "" { // of every kind, after any sendings
		return OutcomeDone
	}
	var kind kind
	var doubt bool
	if req != nil {
		x := ExchangeOf(req.Context())
		path := x.operation(req.URL)
		kind = kindOfOperation(req.Method, path)
		s := x.counted()
		own := 1 // of the sendings that may have been done, this one
		if s.lastSettled {
			own = 0
		}
		doubt = s.doubtful() > own
	}
	o := kind.outcome(status, code)
	switch {
	case !doubt:
	case o == OutcomeLater, o == OutcomeNotSent:
		return OutcomeUnknown
	case o == OutcomeRefused && (kind&(saysDone|unguarded) != 0 || status == http.StatusUnauthorized || isDoneBeforeCode(code)):
		// This may refuse the repetition of what was done before, or says nothing
		// about it.
		return OutcomeUnknown
	}
	return o
}

// A kind is what is special about the answers of an operation.
type kind int

const (
	saysDone       kind = 1 << iota // a second request is refused, which may mean that the first was done
	unguarded                       // a second request may be done again
	acceptedIsDone                  // 202 is the documented answer
	isRefund                        // of APIv3
	onlyOK                          // no status but 200 tells
)

// kindOfOperation is what is special about the operation of a request, which may
// be spelled as a template or filled in.
func kindOfOperation(method, path string) (k kind) {
	// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/transfer-bill/transfer-to-user.html
	if method == http.MethodPost && strings.TrimPrefix(path, "/") == "v3/fund-app/mch-transfer/transfer-bills" {
		return onlyOK
	}
	op := operation.Find(method, path)
	if op == nil {
		return 0
	}
	switch op.Class {
	case operation.ErrorSaysDone:
		k = saysDone
	case operation.Unknown, operation.SecondEffect:
		k = unguarded
	case operation.SameResult:
		if op.Number == "out_refund_no" && !op.IsV2() {
			k = isRefund
		}
	}
	if op.AcceptedIsDone {
		k |= acceptedIsDone
	}
	return k
}

// isPutOff reports whether 429 says that the platform has not taken up a request.
// After a refund's that is not known.
//
// https://pay.weixin.qq.com/doc/global/v3/zh/4012354972
func isPutOff(method, path string) bool {
	return kindOfOperation(method, path)&(isRefund|onlyOK) == 0
}

// outcome is that of one request.
func (k kind) outcome(status int, code string) Outcome {
	ok := status/100 == 2
	switch {
	case k&onlyOK != 0 && status != http.StatusOK:
		return OutcomeUnknown
	case status == http.StatusAccepted && (code != "" || k&acceptedIsDone == 0):
		return OutcomeUnknown // accepted, not done
	case ok && code == "":
		return OutcomeDone
	case !ok && status/100 != 4, status == http.StatusRequestTimeout:
		return OutcomeUnknown
	case status == http.StatusTooManyRequests, isLaterCode(code):
		if k&isRefund != 0 {
			return OutcomeUnknown
		}
		return OutcomeLater
	case code == "", isUnknownCode(code), k&(saysDone|unguarded) != 0 && isDoneBeforeCode(code):
		return OutcomeUnknown
	}
	return OutcomeRefused
}

// isLaterCode reports whether code says that calls come too often. APIv2 says so
// with the status 200.
func isLaterCode(code string) bool {
	switch strings.ReplaceAll(code, "_", "") {
	case "FREQUENCYLIMITED", "FREQUENCYLIMITEXCEED", "FREQUENCYLIMITEXCEEDED", "FREQUENCYLIMIT", "FREQLIMIT",
		"RATELIMITED", "RATELIMITEXCEED", "RATELIMITEXCEEDED":
		return true
	}
	return false
}

// isUnknownCode reports whether code leaves open what became of the request.
//
// https://pay.weixin.qq.com/doc/v2/merchant/4011937125
func isUnknownCode(code string) bool {
	switch strings.ReplaceAll(code, "_", "") {
	case "SYSTEMERROR", "BANKERROR", "USERPAYING", "SERVICEUNAVAILABLE",
		noReason,
		"20001": // SYSTEMERROR of APIv2's bills
		return true
	}
	return false
}

// isDoneBeforeCode reports whether code says that what is asked for exists, or was
// done before, such as ORDERPAID, OUT_TRADE_NO_USED or RESOURCE_ALREADY_EXISTS.
func isDoneBeforeCode(code string) bool {
	code = strings.ReplaceAll(code, "_", "")
	for _, not := range [...]string{"NOTEXIST", "NOTPAID", "UNPAID", "NOTUSED", "NOTACCEPTED", "NOSTATEMENT"} {
		if strings.Contains(code, not) {
			return false
		}
	}
	for _, word := range [...]string{"ALREADY", "DUPLICATE", "REPEAT"} {
		if strings.Contains(code, word) {
			return true
		}
	}
	for _, end := range [...]string{"PAID", "USED", "EXIST", "EXISTS", "EXISTED", "ACCEPTED"} {
		if strings.HasSuffix(code, end) {
			return true
		}
	}
	return false
}

// noReason stands for the code of an APIv2 answer whose result_code is not SUCCESS
// and that gives no reason.
const noReason = "?"

// CodeOf returns the platform's code in an answer to req, or "". A 2xx answer of APIv3
// has none, except for 202: what looks like one is a field of the answer. CodeOf reads
// the body of resp and puts it back. If an answer cannot be read, or an APIv2 answer
// refuses without a code, the code is "?".
func CodeOf(req *http.Request, resp *http.Response) string {
	isV2 := isV2(req)
	switch ok := resp.StatusCode >= 200 && resp.StatusCode <= 299; {
	case isV2 && ok && !isXML(resp): // a bill, which may be long
		return ""
	case !isV2 && ok && resp.StatusCode != http.StatusAccepted:
		return ""
	}
	answer, err := ReadBody(resp, DefaultMaxBodyBytes)
	if err != nil {
		resp.Body = failedBody{err}
		return noReason
	}
	held, ok := resp.Body.(*body.Held)
	if !ok {
		held = body.Hold(body.Content{Bytes: answer})
		resp.Body = held
	}
	return answerCode(isV2, held.Content)
}

// isXML reports whether the body of an answer starts as XML does.
func isXML(resp *http.Response) bool {
	if held, ok := resp.Body.(*body.Held); ok {
		return apiv2.StartsAsXML(held.Bytes[:min(len(held.Bytes), 16)])
	}
	return apiv2.IsXML(resp)
}

// AnswerCode returns the platform's code in the body of an answer, for
// [OutcomeOfAnswer].
func AnswerCode(isV2 bool, b []byte) string { return answerCode(isV2, body.Content{Bytes: b}) }

func answerCode(isV2 bool, c body.Content) string {
	if isV2 {
		if d, err := c.Document(); err == nil {
			fields := d.Fields()
			text := func(name string) string {
				s, _ := fields[name].(string)
				return s
			}
			switch code, _, refused := apiv2.Refusal(text); {
			case !refused:
				return ""
			case code == "":
				return noReason
			default:
				return code
			}
		}
	}
	var answer struct{ Code string }
	if json.Unmarshal(c.Bytes, &answer) != nil {
		return "" // a proxy's
	}
	return answer.Code
}

// failedBody is the rest of a body that could not be read.
type failedBody struct{ err error }

func (b failedBody) Read([]byte) (int, error) { return 0, b.err }
func (failedBody) Close() error               { return nil }

// isV2 reports whether req is of APIv2, whose paths start with no version once
// they are sent.
func isV2(req *http.Request) bool {
	if req == nil {
		return false
	}
	x := ExchangeOf(req.Context())
	if first, _, _ := strings.Cut(x.Template, "/"); first != "" && first[0] != '{' {
		return strings.EqualFold(first, "v2")
	}
	return !strings.HasPrefix(req.Header.Get("Authorization"), "WECHATPAY2-") && strings.HasPrefix(req.Header.Get("Content-Type"), "text/xml")
}
