package platform

import (
	"sync"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// Nonces remembers the nonces of requests for as long as their timestamps
// hold. It is safe for any number of goroutines. They are kept in two halves,
// so that old ones go without being looked for.
type Nonces struct {
	most int

	mu            sync.Mutex
	since         time.Time
	recent, older map[string]string // by nonce, what each came with
}

// NewNonces returns one that remembers at least most nonces, and at most twice
// as many.
func NewNonces(most int) *Nonces { return &Nonces{most: most} }

// A Seen is what is known of a nonce.
type Seen int

// What is known of a nonce.
const (
	Fresh  Seen = iota // not seen before, and remembered from now on
	Replay             // seen before, with something else
	Same               // seen before, with the same
	Full               // there is no room to remember it, so it cannot be told
)

// See remembers a nonce that came at the instant now, and is never [Same]. One
// that nobody signed should not come here: it would take the room of those that
// somebody did.
func (n *Nonces) See(nonce string, now time.Time) Seen {
	seen := n.SeeWith(nonce, "", now)
	if seen == Same {
		return Replay
	}
	return seen
}

// SeeWith is See for a nonce that may come again with the same request.
func (n *Nonces) SeeWith(nonce, request string, now time.Time) Seen {
	n.mu.Lock()
	defer n.mu.Unlock()
	// A timestamp holds from MaxSkew before it to MaxSkew after.
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
