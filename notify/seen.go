package notify

import "context"

// Seen remembers the IDs of the notifications that handlers have seen. It must be
// safe for concurrent use. A store that several processes share keeps each ID in one
// place, such as a Redis key or a row with a unique column, so that only one of
// several concurrent callers claims it. The module store/redisstore has such a store.
type Seen interface {
	// Claim claims id for the caller and returns [First]. If id is claimed already,
	// Claim returns [Busy] or [Handled]. After an error the platform sends the
	// notification again.
	//
	// In a store that outlives its process, a claim without Done or Release must
	// lapse after the longest time that a function may take.
	Claim(ctx context.Context, id string) (State, error)
	// Done keeps id as Handled while the platform may send it again; 48 hours are
	// enough.
	Done(ctx context.Context, id string) error
	// Release gives up the claim of id. The next caller of Claim gets First.
	Release(ctx context.Context, id string) error
}

// Leaser is an optional interface of a [Seen] that outlives its processes. Its claims
// are leases with a token, so a caller whose claim has lapsed can neither end nor
// release it. If a Seen is a Leaser, a [Receiver] calls these methods in place of
// those of Seen.
type Leaser interface {
	// ClaimLease is Claim. With [First] it returns a token for the claim. The claim
	// lapses after a time that the store sets, which must be longer than any function
	// takes. Then the next caller gets First.
	ClaimLease(ctx context.Context, id string) (token string, s State, err error)
	// DoneLease is Done. If the claim of token has lapsed and another caller has
	// claimed id, it returns an error and changes nothing.
	DoneLease(ctx context.Context, id, token string) error
	// ReleaseLease is Release. If the claim of token has lapsed and another caller has
	// claimed id, it returns an error and changes nothing.
	ReleaseLease(ctx context.Context, id, token string) error
}

// A State says whether a notification was handled.
type State int

const (
	First   State = iota + 1 // the caller must handle it now
	Busy                     // another caller is handling it
	Handled                  // it was handled successfully
)
