package mcp

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/openapi"
)

// The worlds that answers come from.
const (
	worldCatalogue = "catalogue" // what is documented
	worldRequest   = "request"   // what the arguments say
	worldSandbox   = "sandbox"   // the sandbox in this process
	worldPlatform  = "platform"  // WeChat Pay
)

// findOperation returns the operation that a text such as "GET v3/certificates" names.
func findOperation(text string) (*openapi.Operation, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return nil, fmt.Errorf("operation %q: want a method and a template, such as \"GET v3/certificates\"", cut(text, 64))
	}
	method, err := operation.CheckMethod(fields[0])
	if err != nil {
		return nil, err
	}
	if op := operation.Find(method, fields[1]); op != nil {
		return op, nil
	}
	if nearest := openapi.Nearest(method, fields[1]); nearest != nil {
		return nil, fmt.Errorf("there is no operation %q; did you mean %q?", cut(method+" "+fields[1], 128), nearest)
	}
	return nil, fmt.Errorf("there is no operation %q; search_operations finds operations by words", cut(method+" "+fields[1], 128))
}

// A searched is the arguments of search_operations.
type searched struct {
	Words  string `json:"words" jsonschema:"what to look for"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// A hit is an operation that was found.
type hit struct {
	Operation string   `json:"operation" jsonschema:"the method and the template, which other tools take"`
	Title     string   `json:"title" jsonschema:"the official name"`
	Products  []string `json:"products,omitempty" jsonschema:"the products that it belongs to"`
}

// hits are the answer of search_operations.
type hits struct {
	World      string `json:"world" jsonschema:"where this comes from"`
	Total      int    `json:"total" jsonschema:"how many operations match"`
	Operations []hit  `json:"operations"`
	page
}

// maxWords is the length of the longest text that is searched for, in bytes.
const maxWords = 256

func search(_ context.Context, in searched) (hits, error) {
	if strings.TrimSpace(in.Words) == "" {
		return hits{}, fmt.Errorf("words is empty; write one or more, such as 代金券")
	}
	if len(in.Words) > maxWords {
		return hits{}, fmt.Errorf("words is longer than %d bytes", maxWords)
	}
	found := openapi.Search(in.Words)
	if len(found) == 0 {
		return hits{World: worldCatalogue, Operations: []hit{},
			page: page{More: "nothing matches; try one word, such as a product (退款, refund), a field (out_trade_no) or part of a path (v3/bill)"}}, nil
	}
	start := hits{World: worldCatalogue, Total: len(found)}
	return paged(start, len(found), in.Cursor, func(out *hits, from, to int) {
		for _, op := range found[from:to] {
			out.Operations = append(out.Operations, hit{op.String(), op.Title, op.Tags})
		}
	})
}

// A part is a part of what is documented of an operation.
type part string

const (
	partFacts  part = "facts"
	partBody   part = "body"
	partAnswer part = "answer"
)

func (part) values() []string {
	return []string{string(partFacts), string(partBody), string(partAnswer)}
}

// A named is the arguments of show_operation.
type named struct {
	Operation string `json:"operation" jsonschema:"the method and the template, such as \"POST v3/pay/transactions/native\"; a path with values in place of variables works too"`
	Part      part   `json:"part,omitempty" jsonschema:"what to show; facts by default"`
	Cursor    string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// A fact is something that is documented of an operation.
type fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Page string `json:"page,omitempty" jsonschema:"the official page"`
}

// A parameter is a parameter of an operation.
type parameter struct {
	In       string             `json:"in" jsonschema:"path, query, header or form"`
	Name     string             `json:"name"`
	Required bool               `json:"required"`
	Schema   *jsonschema.Schema `json:"schema"`
}

// A repeat says what a second request does.
type repeat struct {
	Class      string   `json:"class"`
	Meaning    string   `json:"meaning"`
	Idempotent bool     `json:"idempotent" jsonschema:"a second request with the same bytes is safe while the platform remembers the number"`
	Number     string   `json:"number,omitempty" jsonschema:"the field with the merchant's number by which the platform recognises a request"`
	Where      string   `json:"where,omitempty" jsonschema:"where that field is"`
	Also       []string `json:"also,omitempty" jsonschema:"other fields that the platform compares"`
	Remembered string   `json:"remembered,omitempty" jsonschema:"how long the platform remembers the number"`
	Query      string   `json:"query,omitempty" jsonschema:"the operation that reports the result"`
	Basis      string   `json:"basis,omitempty" jsonschema:"documented, by-name or by-nature: the latter two are judgements"`
	Page       string   `json:"page,omitempty"`
	Note       string   `json:"note,omitempty"`
}

// A knownError is an error that an operation is known to answer with.
type knownError struct {
	Operation string `json:"operation,omitempty"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"code"`
	Meaning   string `json:"meaning"`
	Page      string `json:"page,omitempty"`
	Source    string `json:"source,omitempty"`
}

// A shown is the answer of show_operation.
type shown struct {
	World      string                        `json:"world"`
	Operation  string                        `json:"operation"`
	Title      string                        `json:"title"`
	Part       part                          `json:"part"`
	Facts      []fact                        `json:"facts,omitempty"`
	Repeat     *repeat                       `json:"repeat,omitempty"`
	Parameters []parameter                   `json:"parameters,omitempty"`
	Errors     []knownError                  `json:"errors,omitempty"`
	Schemas    map[string]*jsonschema.Schema `json:"schemas,omitempty" jsonschema:"JSON Schemas, by \"body\" or by the status of the answer"`
	page
}

func (w *world) show(_ context.Context, in named) (shown, error) {
	op, err := findOperation(in.Operation)
	if err != nil {
		return shown{}, err
	}
	start := shown{World: worldCatalogue, Operation: op.String(), Title: op.Title, Part: in.Part}
	bodies := make(map[string]*openapi.Schema)
	switch in.Part {
	case partBody:
		if bodies["body"] = op.Body(); op.Body() == nil {
			return shown{}, fmt.Errorf("%s has no JSON or XML body%s", op, formHint(op))
		}
	case partAnswer:
		for _, r := range op.Responses {
			if r.Body != nil {
				bodies[strconv.Itoa(r.Status)] = r.Body
			}
		}
		if len(bodies) == 0 {
			return shown{}, fmt.Errorf("no body is documented for the answers of %s", op)
		}
	default:
		start.Part = partFacts
		return pagedRows(start, factsOf(w.lang, op), in.Cursor)
	}
	schemas := newSchemas(bodies, op.Encrypts && in.Part == partBody, operation.IsV2(op.Template))
	return paged(start, schemas.rows, in.Cursor, func(out *shown, from, to int) { out.Schemas = schemas.between(from, to) })
}

func formHint(op *openapi.Operation) string {
	if len(op.Form) > 0 {
		return "; the part facts has the fields of its form"
	}
	return ""
}

// factsOf returns what adds each fact of an operation to an answer.
func factsOf(in lang.Language, op *openapi.Operation) (all []func(*shown)) {
	say := func(name, text, page string) {
		if text != "" {
			all = append(all, func(out *shown) { out.Facts = append(out.Facts, fact{name, text, page}) })
		}
	}
	say("products", strings.Join(op.Tags, ", "), "")
	say("for", strings.Join(op.Roles, ", "), "")
	say("updated", op.Updated, "")
	say("host", op.BaseURL, "")
	if op.ClientCert {
		say("client certificate", "the call needs the merchant's TLS client certificate", "")
	}
	if op.Encrypts {
		say("encryption", "fields of the body that the schema marks are sent encrypted; call_sandbox and wxpay call take them as plain text", "")
	}
	if op.Body() != nil {
		say("body", "the part body has its schema", "")
	}
	if op.Method != http.MethodGet {
		r := repeatOf(in, op)
		all = append(all, func(out *shown) { out.Repeat = &r })
	}
	all = append(all, parametersOf(op)...)
	for _, group := range op.QueryOneOf {
		say("query", "one of these is needed: "+group.String(), "")
	}
	for _, field := range op.EncryptedFields() {
		say("encrypted in the answer", field, "")
	}
	for _, l := range explain.Limits(op) {
		say("limit", in.Choose(l.EN, l.ZH), "")
	}
	for _, e := range op.Errors() {
		all = append(all, func(out *shown) {
			out.Errors = append(out.Errors, knownError{Status: e.Status, Code: e.Code, Meaning: in.Choose(e.When, e.WhenZH), Page: e.Page, Source: e.Source})
		})
	}
	for _, link := range op.Docs {
		say("official page", op.Title, link)
	}
	return all
}

// parametersOf returns what adds each parameter.
func parametersOf(op *openapi.Operation) (all []func(*shown)) {
	for _, group := range []struct {
		in   string
		list []openapi.Parameter
	}{{"path", explain.PathParameters(op)}, {"query", op.Query}, {"header", op.Headers}, {"form", op.Form}} {
		for i := range group.list {
			p := &group.list[i]
			schema := wholeSchema(&p.Schema)
			all = append(all, func(out *shown) {
				out.Parameters = append(out.Parameters, parameter{group.in, p.Name, p.Required, schema})
			})
		}
	}
	return all
}

func repeatOf(in lang.Language, op *openapi.Operation) repeat {
	r := op.Repeat
	meaning, remembered := explain.Repetition(op), explain.Memory(r)
	return repeat{
		Class: string(r.Class), Meaning: in.Choose(meaning.EN, meaning.ZH), Idempotent: r.Safe(), Number: r.Number, Where: r.Where, Also: r.Also,
		Remembered: in.Choose(remembered.EN, remembered.ZH), Query: r.Query, Basis: r.Basis, Page: r.Page, Note: r.Note,
	}
}
