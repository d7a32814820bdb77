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

// A State is how far a notification has come.
type State int

const (
	First   State = iota + 1 // nobody has it: the caller is to handle it now
	Busy                     // somebody is handling it
	Handled                  // it was handled, successfully
)
