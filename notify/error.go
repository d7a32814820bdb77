package notify

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/signer"
)

// ErrProbe marks a probe: the platform sometimes sends a notification with a wrong
// signature, which starts with WECHATPAY/SIGNTEST/, to check that you refuse it. A
// handler answers a probe with 401. You need not do anything.
var ErrProbe = signer.ErrProbe

// An Error says why a request was refused, and which status to answer it with:
//
//   - 400: the body did not arrive in time, could not be read, was read by something
//     else before, or is not a notification.
//   - 401: the request could not be verified as the platform's. The error wraps
//     [signer.ErrVerify], and a [*signer.VerifyError] has the reason. The
//     platform's probes get this status too; their error wraps [ErrProbe].
//   - 405: the request is not a POST.
//   - 413: the body is longer than 1 MiB.
//   - 500: the Receiver lacks a key; or the store of platform keys failed, and the
//     error wraps [signer.ErrVerify]; or the notification comes from the platform but
//     does not decrypt with the key of this merchant, and the error wraps
//     [cipher.ErrDecrypt].
//   - 503: [Receiver.Shutdown] was called.
//
// After any of these answers the platform sends a notification again.
type Error struct {
	StatusCode int
	Err        error // what exactly is wrong, and what to do about it
}

// Error says what is wrong, and what to do about it.
func (e *Error) Error() string { return "notify: " + e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func refuse(status int, format string, args ...any) error {
	return &Error{status, fmt.Errorf(format, args...)}
}

// unverified is the refusal of what did not verify. Where a store fails to find
// a key, nothing is known of the signature.
func unverified(err error) error {
	var v *signer.VerifyError
	if errors.As(err, &v) && v.Reason == signer.ReasonSerial && !errors.Is(err, signer.ErrUnknownSerial) {
		return &Error{http.StatusInternalServerError, err}
	}
	return &Error{http.StatusUnauthorized, err}
}
