package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// A Refusal is an answer that refuses a request.
type Refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// A Fault is a refusal that a request gets in place of its answer.
type Fault struct {
	*Refusal
	After bool // once what was asked is done
	Met   bool
}

// Meet returns the refusal of the request's fault, if it comes after what was
// asked is done, or before, as the caller says. Without such a fault it returns nil.
func (in *Request) Meet(after bool) error {
	if in.Fault == nil || in.Fault.After != after {
		return nil
	}
	in.Fault.Met = true
	return in.Fault.Refusal
}

// A FieldDetail names the field of a request that is at fault.
type FieldDetail struct {
	Field    string `json:"field"`
	Value    any    `json:"value,omitempty"`
	Issue    string `json:"issue"`
	Location string `json:"location"`
}

// ParamError refuses the value of a field, such as "/amount/total".
func ParamError(location, field string, value any, issue string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: field + ": " + issue,
		Detail: FieldDetail{field, value, issue, location}}
}

// BadField returns ParamError for a field of the body.
func BadField(field string, value any, issue string) *Refusal {
	return ParamError("body", field, value, issue)
}

// Invalid refuses a request that cannot be carried out.
func Invalid(message string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: message}
}

// Failed returns the refusal for a failure of the sandbox itself. The caller does
// not learn the reason.
func Failed() *Refusal {
	return &Refusal{Status: http.StatusInternalServerError, Code: "SYSTEM_ERROR", Message: "the sandbox failed; repeat the request as it was"}
}

// JSON returns the refusal as a reply with JSON.
func (r *Refusal) JSON() Reply {
	body, err := plainjson.Encode(r)
	if err != nil {
		body = []byte(`{"code":"SYSTEM_ERROR","message":"the sandbox failed"}`)
	}
	return Reply{Status: r.Status, ContentType: TypeJSON, Body: body, Code: r.Code}
}

// Fingerprint returns a text that differs for different parameters and does not
// depend on the order of their fields.
func Fingerprint(kind, raw string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber() // as float64, two large amounts could be equal
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "", err
	}
	text, err := plainjson.Encode([]any{kind, v}) // maps are written sorted
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
