package sandbox

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// staleBy is how old a stale timestamp is: twice what holds.
const staleBy = 10 * time.Minute

// begin is what a fault does to a request before it is looked at. The error is
// the answer.
func (s *Server) begin(in *inbound, f Fault) error {
	switch f.Kind {
	case FaultDelay:
		s.pause(in.ctx, f.Delay)
	case FaultRefuse:
		s.requests.add(in, reply{}, f.Kind)
		panic(http.ErrAbortHandler)
	case FaultError:
		return &refusal{Status: f.status(), Code: "SYSTEM_ERROR", Message: "the system failed; repeat the request as it was"}
	case FaultUnavailable:
		return &refusal{Status: f.status(), Code: "SERVICE_UNAVAILABLE", Message: "the service is unavailable; repeat the request later"}
	case FaultTooMany:
		return &refusal{Status: f.status(), Code: "FREQUENCY_LIMITED", Message: "too many requests; slow down"}
	case FaultRotate:
		return s.rotate()
	}
	return nil
}

// status is what a fault answers, or 0.
func (f Fault) status() int {
	status, _ := strconv.Atoi(string(f.Kind)) // the other kinds are no numbers
	return status
}

// pause waits for d, the end of the request, or that of the sandbox.
func (s *Server) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.timetable.Done():
	}
}

// sealWith signs an answer, as well as the fault lets it.
func (s *Server) sealWith(f Fault, in *inbound, out *reply, h http.Header) error {
	if f.Kind == FaultTimestamp {
		clock := in.clock
		in.clock = func() time.Time { return clock().Add(-staleBy) }
	}
	if err := f.spoilV2(out); err != nil {
		return err
	}
	if err := s.seal(in, out, h); err != nil {
		return err
	}
	f.spoil(h)
	return nil
}

// spoilV2 makes the sign of an answer of APIv2 another one.
func (f Fault) spoilV2(out *reply) error {
	if f.Kind != FaultSignature || out.contentType != typeXML {
		return nil
	}
	fields, err := xmlmap.Decode(out.body)
	if err != nil {
		return err
	}
	if sign, ok := fields["sign"].(string); ok {
		fields["sign"] = strings.Repeat("0", len(sign))
	}
	out.body, err = xmlmap.Encode(fields)
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
func (f Fault) send(w http.ResponseWriter, out reply) {
	if f.Kind == FaultDelay { // the delay is not the client's
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // where there is a network
	}
	if f.Kind != FaultCut {
		out.write(w)
		return
	}
	if n := len(out.body); n > 0 {
		out.head(w)
		_, _ = w.Write(out.body[:n/2])
		_ = http.NewResponseController(w).Flush() // where there is no network, what is written is sent
	}
	panic(http.ErrAbortHandler)
}
