package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// An outcome says what is wrong with an error, or "".
type outcome func(error) string

func succeeds(err error) string {
	if err != nil {
		return "want none"
	}
	return ""
}

func unverified(reason string) outcome {
	return func(err error) string {
		var v *wechatpay.VerifyError
		if !errors.As(err, &v) || v.Reason != reason || !errors.Is(err, wechatpay.ErrVerify) {
			return "want a VerifyError of reason " + reason
		}
		return ""
	}
}

// answered is an Error of that status and code, which APIv2 spells without _ if
// it has one.
func answered(status int, code string) outcome {
	plain := strings.NewReplacer("_", "").Replace
	return func(err error) string {
		var e *wechatpay.Error
		if !errors.As(err, &e) || e.StatusCode != status || plain(e.Code) != plain(code) && e.Code != "FAIL" || !strings.Contains(plain(e.Error()), plain(code)) {
			return fmt.Sprintf("want an Error, %d %s", status, code)
		}
		return ""
	}
}

// broken returns an outcome that wants a network error and not an answer.
func broken(target error) outcome {
	return func(err error) string {
		var e *wechatpay.Error
		if errors.As(err, &e) || errors.Is(err, wechatpay.ErrVerify) || !errors.Is(err, target) {
			return fmt.Sprintf("want no answer, but %q", target)
		}
		return ""
	}
}

// outcomes are the outcomes of a call by its kind of answer: signed with a body;
// signed without one (204); of APIv2; and a file, which is not signed.
type outcomes struct{ body, empty, v2, file outcome }

func all(o outcome) outcomes { return outcomes{o, o, o, o} }

// sealed is of answers of APIv3 that are signed; what has no seal succeeds.
func sealed(o outcome) outcomes { return outcomes{o, o, succeeds, succeeds} }

var (
	late  = broken(context.DeadlineExceeded)
	ended = broken(io.EOF)
	cut   = broken(io.ErrUnexpectedEOF)
	wrong = unverified(signer.ReasonSignature)

	business = answered(403, "NOT_ENOUGH")
)

// Each kind of call meets each fault, by a network, and ends as it is
// documented to: an answer that is not the platform's is none. Once the fault is
// over, the same call succeeds.
func TestLibraryAgainstFaults(t *testing.T) {
	tests := []struct {
		fault sandbox.Fault
		want  outcomes
	}{
		{sandbox.Fault{Kind: sandbox.FaultDelay, Delay: time.Second}, all(succeeds)},
		{sandbox.Fault{Kind: sandbox.FaultDelay, Delay: time.Hour}, all(late)},
		{sandbox.Fault{Kind: sandbox.FaultRefuse}, all(ended)},
		{sandbox.Fault{Kind: sandbox.FaultCut}, outcomes{cut, ended, cut, cut}},
		{sandbox.Fault{Kind: sandbox.FaultError}, all(answered(500, "SYSTEM_ERROR"))},
		{sandbox.Fault{Kind: sandbox.FaultUnavailable}, all(answered(502, "SERVICE_UNAVAILABLE"))},
		{sandbox.Fault{Kind: sandbox.FaultTooMany}, all(answered(429, "FREQUENCY_LIMITED"))},
		{sandbox.Fault{Code: "NOT_ENOUGH", Kind: sandbox.FaultCode}, outcomes{business, business, answered(200, "NOT_ENOUGH"), business}},
		{sandbox.Fault{Kind: sandbox.FaultSignature}, outcomes{wrong, wrong, wrong, succeeds}},
		{sandbox.Fault{Kind: sandbox.FaultTimestamp}, sealed(unverified(signer.ReasonTimestamp))},
		{sandbox.Fault{Kind: sandbox.FaultSerial}, sealed(unverified(signer.ReasonSerial))},
		{sandbox.Fault{Kind: sandbox.FaultRotate}, sealed(unverified(signer.ReasonSerial))},
	}
	untested := slices.Clone(sandbox.FaultKinds)
	for _, tt := range tests {
		untested = slices.DeleteFunc(untested, func(kind sandbox.FaultKind) bool { return kind == tt.fault.Kind })
		tt.fault.Count = 1
		t.Run(fmt.Sprintf("%s %v", tt.fault.Kind, tt.fault.Delay), func(t *testing.T) {
			serve(t, func(t *testing.T, s *served) {
				// Of a connection that was used, a request that got no answer would be
				// sent again by net/http, if it changes nothing.
				s.transport.DisableKeepAlives = true
				// It knows the certificates of now, and not the public key.
				certified := s.newClient(t, func(c *wechatpay.Config) { c.PlatformKeys = certificatesOf(s.PlatformKeys()) })
				for _, c := range s.callsOfAllKinds(t, tt.want) {
					c.prepare(t)
					if err := s.Faults(tt.fault); err != nil {
						t.Fatal(err)
					}
					resp, err := c.call(certified, wechatpay.Timeout(time.Minute))
					if wrong := c.want(err); wrong != "" {
						t.Errorf("%s: error is %v, %s", c.name, err, wrong)
					}
					if (resp == nil) != (err != nil) {
						t.Errorf("%s: a Response and the error %v", c.name, err)
					}
					if left := s.FaultsLeft(); len(left) != 0 {
						t.Errorf("%s: the faults %v did not happen", c.name, left)
					}
					if _, err := c.call(s.client, wechatpay.Timeout(time.Minute)); err != nil {
						t.Errorf("%s, once the fault is over: %v", c.name, err)
					}
				}
			})
		})
	}
	if len(untested) > 0 {
		t.Errorf("no row has the faults %q", untested)
	}
}
