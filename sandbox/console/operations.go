package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

const operationsPath = "/console/operations"

// mostFound is how many operations a search shows.
const mostFound = 50

// operationURL returns the path of the page of an operation.
func operationURL(op *openapi.Operation) string { return operationsPath + "/" + explain.Slug(op) }

// operationsBySlug returns all operations by the names of their pages.
func operationsBySlug() map[string]*openapi.Operation {
	all := make(map[string]*openapi.Operation)
	for op := range openapi.Operations() {
		all[explain.Slug(op)] = op
	}
	return all
}

// A search is what the page of all operations shows: those that words find, or all.
type search struct {
	Words    string
	Found    []*openapi.Operation
	More     int // how many it leaves out
	Products []explain.Product
}

// Total is how many were found.
func (s search) Total() int { return len(s.Found) + s.More }

func (c *console) showOperations(w http.ResponseWriter, r *http.Request) error {
	s := search{Words: strings.TrimSpace(r.URL.Query().Get("q"))}
	if s.Words == "" {
		s.Products = explain.Products(slices.Collect(openapi.Operations()))
	} else {
		s.Found = openapi.Search(s.Words)
		s.More = max(0, len(s.Found)-mostFound)
		s.Found = s.Found[:len(s.Found)-s.More]
	}
	return c.site.Render(w, r, c.operations, s)
}

// An operation is what the page of an operation shows.
type operation struct {
	explain.Page
	trial
	Action   string // its own path
	MchIDs   []string
	Requests section
	All      string // where all its requests are
}

// IsV2 reports whether the operation is one of APIv2.
func (o operation) IsV2() bool { return strings.HasPrefix(o.Op.Template, "v2/") }

// A trial is the form that makes a call, and what came of it.
type trial struct {
	MchID    string
	Inputs   []input
	HasBody  bool
	Edited   string // body
	Wrong    string // with the body
	BadFile  string // what is wrong with the file
	Mistakes []mistake
	Tried    *request // nil before the call
	IsUpload bool
}

// MaxFile is the largest file that the form takes, in bytes.
func (trial) MaxFile() int { return sandbox.MaxTryFile }

// Rows is how high the field of the body is.
func (t trial) Rows() int { return min(max(strings.Count(t.Edited, "\n")+2, 4), 24) }

// An input is a field for a variable of the path, a parameter or a header.
type input struct {
	ID       string // such as path.openid
	Name     string
	In       string
	Label    string
	Value    string
	Required bool
	Wrong    string
}

// A mistake is something that keeps a call from being made. ID is its field, or "".
type mistake struct{ ID, Field, Text string }

func (c *console) findOperation(r *http.Request) (*openapi.Operation, error) {
	op := c.bySlug()[r.PathValue("slug")]
	if op == nil {
		return nil, page.NotFound("there is no operation %.128q", r.PathValue("slug"))
	}
	return op, nil
}

func (c *console) showOperation(w http.ResponseWriter, r *http.Request) error {
	op, err := c.findOperation(r)
	if err != nil {
		return err
	}
	mchID := r.URL.Query().Get("mchid")
	if !slices.Contains(c.sandbox.Callers(), mchID) {
		mchID = c.sandbox.Merchant().MchID
	}
	known, err := c.known(op, mchID)
	if err != nil {
		return err
	}
	s := c.caller(mchID, known.find).Sample(op)
	t := newTrial(op, mchID)
	for _, of := range []struct {
		in   string
		list []explain.Value
	}{{"path", s.Path()}, {"query", s.Query()}, {"header", s.Headers()}} {
		for _, v := range of.list {
			if i := t.find(of.in + "." + v.Name); i != nil {
				i.Value = v.Text
			}
		}
	}
	if t.HasBody {
		t.Edited = pretty(string(known.agree(op, s.Least())))
	}
	return c.renderOperation(w, r, op, t)
}

// caller returns the merchant whose calls a page shows.
func (c *console) caller(mchID string, known func(string) (string, bool)) explain.Caller {
	return explain.Caller{MchID: mchID, SubMchID: sandbox.DefaultSubMchID, Now: c.sandbox.Now(), Known: known}
}

// tryOperation makes the call of the form.
func (c *console) tryOperation(w http.ResponseWriter, r *http.Request) error {
	op, err := c.findOperation(r)
	if err != nil {
		return err
	}
	t := newTrial(op, cmp.Or(r.PostFormValue("mchid"), c.sandbox.Merchant().MchID))
	t.Edited = strings.ReplaceAll(r.PostFormValue("body"), "\r\n", "\n") // browsers send the former
	call := sandbox.TryCall{Method: op.Method, Template: op.Template, MchID: t.MchID, Body: json.RawMessage(t.Edited), BaseURL: baseURL(r),
		Path: make(map[string]string), Query: make(map[string]string), Header: make(map[string]string)}
	values := map[string]map[string]string{"path": call.Path, "query": call.Query, "header": call.Header}
	for id := range r.PostForm {
		in, name, _ := strings.Cut(id, ".")
		if values[in] == nil {
			continue
		}
		value := r.PostForm.Get(id)
		values[in][name] = value
		if i := t.find(id); i != nil {
			i.Value = value
		}
	}
	if call.FileName, call.File, err = fileOf(r); err != nil {
		return err
	}
	x, err := c.sandbox.Try(r.Context(), call)
	if wrong := (sandbox.TryError)(nil); errors.As(err, &wrong) {
		t.tell(wrong, page.Lang(r))
	} else if err != nil {
		return err
	} else {
		q := c.newRequest(x, r)
		t.Tried = &q
	}
	return c.renderOperation(w, r, op, t)
}

// fileOf returns the file of a form, or none if its user chose none.
func fileOf(r *http.Request) (name string, data []byte, err error) {
	file, header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	data, err = io.ReadAll(file)
	return header.Filename, data, err
}

func (c *console) renderOperation(w http.ResponseWriter, r *http.Request, op *openapi.Operation, t trial) error {
	p, err := c.sandbox.RequestPage(sandbox.Query{Operation: op.String(), Limit: nowRows})
	if err != nil {
		return err
	}
	data := operation{Page: c.caller(t.MchID, nil).Page(op), trial: t, Action: operationURL(op), MchIDs: c.sandbox.Callers(),
		Requests: section{kind: kinds[0], Requests: p.Items}, All: kinds[0].path() + "?operation=" + url.QueryEscape(op.String())}
	return c.site.Render(w, r, c.operation, data)
}

// newTrial returns the form of an operation without values.
func newTrial(op *openapi.Operation, mchID string) trial {
	t := trial{MchID: mchID, IsUpload: len(op.Form) > 0}
	add := func(in string, list []openapi.Parameter) {
		for _, p := range list {
			t.Inputs = append(t.Inputs, input{ID: in + "." + p.Name, Name: p.Name, In: in, Label: p.Label, Required: p.Required})
		}
	}
	add("path", explain.PathParameters(op))
	add("query", op.Query)
	add("header", op.Headers)
	beside := 0 // fields of the form beside the file and its hash, which the client makes
	for _, p := range op.Form {
		if p.Type != openapi.File && p.Name != "meta" {
			beside++
		}
	}
	t.HasBody = op.Body() != nil || beside > 0
	return t
}

// find returns an input, or nil.
func (t *trial) find(id string) *input {
	i := slices.IndexFunc(t.Inputs, func(i input) bool { return i.ID == id })
	if i < 0 {
		return nil
	}
	return &t.Inputs[i]
}

// tell adds mistakes, in the language of the page.
func (t *trial) tell(all sandbox.TryError, lang string) {
	for _, wrong := range all {
		text := wrong.EN
		if lang == page.Chinese {
			text = wrong.ZH
		}
		m := mistake{Field: wrong.Field, Text: text}
		if i := t.find(wrong.Field); i != nil {
			m.ID, i.Wrong = i.ID, text
		} else if wrong.Field == "body" && t.HasBody {
			m.ID, t.Wrong = "body", text
		} else if wrong.Field == "file" && t.IsUpload {
			m.ID, t.BadFile = "file", text
		}
		t.Mistakes = append(t.Mistakes, m)
	}
}
