package mcp

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// listRequests lists what the sandbox received.
func (w *world) listRequests(_ context.Context, in listing) (requestList, error) {
	return listOf(w, in, func(server *sandbox.Server, q sandbox.Query) (requestList, error) {
		found, err := server.RequestPage(q)
		out := requestList{World: worldSandbox, Requests: []seenRequest{}, page: before(found.Next)}
		for _, r := range found.Items {
			out.Requests = append(out.Requests, seenOf(r))
		}
		return out, err
	})
}

// listRecords lists orders, refunds and the like.
func (w *world) listRecords(_ context.Context, in listedRecords) (recordList, error) {
	return listOf(w, listing{in.Text, in.Cursor}, func(server *sandbox.Server, q sandbox.Query) (recordList, error) {
		found, err := server.Records(sandbox.RecordKind(in.Kind), q)
		return recordList{World: worldSandbox, Records: append([]sandbox.Record{}, found.Items...), page: before(found.Next)}, err
	})
}

// listNotifications lists the notifications of the sandbox.
func (w *world) listNotifications(_ context.Context, in listing) (notificationList, error) {
	return listOf(w, in, func(server *sandbox.Server, q sandbox.Query) (notificationList, error) {
		found, err := server.NotificationPage(q)
		out := notificationList{World: worldSandbox, Notifications: []notification{}, page: before(found.Next)}
		for _, n := range found.Items {
			out.Notifications = append(out.Notifications, notificationOf(n))
		}
		return out, err
	})
}

// A listing is the arguments of a list.
type listing struct {
	Text   string `json:"text,omitempty" jsonschema:"a part of a number or of another text, to list only what has it"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// mostListed is how many items are read at once for a page.
const mostListed = 32

// before returns the page before next.
func before(next string) page {
	if next == "" {
		return page{}
	}
	return page{next, fmt.Sprintf("there are older ones; call again with cursor %q", next)}
}

// listOf returns a page of a list of the sandbox: as many items as fit.
func listOf[Out any](w *world, in listing, get func(*sandbox.Server, sandbox.Query) (Out, error)) (Out, error) {
	var none Out
	inside, err := w.open()
	if err != nil {
		return none, err
	}
	for limit := mostListed; limit > 0; limit /= 2 {
		out, err := get(inside.server, sandbox.Query{Text: in.Text, Before: in.Cursor, Limit: limit})
		if err != nil {
			return none, err
		}
		if fits(out) {
			return out, nil
		}
	}
	return none, fmt.Errorf("an item of the list is longer than %d bytes", maxAnswer)
}

// maxShown is the length of the longest text of a line of a list, in bytes.
const maxShown = 512

// A seenRequest is a request that the sandbox received.
type seenRequest struct {
	ID        string    `json:"id"`
	Time      time.Time `json:"time"`
	Method    string    `json:"method"`
	Target    string    `json:"target" jsonschema:"path and query"`
	Operation string    `json:"operation,omitempty"`
	MchID     string    `json:"mchid,omitempty" jsonschema:"the merchant whose signature was verified"`
	Status    int       `json:"status" jsonschema:"0 if there was no answer"`
	Code      string    `json:"code,omitempty"`
	Example   bool      `json:"example,omitempty"`
	Fault     string    `json:"fault,omitempty"`
}

func seenOf(r sandbox.Request) seenRequest {
	return seenRequest{r.ID, r.Time, r.Method, cut(withoutSign(r.Target), maxShown), r.Operation, r.MchID, r.Status, r.Code, r.Example, string(r.Fault)}
}

// A requestList is the answer of list_sandbox_requests.
type requestList struct {
	World    string        `json:"world"`
	Requests []seenRequest `json:"requests"`
	page
}

// A recordKind is a kind of records.
type recordKind string

func (recordKind) values() []string {
	return []string{string(sandbox.RecordOrder), string(sandbox.RecordRefund), string(sandbox.RecordCoupon),
		string(sandbox.RecordTransfer), string(sandbox.RecordSharing), string(sandbox.RecordRedPacket)}
}

// A listedRecords is the arguments of list_sandbox_records.
type listedRecords struct {
	Kind   recordKind `json:"kind"`
	Text   string     `json:"text,omitempty" jsonschema:"a part of a number or of another text, to list only what has it"`
	Cursor string     `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// A recordList is the answer of list_sandbox_records.
type recordList struct {
	World   string           `json:"world"`
	Records []sandbox.Record `json:"records"`
	page
}

// A notification is a notification of the sandbox.
type notification struct {
	ID           string    `json:"id,omitempty"`
	EventType    string    `json:"event_type,omitempty"`
	MchID        string    `json:"mchid"`
	URL          string    `json:"url"`
	Created      time.Time `json:"created,omitzero"`
	Sent         int       `json:"sent" jsonschema:"how often it was tried"`
	Failure      string    `json:"failure,omitempty"`
	Acknowledged bool      `json:"acknowledged"`
	Numbers      []string  `json:"numbers,omitempty" jsonschema:"numbers of what it is about"`
}

func notificationOf(n sandbox.Notification) notification {
	return notification{n.ID, n.EventType, n.MchID, cut(n.URL, maxShown), n.Created, n.Sent, cut(n.Failure, maxShown), n.Acknowledged, n.Numbers}
}

// A notificationList is the answer of list_sandbox_notifications.
type notificationList struct {
	World         string         `json:"world"`
	Notifications []notification `json:"notifications"`
	page
}

// A shownRequest is the arguments of show_sandbox_request.
type shownRequest struct {
	ID     string `json:"id" jsonschema:"the id that list_sandbox_requests has"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// An exchange is the answer of show_sandbox_request. The texts of all pages belong
// together.
type exchange struct {
	World         string       `json:"world"`
	Request       seenRequest  `json:"request"`
	Gone          bool         `json:"gone,omitempty" jsonschema:"headers and bodies are no longer remembered"`
	Meaning       string       `json:"meaning,omitempty" jsonschema:"what the operation documents of the code"`
	Checks        []checkStep  `json:"checks,omitempty" jsonschema:"the checks of the signature, in their order"`
	Lines         []signedLine `json:"lines,omitempty" jsonschema:"the lines of the text that was to be signed, if the signature does not fit it"`
	Changes       []string     `json:"changes,omitempty" jsonschema:"what is different in the text that was signed"`
	Problems      []mistake    `json:"problems,omitempty"`
	Target        string       `json:"target,omitempty" jsonschema:"path and query; pages continue it"`
	Headers       []header     `json:"headers,omitempty"`
	Body          string       `json:"body,omitempty" jsonschema:"the body of the request; pages continue it"`
	AnswerHeaders []header     `json:"answer_headers,omitempty"`
	Answer        string       `json:"answer,omitempty" jsonschema:"the body of the answer; pages continue it"`
	page
}

// A header is a line of a header.
type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// showRequest shows a request that the sandbox received.
func (w *world) showRequest(_ context.Context, in shownRequest) (exchange, error) {
	inside, err := w.open()
	if err != nil {
		return exchange{}, err
	}
	x, err := inside.server.Exchange(in.ID)
	if err != nil {
		return exchange{}, err
	}
	start := exchange{World: worldSandbox, Request: seenOf(x.Request), Gone: x.Gone, Meaning: x.Meaning}
	return pagedRows(start, partsOf(x), in.Cursor)
}

// partsOf returns what adds each part of an exchange.
func partsOf(x sandbox.Exchange) (all []func(*exchange)) {
	for _, c := range stepsOf(x.Signature) {
		all = append(all, func(out *exchange) { out.Checks = append(out.Checks, c) })
	}
	for _, l := range linesOf(x.Signature) {
		all = append(all, func(out *exchange) { out.Lines = append(out.Lines, l) })
	}
	for _, c := range x.Signature.Changes {
		all = append(all, func(out *exchange) { out.Changes = append(out.Changes, c) })
	}
	for _, p := range x.Problems {
		m := mistake{In: p.In, Field: cut(p.Field, 256), Label: p.Label, Message: cut(p.Message, maxPiece), Warning: p.Warning}
		all = append(all, func(out *exchange) { out.Problems = append(out.Problems, m) })
	}
	texts := func(text string, to func(*exchange) *string) {
		for _, piece := range pieces(withoutSign(strings.ToValidUTF8(text, "�"))) {
			all = append(all, func(out *exchange) { *to(out) += piece })
		}
	}
	headers := func(h http.Header, to func(*exchange) *[]header) {
		for _, line := range headersOf(h) {
			all = append(all, func(out *exchange) { *to(out) = append(*to(out), line) })
		}
	}
	texts(x.Target, func(out *exchange) *string { return &out.Target })
	headers(x.Header, func(out *exchange) *[]header { return &out.Headers })
	texts(x.Body, func(out *exchange) *string { return &out.Body })
	headers(x.AnswerHeader, func(out *exchange) *[]header { return &out.AnswerHeaders })
	texts(x.Answer, func(out *exchange) *string { return &out.Answer })
	return all
}

// headersOf returns the lines of a header, without signatures.
func headersOf(h http.Header) (all []header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			switch http.CanonicalHeaderKey(name) {
			case "Authorization":
				value = withoutSignature(value)
			case "Wechatpay-Signature", "Cookie", "Set-Cookie", "Proxy-Authorization":
				value = leftOut
			}
			all = append(all, header{cut(name, 128), cut(strings.ToValidUTF8(value, "�"), maxPiece)})
		}
	}
	return all
}
