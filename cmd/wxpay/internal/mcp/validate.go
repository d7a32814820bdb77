package mcp

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	shared "github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// A validated is the arguments of validate_call.
type validated struct {
	Operation string `json:"operation" jsonschema:"the method and the template, such as \"GET v3/pay/transactions/out-trade-no/{out_trade_no}\""`
	parts
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// A mistake is something wrong with a call.
type mistake struct {
	In      string `json:"in" jsonschema:"path, query, header or body"`
	Field   string `json:"field" jsonschema:"the path of the field, such as amount.total; empty for the body itself"`
	Label   string `json:"label,omitempty" jsonschema:"the official name of the field"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Nearest string `json:"nearest,omitempty" jsonschema:"the known name that is closest to an unknown one"`
	Warning bool   `json:"warning,omitempty" jsonschema:"this alone does not stop a call"`
}

// A verdict is the answer of validate_call.
type verdict struct {
	World     string    `json:"world"`
	Operation string    `json:"operation"`
	Valid     bool      `json:"valid" jsonschema:"the call has no errors; it may have warnings"`
	Errors    int       `json:"errors"`
	Warnings  int       `json:"warnings"`
	Problems  []mistake `json:"problems"`
	page
}

func validate(_ context.Context, in validated) (verdict, error) {
	op, err := in.find(in.Operation)
	if err != nil {
		return verdict{}, err
	}
	problems, err := problemsOf(&in.parts, op)
	if err != nil {
		return verdict{}, err
	}
	start := verdict{World: worldRequest, Operation: op.String()}
	for _, p := range problems {
		if p.Warning {
			start.Warnings++
		} else {
			start.Errors++
		}
	}
	start.Valid = start.Errors == 0
	return paged(start, len(problems), in.Cursor, func(out *verdict, from, to int) { out.Problems = append([]mistake{}, problems[from:to]...) })
}

// problemsOf returns what is wrong with a request.
func problemsOf(r *parts, op *openapi.Operation) ([]mistake, error) {
	req, err := r.plain(op)
	if err != nil {
		return nil, err
	}
	var all []mistake
	names := uritemplate.Names(op.Template)
	for _, name := range names {
		if r.Path[name] == "" {
			all = append(all, mistake{In: "path", Field: name, Kind: string(openapi.KindRequired), Message: "required, missing"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Path)) {
		if !slices.Contains(names, name) {
			all = append(all, mistake{In: "path", Field: cut(name, 128), Kind: string(openapi.KindUnknown), Message: "not a variable of the template"})
		}
	}
	errorsOnly := checked(req)
	for _, p := range checked(req, openapi.Strict) {
		if p.In == "path" && r.Path[p.Field] == "" {
			continue // the variable itself stood there
		}
		all = append(all, mistake{
			In: p.In, Field: cut(p.Field, 256), Label: p.Label, Kind: string(p.Kind), Message: cut(p.Message, maxPiece), Nearest: p.Nearest,
			Warning: !slices.ContainsFunc(errorsOnly, func(e openapi.Problem) bool {
				return !e.Warning && e.In == p.In && e.Field == p.Field && e.Kind == p.Kind
			}),
		})
	}
	return all, nil
}

// checked returns the problems that the catalogue finds.
func checked(req *http.Request, opts ...openapi.ValidateOption) []openapi.Problem {
	_, err := openapi.Validate(opts...)(shared.RoundTripper(func(*http.Request) (*http.Response, error) { return nil, shared.ErrNotSent })).RoundTrip(req)
	if invalid := (*openapi.ValidationError)(nil); errors.As(err, &invalid) {
		return invalid.Problems
	}
	return nil
}
