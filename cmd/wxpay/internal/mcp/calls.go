package mcp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

// call makes a call to the sandbox.
func (w *world) call(ctx context.Context, in sandboxCall) (answer, error) {
	if in.Cursor != "" {
		return w.kept.page(in.Cursor)
	}
	op, err := in.find(in.Operation)
	if err != nil {
		return answer{}, err
	}
	inside, err := w.open()
	if err != nil {
		return answer{}, err
	}
	client := inside.checks
	if in.Unchecked {
		client = inside.raw
	}
	opts, err := in.options(op, false)
	if err != nil {
		return answer{}, err
	}
	out, err := makeCall(ctx, client, op, opts)
	if err != nil {
		return answer{}, err
	}
	out.World = worldSandbox
	out.Notice = "This is the answer of a simulator. No money moved."
	return w.kept.add(out)
}

// A sandboxCall is the arguments of call_sandbox.
type sandboxCall struct {
	Operation string `json:"operation,omitempty" jsonschema:"the method and the template, such as \"POST v3/pay/transactions/native\""`
	parts
	Unchecked bool   `json:"unchecked,omitempty" jsonschema:"send the call even if it does not fit the documentation, to see the refusal"`
	Cursor    string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before; nothing is called again"`
}

// An answer is the answer to a call.
type answer struct {
	World     string `json:"world" jsonschema:"sandbox or platform"`
	Notice    string `json:"notice"`
	Operation string `json:"operation"`
	Outcome   string `json:"outcome" jsonschema:"done, refused, later, unknown or not sent"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"code,omitempty" jsonschema:"the code of a refusal"`
	Message   string `json:"message,omitempty" jsonschema:"the message of a refusal"`
	Verified  bool   `json:"verified" jsonschema:"the signature of the answer was checked, and is right"`
	Example   bool   `json:"example,omitempty" jsonschema:"the sandbox has no rules for this operation: the answer is the example of the documentation"`
	RequestID string `json:"request_id,omitempty"`
	Answer    string `json:"answer" jsonschema:"the body of the answer, as it came"`
	page

	id   string   // by which it is kept
	rest []string // of the body
}

// endAt says that a page ends before part to of n, and that the call is not made again.
func (a *answer) endAt(to, n int) {
	if to < n {
		next := a.id + "-" + strconv.Itoa(to)
		a.page = page{next, fmt.Sprintf("%d of %d parts are left; call again with only cursor %q: the call is not made again", n-to, n, next)}
	}
}

// maxKept is the length of the longest answer that is kept for paging, in bytes.
const maxKept = 1 << 20

// makeCall makes a call. The error says that no answer came.
func makeCall(ctx context.Context, client *wechatpay.Client, op *openapi.Operation, opts []wechatpay.Option) (answer, error) {
	resp, err := client.Chain(op.Template).Do(ctx, op.Method, opts...)
	out := answer{Operation: op.String(), Outcome: fmt.Sprint(wechatpay.OutcomeOf(err)), Verified: err == nil}
	refused := (*wechatpay.Error)(nil)
	switch {
	case errors.As(err, &refused):
		resp = refused.Response
		out.Code, out.Message, out.Verified = cut(refused.Code, 128), cut(refused.Message, maxPiece), refused.Verified
	case err != nil:
		return answer{}, fmt.Errorf("%w; outcome: %s", err, out.Outcome)
	}
	if resp == nil {
		return out, nil
	}
	out.Status, out.RequestID = resp.StatusCode, cut(resp.RequestID(), 128)
	out.Example = resp.Header.Get("Wechatpay-Sandbox") == "example"
	body := cut(strings.ToValidUTF8(string(resp.Bytes()), "�"), maxKept) // a longer one is a file, which wxpay bill downloads
	out.rest = pieces(withoutSign(body))
	return out, nil
}

// answers keep the latest answers that are longer than a page.
type answers struct {
	mu   sync.Mutex
	last int
	all  map[string]answer // by id
}

// mostKept is how many answers are kept.
const mostKept = 16

// add returns the first page of an answer.
func (k *answers) add(a answer) (answer, error) {
	whole := a
	whole.Answer = strings.Join(a.rest, "")
	if fits(whole) {
		return whole, nil
	}
	k.mu.Lock()
	if k.all == nil {
		k.all = make(map[string]answer)
	}
	k.last++
	a.id = strconv.Itoa(k.last)
	k.all[a.id] = a
	delete(k.all, strconv.Itoa(k.last-mostKept))
	k.mu.Unlock()
	return k.page(a.id + "-0")
}

// page returns a page of a kept answer.
func (k *answers) page(cursor string) (answer, error) {
	id, from, _ := strings.Cut(cursor, "-")
	k.mu.Lock()
	a, ok := k.all[id]
	k.mu.Unlock()
	if !ok {
		return answer{}, fmt.Errorf("cursor %q: that answer is not kept any more; the latest %d are", cut(cursor, 32), mostKept)
	}
	return paged(a, len(a.rest), from, func(out *answer, from, to int) { out.Answer = strings.Join(a.rest[from:to], "") })
}
