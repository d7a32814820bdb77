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
	recent, older map[string]struct{}
}

// NewNonces returns one that remembers at least most nonces, and at most twice
// as many.
func NewNonces(most int) *Nonces { return &Nonces{most: most} }

// A Seen is what is known of a nonce.
type Seen int

// What is known of a nonce.
const (
	Fresh  Seen = iota // not seen before, and remembered from now on
	Replay             // seen before
	Full               // there is no room to remember it, so it cannot be told
)

// See remembers a nonce that came at the instant now. One that nobody signed
// should not come here: it would take the room of those that somebody did.
func (n *Nonces) See(nonce string, now time.Time) Seen {
	n.mu.Lock()
	defer n.mu.Unlock()
	// A timestamp holds from MaxSkew before it to MaxSkew after.
	if age := now.Sub(n.since); n.recent == nil || age > 2*signer.MaxSkew {
		n.older = n.recent
		if age > 4*signer.MaxSkew {
			n.older = nil
		}
		n.since, n.recent = now, make(map[string]struct{})
	}
	_, inRecent := n.recent[nonce]
	_, inOlder := n.older[nonce]
	switch {
	case inRecent || inOlder:
		return Replay
	case len(n.recent) >= n.most:
		return Full
	}
	n.recent[nonce] = struct{}{}
	return Fresh
}
