package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/journal"
	"github.com/wxchain/wechatpay/sandbox/internal/signed"
	"github.com/wxchain/wechatpay/sandbox/internal/v2"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// An Exchange is a request with its answer, and what was right and wrong with it.
type Exchange struct {
	Request
	// Gone reports whether the headers and bodies are no longer remembered. The
	// fields below are then empty.
	Gone bool `json:"gone,omitempty"`
	// Received is the time of day, which signatures keep to. Took is until the answer
	// was ready.
	Received time.Time     `json:"received,omitzero"`
	Took     time.Duration `json:"took"`
	Header   http.Header   `json:"header"`
	// Body is the body up to 64 KiB. Size is its length in bytes.
	Body         string      `json:"body"`
	Size         int         `json:"size"`
	AnswerHeader http.Header `json:"answer_header"`
	Answer       string      `json:"answer"`
	// Signature says how the signature was checked. It has no Checks if no
	// operation has the path and the request has no header Authorization.
	Signature SignatureCheck `json:"signature"`
	// Problems are what the catalogue finds wrong with the request.
	Problems []FieldProblem `json:"problems"`
	// Meaning is what the operation documents of the code, or "". MeaningZH says it in
	// Chinese, and Page is where it is documented.
	Meaning   string `json:"meaning,omitempty"`
	MeaningZH string `json:"meaning_zh,omitempty"`
	Page      string `json:"page,omitempty"`
}

// A SignatureCheck is how the signature of a request was checked. Expected is the
// text that it had to cover. If the signature covers another text that was found,
// Fits is that text, and Changes are what was done to it. The APIv2 key in a text is
// hidden.
type SignatureCheck struct {
	Checks   []CheckStep `json:"checks"`
	Expected string      `json:"expected,omitempty"`
	Fits     string      `json:"fits,omitempty"`
	Changes  []string    `json:"changes,omitempty"`
}

// A CheckStep is one step of checking a signature. State is "ok", "failed" or
// "skipped".
type CheckStep struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Sent   string `json:"sent,omitempty"`
	Wanted string `json:"wanted,omitempty"`
	Why    string `json:"why,omitempty"`
}

// A FieldProblem is a field that does not fit the catalogue.
type FieldProblem struct {
	// In is "path", "query", "header" or "body".
	In    string `json:"in"`
	Field string `json:"field"`
	// Label is the official name of the field, in Chinese, or "".
	Label   string `json:"label,omitempty"`
	Message string `json:"message"`
	// Warning reports whether the sandbox takes the request nevertheless.
	Warning bool `json:"warning,omitempty"`
}

// Exchange returns a request with its answer. It is an error that it is not among
// those that are remembered.
func (s *Server) Exchange(id string) (Exchange, error) {
	n, err := strconv.ParseUint(id, 10, 64)
	var e *journal.Entry[Request, kept]
	if err == nil {
		e = s.requests.Get(n)
	}
	if e == nil {
		return Exchange{}, missing{fmt.Errorf("sandbox: there is no request %.32q among the latest", id)}
	}
	x := Exchange{Request: numbered(e), Problems: []FieldProblem{}}
	k := e.Detail()
	if k == nil {
		x.Gone = true
		return x, nil
	}
	x.Received, x.Took, x.Header, x.Body, x.Size, x.AnswerHeader, x.Answer = k.wall, k.took, k.header, string(k.body), k.size, k.answer, string(k.reply)
	in := k.request(x.Request)
	if in.Op != nil || in.Header.Get("Authorization") != "" {
		x.Signature = s.checkOf(x, in, k.host)
	}
	if in.Op != nil {
		x.Problems = problemsOf(in)
		known := meaningOf(in.Op, x.Code)
		x.Meaning, x.MeaningZH, x.Page = known.When, known.WhenZH, known.Page
	}
	return x, nil
}

// request returns a remembered request in the form in which it is checked.
func (k *kept) request(r Request) *wire.Request {
	path, query, _ := strings.Cut(r.Target, "?")
	if u, err := url.ParseRequestURI(r.Target); err == nil {
		path = u.EscapedPath()
	}
	return &wire.Request{Ctx: context.Background(), Now: r.Time, Wall: k.wall, Method: r.Method, Target: r.Target, Path: path, Query: query,
		Header: k.header, Body: k.body, TLS: k.tls, Peer: k.peer, Op: openapi.Match(r.Method, path)}
}

// checkOf returns how the signature of a request was checked.
func (s *Server) checkOf(x Exchange, in *wire.Request, host string) SignatureCheck {
	explainer := signed.Explainer{Merchants: s.merchants.All(), Schemes: s.issuer.Schemes()}
	r := signed.Request{Method: in.Method, Target: in.Target, Path: in.Path, Query: in.Query, Header: in.Header, Body: in.Body,
		Wall: in.Wall, Now: in.Now, Host: host, Op: in.Op, Code: x.Code, Message: gjson.Get(x.Answer, "message").String()}
	var e signed.Explanation
	if in.IsV2() {
		fields, err := v2.FieldsOf(in)
		e = explainer.V2(r, fields, err)
	} else {
		e = explainer.V3(r)
	}
	c := SignatureCheck{Expected: e.Expected, Fits: e.Fits, Changes: e.Changes, Checks: []CheckStep{}}
	for _, step := range e.Checks {
		c.Checks = append(c.Checks, CheckStep{step.Name, string(step.State), step.Sent, step.Wanted, step.Why})
	}
	return c
}

// problemsOf returns what the catalogue finds wrong with a request.
func problemsOf(in *wire.Request) []FieldProblem {
	all := []FieldProblem{}
	for _, p := range wire.NewValidator().Problems(in) {
		if in.IsV2() && p.Field == "sign" {
			continue // the catalogue often allows only the length of MD5
		}
		all = append(all, FieldProblem{p.In, p.Field, p.Label, p.Message, p.Warning})
	}
	return all
}

// meaningOf returns what an operation documents of a code.
func meaningOf(op *openapi.Operation, code string) openapi.ErrorCode {
	known := op.Errors()
	if i := slices.IndexFunc(known, func(e openapi.ErrorCode) bool { return e.Code == code }); i >= 0 && code != "" {
		return known[i]
	}
	return openapi.ErrorCode{}
}
