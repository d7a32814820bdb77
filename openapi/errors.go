package openapi

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

// An ErrorCode is an error that an operation is documented to answer with, or was
// seen to.
type ErrorCode struct {
	// Status is the HTTP status, or 0 if it is unknown. A few operations answer with
	// a code and 202.
	Status int
	// Code is the code of the answer, such as "NOT_ENOUGH". It is "" for an answer
	// without a body.
	Code string
	// When says what the error means, and WhenZH says it in Chinese.
	When, WhenZH string
	// Page is where that is written.
	Page string
	// Source says what kind of page that is, such as "official page" or "answer seen
	// by developers (community post)".
	Source string
}

//go:embed errors.jsonl
var errorLines string

var errorsByOperation = sync.OnceValue(func() map[string][]ErrorCode {
	all := make(map[string][]ErrorCode)
	for line := range strings.Lines(errorLines) {
		v := gjson.Parse(line)
		op := v.Get("method").Str + " " + v.Get("template").Str
		all[op] = append(all[op], ErrorCode{
			Status: int(v.Get("status").Int()), Code: v.Get("code").Str, When: v.Get("when").Str, WhenZH: v.Get("when_zh").Str, Page: v.Get("page").Str, Source: v.Get("source").Str,
		})
	}
	return all
})

// Errors returns the known errors of the operation, by status. Most operations
// have none here, because their tables were not read. The platform may answer with
// other errors too.
func (op *Operation) Errors() []ErrorCode { return slices.Clone(errorsByOperation()[op.String()]) }
