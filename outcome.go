package wechatpay

import (
	"errors"
	"net/http"

	"github.com/wxchain/wechatpay/middleware"
)

// An Outcome is the result of a call. It determines what to do next.
type Outcome = middleware.Outcome

// The outcomes.
const (
	// OutcomeUnknown means that the platform may have done what you asked: query
	// it, or repeat it with the same merchant's number. This follows a network
	// failure, an answer of 5xx, an answer that cannot be verified or is not the
	// platform's, and codes such as SYSTEM_ERROR.
	OutcomeUnknown = middleware.OutcomeUnknown
	// OutcomeDone means that err is nil.
	OutcomeDone = middleware.OutcomeDone
	// OutcomeNotSent means that nothing left this process: the configuration, the
	// template, an option, the signature or a field was wrong, or a connection could
	// not be made.
	OutcomeNotSent = middleware.OutcomeNotSent
	// OutcomeRefused means that the platform finally refused: change the request.
	OutcomeRefused = middleware.OutcomeRefused
	// OutcomeLater means that the platform did nothing and you may repeat the
	// call later with the same merchant's number: 429, FREQUENCY_LIMITED,
	// RATELIMIT_EXCEEDED.
	OutcomeLater = middleware.OutcomeLater
)

// OutcomeOf returns the outcome of a call from the error that its verb returned.
//
// A 4xx whose JSON has a code is [OutcomeRefused]. A 4xx without a code may come
// from a proxy and is [OutcomeUnknown]. Three other kinds of answer are
// OutcomeUnknown too: a refund's 429; every status but 200 of
// v3/fund-app/mch-transfer/transfer-bills; and codes such as ORDERPAID of an
// operation that answers a repeated call with them, because an earlier process
// may have made the call. [openapi.Operation.Repeat] decides this for each
// operation.
//
// If something in the stack repeats the call, all attempts count: the outcome is
// OutcomeUnknown if an earlier attempt may have been carried out and the last one
// does not settle it.
//
// [openapi.Operation.Repeat]: https://pkg.go.dev/github.com/wxchain/wechatpay/openapi#Operation
func OutcomeOf(err error) Outcome {
	if err == nil {
		return OutcomeDone
	}
	refused, local := (*Error)(nil), (*fault)(nil)
	switch {
	case errors.As(err, new(*PanicError)): // at any point of the work
		return OutcomeUnknown
	case errors.As(err, &refused):
		return refused.outcome()
	case errors.As(err, &local) && local.entered:
		return local.outcome
	case local != nil:
		return OutcomeNotSent
	case errors.Is(err, ErrVerify):
		return OutcomeUnknown
	case errors.Is(err, ErrConfig), errors.Is(err, ErrTemplate), errors.Is(err, ErrOption):
		return OutcomeNotSent
	}
	return middleware.OutcomeOf(nil, nil, err)
}

func (e *Error) outcome() Outcome {
	if e.Response != nil {
		return middleware.OutcomeOfAnswer(e.Response.Request, e.StatusCode, e.Response.code())
	}
	return middleware.OutcomeOfAnswer(nil, e.StatusCode, e.Code)
}

// Outcome returns the outcome of a call that was answered without an error. It is
// [OutcomeDone], except for an answer of 202: that is [OutcomeUnknown] unless 202
// is the documented answer of the operation. With HTTPErrors(false) it is what
// [OutcomeOf] would return for the error.
func (r *Response) Outcome() Outcome {
	return middleware.OutcomeOfAnswer(r.Request, r.StatusCode, r.code())
}

// code returns the platform's code in the body, or "".
func (r *Response) code() string {
	ok := r.StatusCode >= 200 && r.StatusCode <= 299
	if ok && !r.isV2 && r.StatusCode != http.StatusAccepted || len(r.json) == 0 {
		return "" // a field named code belongs to the answer
	}
	return middleware.AnswerCode(r.isV2, r.body)
}
