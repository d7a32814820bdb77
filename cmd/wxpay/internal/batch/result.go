package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
)

// A result is the outcome of one line of the input, and one line of the
// results.
type result struct {
	Line      int64           `json:"line"`
	Status    int             `json:"status,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
	Body      json.RawMessage `json:"body,omitempty"`
	Error     *lineError      `json:"error,omitempty"`
	Attempts  int             `json:"attempts,omitempty"`
	// Again reports whether the next run sends the line again: the error may be
	// temporary, and sending the line twice is harmless.
	Again bool `json:"again,omitempty"`

	outcome wechatpay.Outcome
	kept    bool // the ledger has a mark of the line
	mark    mark
}

// A lineError says why a call failed.
type lineError struct {
	Kind    errorKind       `json:"kind"`
	Code    string          `json:"code,omitempty"`
	Message string          `json:"message"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

type errorKind string

const (
	refusedKind errorKind = "refused"      // the platform refused the call
	networkKind errorKind = "network"      // there was no answer
	verifyKind  errorKind = "verification" // the answer could not be verified as the platform's
	notSentKind errorKind = "not sent"     // the call is invalid
	unknownKind errorKind = "unknown"      // the call may have been done and is not sent again
)

// label returns the name under which the result is counted.
func (r result) label() string {
	switch {
	case r.Error == nil && r.Status == http.StatusAccepted && r.Again:
		return acceptedLabel
	case r.Error == nil:
		return ""
	case r.Error.Kind == refusedKind:
		return fmt.Sprintf("%d %s", r.Status, r.Error.Code)
	}
	return string(r.Error.Kind)
}

// acceptedLabel is the name under which accepted calls that are not done yet
// are counted.
const acceptedLabel = "202 accepted, not done"

// become turns the result into one that is not sent again. It adds advice to
// the platform's message.
func (r *result) become(kind errorKind, advice string) {
	if r.Error == nil {
		r.Error = &lineError{Message: fmt.Sprintf("the answer is %d", r.Status)}
	}
	r.Error.Kind, r.Again = kind, false
	r.Error.Message += "; " + advice
}

// answered records an answer without an error.
func answered(resp *wechatpay.Response) result {
	r := result{Status: resp.StatusCode, RequestID: resp.RequestID(), outcome: resp.Outcome()}
	if text := json.RawMessage(resp.JSON().Raw); json.Valid(text) {
		r.Body = text
	} else if len(resp.Bytes()) > 0 {
		r.Body, _ = json.Marshal(string(resp.Bytes())) // marshalling a string cannot fail
	}
	return r
}

// failed records the error that a call ended with.
func failed(err error) result {
	refused, bad := (*wechatpay.Error)(nil), (*wechatpay.VerifyError)(nil)
	r := result{Error: &lineError{Kind: networkKind, Message: err.Error()}, outcome: wechatpay.OutcomeOf(err)}
	switch {
	case errors.As(err, &refused):
		r.Status, r.RequestID = refused.StatusCode, refused.RequestID
		*r.Error = lineError{Kind: refusedKind, Code: refused.Code, Message: refused.Message}
		if text := json.RawMessage(refused.Detail.Raw); json.Valid(text) {
			r.Error.Detail = text
		}
	case errors.Is(err, wechatpay.ErrVerify):
		r.Error.Kind = verifyKind
		if errors.As(err, &bad) && bad.Response != nil {
			r.Status, r.RequestID = bad.Response.StatusCode, bad.Response.RequestID()
		}
	case errors.Is(err, wechatpay.ErrConfig), errors.Is(err, wechatpay.ErrOption), errors.Is(err, wechatpay.ErrTemplate),
		errors.Is(err, wechatpay.ErrSign), errors.As(err, new(*openapi.ValidationError)):
		r.Error.Kind = notSentKind
	}
	return r
}

// passes reports whether the error of a call may disappear when the call is
// repeated.
func (r result) passes() bool {
	switch {
	case r.Error == nil:
		return false
	case r.Error.Kind == networkKind:
		return true
	case r.Error.Kind != refusedKind:
		return false
	case r.outcome == wechatpay.OutcomeLater:
		return true
	case r.outcome != wechatpay.OutcomeUnknown:
		return false
	}
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	// These codes, such as SYSTEM_ERROR, leave the outcome of every operation
	// open.
	return r.Error.Code != "" && middleware.OutcomeOfAnswer(nil, http.StatusBadRequest, r.Error.Code) == wechatpay.OutcomeUnknown
}

// appendTo appends the result to b as one line.
func (r result) appendTo(b *bytes.Buffer) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
