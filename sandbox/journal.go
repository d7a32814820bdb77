package sandbox

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// maxJournal is how many requests are remembered.
const maxJournal = 1000

// maxTarget is how many bytes of a target are remembered. The longest target of
// the platform is far shorter.
const maxTarget = 4 << 10

// A Request is a request that the sandbox received, and its outcome.
type Request struct {
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
}

// A journal has the latest requests.
type journal struct {
	mu     sync.Mutex
	latest []Request
	next   int // the oldest, once there are maxJournal
}

func (j *journal) add(in *wire.Request, out wire.Reply, fault FaultKind) {
	target := in.Target
	if len(target) > maxTarget {
		target = strings.Clone(target[:maxTarget]) // the rest must go
	}
	r := Request{Time: in.Now, Method: in.Method, Target: target, MchID: in.MchID, Status: out.Status, Code: out.Code, Example: out.Example, Fault: fault}
	if in.Op != nil {
		r.Operation = in.Op.String()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.latest) < maxJournal {
		j.latest = append(j.latest, r)
		return
	}
	j.latest[j.next] = r
	j.next = (j.next + 1) % maxJournal
}

// Requests returns the latest thousand requests, oldest first.
func (s *Server) Requests() []Request {
	j := &s.requests
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Concat(j.latest[j.next:], j.latest[:j.next])
}
