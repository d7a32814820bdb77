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

// maxTarget is how much of a target is remembered, in bytes: what the longest
// of the platform's has is far below it.
const maxTarget = 4 << 10

// A Request is one that the sandbox received, and what became of it.
type Request struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	// Target is the first 4 KiB of what was asked for.
	Target string `json:"target"`
	// Operation is that of the catalogue, as "GET v3/certificates", or "".
	Operation string `json:"operation,omitempty"`
	// MchID is whose it is, once that is known, or "".
	MchID string `json:"mchid,omitempty"`
	// Status is that of the answer, or 0 when there was none, and Code what it
	// refused with, or "".
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	// Fault is what was made to go wrong, or "".
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
	r := Request{Time: in.Now, Method: in.Method, Target: target, MchID: in.MchID, Status: out.Status, Code: out.Code, Fault: fault}
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

// Requests returns the latest requests, oldest first; a thousand are
// remembered.
func (s *Server) Requests() []Request {
	j := &s.requests
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Concat(j.latest[j.next:], j.latest[:j.next])
}
