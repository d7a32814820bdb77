package resilience

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/outgoing"
	"github.com/wxchain/wechatpay/internal/pause"
)

// ErrNoQuery is the error of [Resolve] for a call that it knows no query for.
var ErrNoQuery = errors.New("no query is known that settles the call")

// A State is the result of a call that [Resolve] looked up.
type State int

// The states. The zero value is the cautious one.
const (
	// StateOpen means that the platform does not know the call yet, or has not finished
	// it. Ask again later. A call that is not found may still be under way.
	StateOpen State = iota
	// StateDone means that the platform has done what the call asked for.
	StateDone
	// StateNotDone means that it was not done, and will not be.
	StateNotDone
)

// String is "open", "done" or "not done".
func (s State) String() string {
	switch s {
	case StateDone:
		return "done"
	case StateNotDone:
		return "not done"
	}
	return "open"
}

// A Resolution is what [Resolve] found out.
type Resolution struct {
	State State
	// Query is the operation that was asked, as "GET v3/refund/domestic/refunds/{out_refund_no}",
	// or "" if none was: the error itself settles the call.
	Query string
	// Number is the merchant's number of the call, or "".
	Number string
	// Status is the platform's word for the state, such as "PROCESSING", or its code if
	// it does not know the number.
	Status string
	// Response is the answer to the query, or nil.
	Response *wechatpay.Response
}

// Resolve looks up the result of a call whose outcome is unknown. err is the error that
// the call returned, and client is the client that made it.
//
// For orders, payments by code, refunds, transfers, red packets, profit sharing and its
// returns, of both protocols, Resolve waits as long as the platform needs and queries by
// the merchant's number. No query tells whether a coupon was sent under a number: Resolve
// sends the same request again, which gives the same coupon. Errors whose outcome is
// known settle a call without a query.
//
// For other operations the error wraps [ErrNoQuery] and names the query of the catalogue,
// if there is one. If the query fails, the state is [StateOpen], and the error is that of
// the query.
func Resolve(ctx context.Context, client *wechatpay.Client, err error) (Resolution, error) {
	switch wechatpay.OutcomeOf(err) {
	case wechatpay.OutcomeDone:
		return Resolution{State: StateDone}, nil
	case wechatpay.OutcomeUnknown:
	default:
		return Resolution{State: StateNotDone}, nil
	}
	req := wechatpay.RequestOf(err)
	if req == nil {
		return Resolution{}, fmt.Errorf("resilience.Resolve: %w: the error is not that of a call that was sent: %w", ErrNoQuery, err)
	}
	op := outgoing.Operation(req)
	if op == nil {
		return Resolution{}, fmt.Errorf("resilience.Resolve: %w: the catalogue has no such operation: %w", ErrNoQuery, err)
	}
	r := Resolution{Number: outgoing.Number(op, req)}
	s, ok := settlements()[op.String()]
	if !ok || r.Number == "" {
		hint := ""
		if op.Query != "" {
			hint = "; the catalogue names " + op.Query
		}
		return r, fmt.Errorf("resilience.Resolve: %w: %s%s", ErrNoQuery, op, hint)
	}
	if err := pause.For(ctx, s.wait); err != nil {
		return r, fmt.Errorf("resilience.Resolve: %w", err)
	}
	r.Query = s.query
	method, template, _ := strings.Cut(s.query, " ")
	resp, err := client.Chain(template).Do(ctx, method, s.options(op, req)...)
	return s.resolution(r, resp, err)
}

// resolution reads the answer to a query.
func (s settlement) resolution(r Resolution, resp *wechatpay.Response, err error) (Resolution, error) {
	var refused *wechatpay.Error
	switch isRefused := errors.As(err, &refused) && refused.Code != ""; {
	case isRefused && isNotFound(refused.Code):
		r.Status, r.Response = refused.Code, refused.Response
		return r, nil
	case err != nil:
		return r, fmt.Errorf("resilience.Resolve: %w", err)
	}
	r.Response = resp
	if s.state == "" { // what exists is done
		if resp.Outcome() == wechatpay.OutcomeDone {
			r.State = StateDone
		}
		return r, nil
	}
	r.Status = resp.Get(s.state).String()
	switch {
	case slices.Contains(s.done, r.Status):
		r.State = StateDone
	case slices.Contains(s.not, r.Status):
		r.State = StateNotDone
	}
	return r, nil
}

// isNotFound reports whether a code says that the platform does not know a number.
func isNotFound(code string) bool {
	code = strings.ReplaceAll(code, "_", "")
	return strings.Contains(code, "NOTEXIST") || strings.Contains(code, "NOTFOUND")
}

// options returns the options of the query about a call.
func (s settlement) options(op *operation.Operation, req *http.Request) []wechatpay.Option {
	value := func(name string) string { return outgoing.Field(op, req, name) }
	var opts []wechatpay.Option
	_, template, _ := strings.Cut(s.query, " ")
	for segment := range strings.SplitSeq(template, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			opts = append(opts, wechatpay.Bind(name, value(name)))
		}
	}
	if s.isRepeated {
		return append(opts, repeated(op, req))
	}
	fields := wechatpay.M{}
	for _, name := range s.fields {
		name, from, isRenamed := strings.Cut(name, "<")
		if !isRenamed {
			from = name
		}
		if name, fixed, isFixed := strings.Cut(name, "="); isFixed {
			fields[name] = fixed
		} else if v := value(from); v != "" {
			fields[name] = v
		}
	}
	switch {
	case op.IsV2():
		opts = append(opts, wechatpay.XML(fields))
	case len(fields) > 0:
		opts = append(opts, wechatpay.Query(fields))
	}
	return opts
}

// repeated returns the body of a call, to be sent once more.
func repeated(op *operation.Operation, req *http.Request) wechatpay.Option {
	content := outgoing.Content(req)
	if !op.IsV2() {
		return wechatpay.Body("application/json", bytes.NewReader(content.Bytes))
	}
	fields := wechatpay.M{}
	if d, err := content.Document(); err == nil {
		maps.Copy(fields, d.Fields())
	}
	delete(fields, "sign") // made anew, as is nonce_str
	delete(fields, "nonce_str")
	return wechatpay.XML(fields)
}
