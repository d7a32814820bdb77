package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/wxchain/wechatpay"
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

	begun bool // it is in the ledger
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
	unknownKind errorKind = "unknown"      // it may have been done, and must not be sent twice
)

// label is what results are counted by.
func (r result) label() string {
	switch {
	case r.Error == nil:
		return ""
	case r.Error.Kind == refusedKind:
		return fmt.Sprintf("%d %s", r.Status, r.Error.Code)
	}
	return string(r.Error.Kind)
}

// answered is the result of a call that was done.
func answered(resp *wechatpay.Response) result {
	r := result{Status: resp.StatusCode, RequestID: resp.RequestID()}
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
	r := result{Error: &lineError{Kind: networkKind, Message: err.Error()}}
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

// passes tells an error that may be gone when the call is made again.
func (r result) passes() bool {
	if r.Error == nil {
		return false
	}
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return r.Error.Kind == refusedKind
	}
	const systemError = "SYSTEMERROR" // of APIv2, whose refusals have the status 200
	return r.Error.Kind == networkKind || r.Error.Code == systemError
}

// isUnknown tells a call that may or may not have been done; err is that of the
// call.
func (r result) isUnknown(err error) bool {
	if r.Error == nil || r.Error.Kind == notSentKind || r.Status == http.StatusTooManyRequests {
		return false
	}
	dialing := (*net.OpError)(nil)
	if r.Error.Kind == networkKind {
		return !errors.As(err, &dialing) || dialing.Op != "dial" && dialing.Op != "proxyconnect"
	}
	// Whoever gave up waiting may have handed the call on before.
	return r.Error.Kind == verifyKind || r.passes() || r.Status >= http.StatusInternalServerError || r.Status == http.StatusRequestTimeout
}

// appendTo appends the result as a line.
func (r result) appendTo(b *bytes.Buffer) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
