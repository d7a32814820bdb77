package sandbox

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// A refusal is an answer that says no.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	CodeV2  string `json:"-"` // of APIv2, when it is not Code
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

// A fieldDetail says which field of a request is at fault.
type fieldDetail struct {
	Field    string `json:"field"`
	Value    any    `json:"value,omitempty"`
	Issue    string `json:"issue"`
	Location string `json:"location"`
}

// paramError refuses the value of a field, such as "/amount/total".
func paramError(location, field string, value any, issue string) *refusal {
	return &refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: field + ": " + issue,
		Detail: fieldDetail{field, value, issue, location}}
}

// badField is paramError of a field of the body.
func badField(field string, value any, issue string) *refusal {
	return paramError("body", field, value, issue)
}

// invalid refuses what cannot be done in the state that things are in.
func invalid(message string) *refusal {
	return &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: message}
}

func (r *refusal) v3() reply {
	body, err := plainjson.Encode(r)
	if err != nil {
		body = []byte(`{"code":"SYSTEM_ERROR","message":"the sandbox failed"}`)
	}
	return reply{status: r.Status, contentType: typeJSON, body: body, code: r.Code}
}
