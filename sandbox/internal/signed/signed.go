// Package signed explains how the signature of a request was checked: what holds,
// what does not, and which text the signature fits if it is not the expected one.
package signed

import (
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// A Request is a request as it came, with the code and the message of its answer.
type Request struct {
	Method, Target, Path string
	Query                string
	Header               http.Header
	Body                 []byte
	Wall, Now            time.Time // of day, and by the clock of the sandbox
	Host                 string
	Op                   *openapi.Operation // nil if the catalogue lacks it
	Code, Message        string             // of a refusal
}

// A State is the result of a check.
type State string

// The results.
const (
	Good    State = "ok"
	Bad     State = "failed"
	Skipped State = "skipped" // an earlier check failed, or it does not apply
)

// A Check is one step of checking a signature. Why is the same sentence whatever the
// request.
type Check struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Sent   string `json:"sent,omitempty"`
	Wanted string `json:"wanted,omitempty"`
	Why    string `json:"why,omitempty"`
}

// An Explanation is how the signature of a request was checked. Fits is the text that
// the signature fits if that is not Expected, with what was done to it, where such a
// text was found.
type Explanation struct {
	Checks   []Check  `json:"checks"`
	Expected string   `json:"expected,omitempty"`
	Fits     string   `json:"fits,omitempty"`
	Changes  []string `json:"changes,omitempty"`
}

func (e *Explanation) add(name string, ok bool, sent, wanted, why string) bool {
	c := Check{Name: name, State: Good, Sent: sent, Wanted: wanted}
	if !ok {
		c.State, c.Why = Bad, why
	}
	e.Checks = append(e.Checks, c)
	return ok
}

// skip adds checks that were not reached.
func (e *Explanation) skip(names ...string) {
	for _, name := range names {
		e.Checks = append(e.Checks, Check{Name: name, State: Skipped})
	}
}

// An Explainer explains requests to the merchants of a sandbox.
type Explainer struct {
	Merchants map[string]party.Caller // by mchid
	Schemes   []string
}

// shown is how much of a header is shown, in bytes.
const shown = 1 << 10

func short(text string) string { return text[:min(len(text), shown)] }
