package notify

import "context"

// Seen remembers, by their ID, the notifications that handlers have seen. It
// must be safe for concurrent use. A store that several processes share keeps
// each ID in one place, a key of Redis or a row with a unique column, so that of
// those who claim an ID at once one gets it.
type Seen interface {
	// Claim takes id for the caller, who is [First], unless it is taken already:
	// then it is [Busy], or [Handled]. An error leaves the notification to be
	// sent again.
	//
	// A store that outlives its process must let claims lapse that nobody ended,
	// after the longest time that a function may take.
	Claim(ctx context.Context, id string) (State, error)
	// Done keeps id as Handled, for as long as the platform may send it again: 48
	// hours are enough.
	Done(ctx context.Context, id string) error
	// Release gives id up, so that the next to claim it is First again.
	Release(ctx context.Context, id string) error
}

// Leaser is what a [Seen] may have besides, for a store that outlives its
// processes. Its claims are leases with a token: a claim that lapsed can neither be
// ended nor given up by who lost it. Where a Seen is a Leaser, a [Receiver] calls
// these methods and not those of Seen.
type Leaser interface {
	// ClaimLease is Claim. When the caller is [First], token stands for its claim.
	// The claim lapses after a time that the store sets, which must be longer than
	// any function takes; then the next to claim id is First.
	ClaimLease(ctx context.Context, id string) (token string, s State, err error)
	// DoneLease is Done. It returns an error, and changes nothing, when the claim
	// of token has lapsed and somebody else has taken id.
	DoneLease(ctx context.Context, id, token string) error
	// ReleaseLease is Release. It returns an error, and changes nothing, when the
	// claim of token has lapsed and somebody else has taken id.
	ReleaseLease(ctx context.Context, id, token string) error
}

// A State is how far a notification has come.
type State int

const (
	First   State = iota + 1 // nobody has it: the caller is to handle it now
	Busy                     // somebody is handling it
	Handled                  // it was handled, successfully
)
