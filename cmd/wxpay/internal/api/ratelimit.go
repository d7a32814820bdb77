package api

import (
	"fmt"
	"io"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/openapi"
)

// showRateLimits prints how often an operation may be called, a line for each
// documented limit.
func showRateLimits(w io.Writer, op *openapi.Operation) {
	for _, l := range op.RateLimits() {
		fmt.Fprintf(w, "limit: %s\n", rateLimit(l))
	}
}

// rateLimit says how many requests are allowed, and where that is documented.
func rateLimit(l openapi.RateLimit) string {
	what := "requests"
	if l.Requests == 1 {
		what = "request"
	}
	text := fmt.Sprintf("%d %s in %s", l.Requests, what, operation.Span(l.Within))
	switch l.Per {
	case "api":
	case "all merchants":
		text += ", of all merchants together"
	default:
		text += ", for each " + l.Per
	}
	if l.Only != "" {
		text += ", counting only " + l.Only
	}
	return fmt.Sprintf("%s (%s)", text, strings.TrimPrefix(l.Note+"; "+l.Page, "; "))
}
