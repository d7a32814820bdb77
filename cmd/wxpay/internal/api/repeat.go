package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/openapi"
)

// showRepeat prints what a second request of an operation does. It prints
// nothing for a GET.
func showRepeat(w io.Writer, op *openapi.Operation) {
	r := op.Repeat
	if op.Method == http.MethodGet {
		return
	}
	sentences := []string{repetition(r.Class)}
	if r.Number != "" {
		sentences = append(sentences, fmt.Sprintf("The platform knows a request by %s in the %s.", r.Number, r.Where))
	}
	if remembered := operation.Memory(r); remembered != "" {
		sentences = append(sentences, "It remembers the number "+remembered+".")
	}
	if r.Interval > 0 {
		sentences = append(sentences, fmt.Sprintf("Leave at least %s between two requests with one number.", operation.Span(r.Interval)))
	}
	if r.Apart > 0 {
		sentences = append(sentences, fmt.Sprintf("Leave at least %s between two calls for one order.", operation.Span(r.Apart)))
	}
	if r.Query != "" {
		sentences = append(sentences, "Query with "+r.Query+".")
	}
	source := r.Page
	if r.Basis != "documented" {
		source = strings.TrimSpace("not documented: judged " + strings.ReplaceAll(r.Basis, "-", " ") + " " + r.Page)
	}
	fmt.Fprintf(w, "repetition: %s (%s)\n", strings.Join(sentences, " "), source)
}

// repetition says what a second request with the same bytes does.
func repetition(c openapi.RepeatClass) string {
	switch c {
	case openapi.RepeatSameResult:
		return "It is done once; a second request gives the same result."
	case openapi.RepeatErrorSaysDone:
		return "It is done once; a second request is refused, which may mean that the first was done."
	case openapi.RepeatHarmless:
		return "A second request does no harm."
	case openapi.RepeatSecondEffect:
		return "A second request is done a second time."
	}
	return "What a second request does is not documented."
}
