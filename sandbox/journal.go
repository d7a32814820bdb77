package sandbox

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/journal"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// How much is remembered of requests: lines, and bytes of headers and bodies. A
// console shows more of them than a test looks at.
const (
	maxJournal        = 1000
	maxJournalBytes   = 4 << 20
	maxConsoleJournal = 100_000
	maxConsoleBytes   = 64 << 20
)

// How many bytes of a request are remembered. The longest target of the platform is
// far shorter.
const (
	maxTarget = 4 << 10
	maxKept   = 64 << 10 // of each body
)

// A Request is a request that the sandbox received, and its outcome.
type Request struct {
	// ID is the number of the request, for [Server.Exchange].
	ID     string    `json:"id"`
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	// Target is the path and query as they were sent, up to 4 KiB.
	Target string `json:"target"`
	// Operation is the operation of the catalogue, such as "GET v3/certificates",
	// or "".
	Operation string `json:"operation,omitempty"`
	// MchID is the merchant that sent it, or "" if its signature was not verified.
	MchID string `json:"mchid,omitempty"`
	// Status is the status of the answer, or 0 if there was none. Code is the
	// code of a refusal, or "".
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	// Example says that the answer was the example of the documentation, because
	// the sandbox has no rules for the operation.
	Example bool `json:"example,omitempty"`
	// Fault is the fault that the request met, or "".
	Fault FaultKind `json:"fault,omitempty"`
	// FaultID is the number of that fault; see [Server.FaultsMet].
	FaultID string `json:"fault_id,omitempty"`
}

// A kept is what is remembered of a request beside its line.
type kept struct {
	wall           time.Time // of the request, by the time of day
	took           time.Duration
	header, answer http.Header
	body, reply    []byte
	size           int // of the body as it came
	host           string
	tls            bool
	peer           []byte
}

type requests = journal.Journal[Request, kept]

func newRequests(config Config) *requests {
	if config.Console != nil {
		return journal.New[Request, kept](maxConsoleJournal, maxConsoleBytes)
	}
	return journal.New[Request, kept](maxJournal, maxJournalBytes)
}

// remember adds a request and its answer to the journal.
func (s *Server) remember(in *wire.Request, out wire.Reply, f setFault, answer http.Header) {
	target := in.Target
	if len(target) > maxTarget {
		target = strings.Clone(target[:maxTarget]) // the rest must go
	}
	r := Request{Time: in.Now, Method: in.Method, Target: target, MchID: in.MchID, Status: out.Status, Code: out.Code, Example: out.Example, Fault: f.Kind, FaultID: f.id}
	if in.Op != nil {
		r.Operation = in.Op.String()
	}
	k := &kept{wall: in.Wall, took: s.wall().Sub(in.Wall), header: in.Header, answer: answer.Clone(), body: cut(in.Body), reply: cut(out.Body),
		size: len(in.Body), host: in.Host(), tls: in.TLS, peer: in.Peer}
	if len(out.Body) > 0 {
		k.answer.Set("Content-Type", out.ContentType)
	}
	in.ID = s.requests.Add(r, k, len(k.body)+len(k.reply)+headerSize(k.header)+headerSize(k.answer))
	s.watch.tell(changedRequests)
}

// cut returns the start of a body. What is left out must go.
func cut(body []byte) []byte {
	if len(body) > maxKept {
		return slices.Clone(body[:maxKept])
	}
	return body
}

// headerSize returns about how many bytes a header takes.
func headerSize(h http.Header) (n int) {
	for name, values := range h {
		n += len(name) + 64
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// numbered returns the line of an entry, with its number.
func numbered(e *journal.Entry[Request, kept]) Request {
	r := e.Line
	r.ID = strconv.FormatUint(e.ID, 10)
	return r
}

// Requests returns the latest thousand requests, oldest first.
func (s *Server) Requests() []Request {
	all := []Request{}
	s.requests.Newest(0, func(e *journal.Entry[Request, kept]) bool {
		all = append(all, numbered(e))
		return len(all) < maxJournal
	})
	slices.Reverse(all)
	return all
}

// A Query selects a page of a list. Lists are sorted from the newest to the oldest.
type Query struct {
	// MchID is a merchant, a sub-merchant, or both with a slash between them; "" is
	// all. Requests are those that the merchant signed or that name it, as those of a
	// partner name its sub-merchant.
	MchID string
	// Text is a part of a number, or of another text of what is listed: for requests
	// also of the target, the code, the bodies and the Request-ID of the answer.
	Text string
	// Operation is the operation of requests, such as "GET v3/certificates"; "" is all.
	Operation string
	// Before continues a list: it is the Next of the page before.
	Before string
	// Limit is how many the page has, 50 by default and 500 at most.
	Limit int
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

func (q Query) limit() int {
	if q.Limit <= 0 {
		return defaultLimit
	}
	return min(q.Limit, maxLimit)
}

// A Page is a part of a list.
type Page[T any] struct {
	Items []T
	// Next is the Before of the next page, or "" if this is the last.
	Next string
}

// RequestPage returns a page of the requests that are remembered: the latest
// thousand or, with a console, the latest hundred thousand.
func (s *Server) RequestPage(q Query) (Page[Request], error) {
	before, err := strconv.ParseUint(cmp.Or(q.Before, "0"), 10, 64)
	if err != nil || before == 0 && q.Before != "" {
		return Page[Request]{}, fmt.Errorf("sandbox: requests before %.32q: that is not a number of a request", q.Before)
	}
	page := Page[Request]{Items: []Request{}}
	s.requests.Newest(before, func(e *journal.Entry[Request, kept]) bool {
		if !q.hasRequest(e) {
			return true
		}
		if len(page.Items) == q.limit() {
			page.Next = page.Items[len(page.Items)-1].ID
			return false
		}
		page.Items = append(page.Items, numbered(e))
		return true
	})
	return page, nil
}

// hasRequest reports whether a query selects a request.
func (q Query) hasRequest(e *journal.Entry[Request, kept]) bool {
	r := &e.Line
	if q.Operation != "" && r.Operation != q.Operation {
		return false
	}
	if q.MchID != "" && r.MchID != q.MchID && !isPartOf(q.MchID, r.MchID) && !isAsked(e, q.MchID) {
		return false
	}
	if q.Text == "" || strings.Contains(r.Target, q.Text) || strings.Contains(r.Code, q.Text) || strings.Contains(r.Operation, q.Text) {
		return true
	}
	k := e.Detail()
	return k != nil && (bytes.Contains(k.body, []byte(q.Text)) || bytes.Contains(k.reply, []byte(q.Text)) || strings.Contains(k.answer.Get("Request-ID"), q.Text))
}

// isPartOf reports whether a merchant is one of a pair with a slash between.
func isPartOf(pair, mchID string) bool {
	sp, sub, ok := strings.Cut(pair, "/")
	return ok && mchID != "" && (mchID == sp || mchID == sub)
}
