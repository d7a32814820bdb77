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

// A result is what became of a line, and a line of the results.
type result struct {
	Line      int64           `json:"line"`
	Status    int             `json:"status,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
	Body      json.RawMessage `json:"body,omitempty"`
	Error     *lineError      `json:"error,omitempty"`
	Attempts  int             `json:"attempts,omitempty"`
	// Again tells that the line is sent again when the batch is run again: its
	// error may pass, and to send it twice does no harm.
	Again bool `json:"again,omitempty"`

	outcome wechatpay.Outcome
	kept    bool // it is in the ledger, under mark
	mark    mark
}

// A lineError is why a call failed.
type lineError struct {
	Kind    errorKind       `json:"kind"`
	Code    string          `json:"code,omitempty"`
	Message string          `json:"message"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

type errorKind string

const (
	refusedKind errorKind = "refused"      // by the platform
	networkKind errorKind = "network"      // there is no answer
	verifyKind  errorKind = "verification" // the answer is not shown to be the platform's
	notSentKind errorKind = "not sent"     // something is wrong with the call
	unknownKind errorKind = "unknown"      // it may have been done, and is not sent again
)

// label is what results are counted by.
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

// acceptedLabel is what results are counted by that are not done yet.
const acceptedLabel = "202 accepted, not done"

// become makes the result one that is not sent again. advice is said after what the
// platform said.
func (r *result) become(kind errorKind, advice string) {
	if r.Error == nil {
		r.Error = &lineError{Message: fmt.Sprintf("the answer is %d", r.Status)}
	}
	r.Error.Kind, r.Again = kind, false
	r.Error.Message += "; " + advice
}

// answered is the result of a call that had an answer and no error.
func answered(resp *wechatpay.Response) result {
	r := result{Status: resp.StatusCode, RequestID: resp.RequestID(), outcome: resp.Outcome()}
	if text := json.RawMessage(resp.JSON().Raw); json.Valid(text) {
		r.Body = text
	} else if len(resp.Bytes()) > 0 {
		r.Body, _ = json.Marshal(string(resp.Bytes())) // of a string, it cannot fail
	}
	return r
}

// failed is the result of a call that ended in an error.
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

// passes reports whether the error of a call may be gone when it is made again.
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
	// Codes that leave the outcome open for every operation, such as SYSTEM_ERROR.
	return r.Error.Code != "" && middleware.OutcomeOfAnswer(nil, http.StatusBadRequest, r.Error.Code) == wechatpay.OutcomeUnknown
}

// appendTo appends the result as a line.
func (r result) appendTo(b *bytes.Buffer) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
