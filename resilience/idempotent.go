package resilience

import (
	"net/http"

	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/outgoing"
	"github.com/wxchain/wechatpay/signer"
)

var errSign = signer.ErrSign

// Idempotent reports whether req can be sent twice without a second effect, and returns
// the merchant's number that makes it so, such as the value of out_refund_no. The facts
// are those of [openapi.Operation.Repeat].
//
// A GET is safe without a number, and so is an operation whose repetition is documented
// to give the same result without one. Any other request is safe only if it has its
// number. Never safe are operations with a second effect, operations that are not in the
// catalogue, and payments by a code that the shop has scanned: query these.
//
// Idempotent does not consume the body of req.
//
// [openapi.Operation.Repeat]: https://pkg.go.dev/github.com/wxchain/wechatpay/openapi#Operation
func Idempotent(req *http.Request) (number string, ok bool) {
	switch outgoing.Method(req) {
	case http.MethodGet, http.MethodHead:
		return "", true
	}
	op := outgoing.Operation(req)
	if op == nil || op.ByCode {
		return "", false
	}
	switch op.Class {
	case operation.SameResult, operation.ErrorSaysDone, operation.Harmless:
		number = outgoing.Number(op, req)
		return number, number != "" || op.Class == operation.SameResult && op.Number == ""
	}
	return "", false
}
