package platform

import (
	"sync"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// Nonces remembers the nonces of requests while their timestamps are valid. It is
// safe for concurrent use. It keeps them in two halves, so that old nonces are
// dropped without a search.
type Nonces struct {
	most int

	mu            sync.Mutex
	since         time.Time
	recent, older map[string]string // the request by nonce
}

// NewNonces returns a Nonces that remembers at least most nonces and at most
// twice as many.
func NewNonces(most int) *Nonces { return &Nonces{most: most} }

// A Seen tells what is known about a nonce.
type Seen int

// The results.
const (
	Fresh  Seen = iota // not seen before, and remembered from now on
	Replay             // seen before with another request
	Same               // seen before with the same request
	Full               // there is no room to remember it, so it cannot be decided
)

// See remembers a nonce that arrived at now. It never returns [Same]. Do not pass
// a nonce that nobody signed: it would take the room of signed ones.
func (n *Nonces) See(nonce string, now time.Time) Seen {
	seen := n.SeeWith(nonce, "", now)
	if seen == Same {
		return Replay
	}
	return seen
}

// SeeWith does what See does, for a nonce that may come again with the same
// request.
func (n *Nonces) SeeWith(nonce, request string, now time.Time) Seen {
	n.mu.Lock()
	defer n.mu.Unlock()
	// A timestamp is valid from MaxSkew before it to MaxSkew after it.
	if age := now.Sub(n.since); n.recent == nil || age > 2*signer.MaxSkew {
		n.older = n.recent
		if age > 4*signer.MaxSkew {
			n.older = nil
		}
		n.since, n.recent = now, make(map[string]string)
	}
	with, seen := n.recent[nonce]
	if !seen {
		with, seen = n.older[nonce]
	}
	switch {
	case seen && with == request:
		return Same
	case seen:
		return Replay
	case len(n.recent) >= n.most:
		return Full
	}
	n.recent[nonce] = request
	return Fresh
}
