package sandbox

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// staleBy is the age of a stale timestamp: twice what is accepted.
const staleBy = 10 * time.Minute

// begin applies a fault to a request before it is processed. The error is the
// answer.
func (s *Server) begin(in *wire.Request, f setFault) error {
	switch f.Kind {
	case FaultDelay:
		s.pause(in.Ctx, f.Delay)
	case FaultRefuse:
		s.remember(in, wire.Reply{}, f, http.Header{})
		panic(http.ErrAbortHandler)
	case FaultRotate:
		return s.issuer.Rotate(s.wall())
	}
	no, err := f.refusal(in.Op)
	if err != nil {
		return nil
	}
	in.Fault = &wire.Fault{Refusal: no, After: f.After}
	if f.After || f.Kind == FaultCode {
		return nil // the protocol answers with it
	}
	return in.Meet(false)
}

var errNoRefusal = fmt.Errorf("only %q, %q, %q and %q answer with a code", FaultCode, FaultError, FaultUnavailable, FaultTooMany)

// refusal returns the refusal that a fault answers the calls of an operation with.
// The error says that it does not answer with one.
func (f Fault) refusal(op *openapi.Operation) (*wire.Refusal, error) {
	switch f.Kind {
	case FaultError:
		return &wire.Refusal{Status: f.status(), Code: "SYSTEM_ERROR", Message: "the system failed; repeat the request as it was"}, nil
	case FaultUnavailable:
		return &wire.Refusal{Status: f.status(), Code: "SERVICE_UNAVAILABLE", Message: "the service is unavailable; repeat the request later"}, nil
	case FaultTooMany:
		return &wire.Refusal{Status: f.status(), Code: tooMany(op), Message: "too many requests; slow down"}, nil
	case FaultCode:
		status, when := documented(op, f.Code)
		return &wire.Refusal{Status: cmp.Or(f.Status, status, http.StatusBadRequest), Code: f.Code, Message: cmp.Or(f.Message, when, f.Code)}, nil
	}
	return nil, errNoRefusal
}

// tooMany returns the code of 429: that of cash coupons has another name.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter9_1_3.shtml
func tooMany(op *openapi.Operation) string {
	if op != nil && strings.HasPrefix(op.Template, "v3/marketing/favor/") {
		return "FREQUENCY_LIMIT_EXCEED"
	}
	return "FREQUENCY_LIMITED"
}

// documented returns the documented status and meaning of a code of the operation,
// or the status that another operation has for it.
func documented(op *openapi.Operation, code string) (status int, when string) {
	find := func(op *openapi.Operation) (e openapi.ErrorCode) {
		list := op.Errors()
		if i := slices.IndexFunc(list, func(e openapi.ErrorCode) bool { return e.Code == code }); i >= 0 {
			e = list[i]
		}
		return e
	}
	if op == nil {
		return 0, ""
	}
	own := find(op)
	for other := range openapi.Operations() {
		if own.Status != 0 {
			break
		}
		own.Status = find(other).Status
	}
	return own.Status, own.When
}

// status returns the status that a fault answers with, whatever the protocol, or 0.
func (f Fault) status() int {
	if f.Status != 0 {
		return f.Status
	}
	status, _ := strconv.Atoi(string(f.Kind)) // the other kinds are not numbers
	return status
}

// pause waits for d, or until the request or the sandbox ends.
func (s *Server) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.timetable.Done():
	}
}

// seal signs an answer as far as the fault allows.
func (f Fault) seal(by protocol, in *wire.Request, out *wire.Reply, h http.Header) error {
	if f.Kind == FaultTimestamp {
		clock := in.Clock
		in.Clock = func() time.Time { return clock().Add(-staleBy) }
	}
	if err := f.spoilV2(out); err != nil {
		return err
	}
	if err := by.Seal(in, out, h); err != nil {
		return err
	}
	f.spoil(h)
	return nil
}

// spoilV2 makes the sign of an answer of APIv2 another one.
func (f Fault) spoilV2(out *wire.Reply) error {
	if f.Kind != FaultSignature || out.ContentType != wire.TypeXML {
		return nil
	}
	fields, err := xmlmap.Decode(out.Body)
	if err != nil {
		return err
	}
	if sign, ok := fields["sign"].(string); ok {
		fields["sign"] = strings.Repeat("0", len(sign))
	}
	out.Body, err = xmlmap.Encode(fields)
	return err
}

// spoil makes the seal of an answer of APIv3 another one.
func (f Fault) spoil(h http.Header) {
	switch f.Kind {
	case FaultSignature:
		spoilt, _ := base64.StdEncoding.DecodeString(h.Get("Wechatpay-Signature")) // made here
		for i := range spoilt {
			spoilt[i] ^= 1
		}
		setThere(h, "Wechatpay-Signature", base64.StdEncoding.EncodeToString(spoilt))
	case FaultSerial:
		setThere(h, "Wechatpay-Serial", strings.Repeat("5A", 20))
	}
}

// setThere changes a header that is there.
func setThere(h http.Header, name, value string) {
	if h.Get(name) != "" {
		h.Set(name, value)
	}
}

// send writes an answer, or its beginning.
func (f Fault) send(w http.ResponseWriter, out wire.Reply) {
	if f.Kind == FaultDelay { // the delay is not the client's
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // where there is a network
	}
	if f.Kind != FaultCut {
		out.Write(w)
		return
	}
	if n := len(out.Body); n > 0 {
		out.WriteHead(w)
		_, _ = w.Write(out.Body[:n/2])
		_ = http.NewResponseController(w).Flush() // where there is no network, what is written is sent
	}
	panic(http.ErrAbortHandler)
}
