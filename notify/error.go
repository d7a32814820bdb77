package notify

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/signer"
)

// ErrProbe marks a probe: the platform sends some notifications with a wrong
// signature, which starts with WECHATPAY/SIGNTEST/, to see that they are refused.
// A probe is answered 401 and needs no attention.
var ErrProbe = signer.ErrProbe

// An Error says why a request is not taken for a notification, and with which
// status to answer it:
//
//   - 401: it could not be shown to come from the platform; [signer.ErrVerify],
//     with the reason in a [*signer.VerifyError]. The platform's probes
//     end here: [ErrProbe].
//   - 405: it is not a POST.
//   - 413: its body is longer than 1 MiB.
//   - 400: its body did not arrive in time, could not be read, was read by
//     something else before, or is not a notification.
//   - 500: the Receiver lacks a key; the notification could not be verified because
//     the store of platform keys failed, which is [signer.ErrVerify] too; or it is
//     the platform's but does not open with the key of this merchant,
//     [cipher.ErrDecrypt].
//   - 503: [Receiver.Shutdown] was called.
//
// With any of them the platform sends a notification again.
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
