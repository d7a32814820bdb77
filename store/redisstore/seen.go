package redisstore

import (
	"context"
	"crypto/rand"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
)

var (
	//go:embed claim.lua
	claimScript string
	//go:embed done.lua
	doneScript string
	//go:embed release.lua
	releaseScript string
)

// ErrLost is the error of a function that has ended after its claim lapsed and another
// caller claimed the notification.
var ErrLost = errors.New("redisstore: the claim lapsed, and another caller has claimed the notification since")

var errForeign = errors.New("redisstore: the key of the notification holds something else: set a Prefix that nothing else uses")

// NewSeen returns a store of handled notifications for [notify.Config.Seen], which all
// processes share that use the same Redis and [Prefix]. It is also a [notify.Leaser].
// The options are [Prefix], [Lease] and [Keep]. If c is nil or an option is wrong, every
// method returns an error that reports all mistakes.
//
// Each method sends one command, and works with an older server and after a restart
// alike. If Redis cannot be reached, the method returns the error, and the receiver
// answers 500: the platform sends the notification again. If a claim's answer was lost,
// the claim lapses after the [Lease].
//
// While Sentinel or a cluster has no primary, every method returns an error. After a
// fail-over, a notification whose record had not reached the promoted replica may be
// handled again.
//
// Claims by Claim, without a token, are a kind of their own: Done and Release end any of
// them, but not the claims by ClaimLease. Their errors wrap [ErrLost] in the same cases.
func NewSeen(c redis.UniversalClient, opts ...Option) notify.Seen {
	s, problems := newSettings(c, opts)
	return &seen{
		client: c, prefix: s.prefix + "seen:", lease: s.lease, keep: s.keep,
		err: joined("NewSeen", problems),
	}
}

type seen struct {
	client      redis.UniversalClient
	prefix      string
	lease, keep time.Duration
	err         error // what is wrong with the arguments of NewSeen
}

var _ notify.Leaser = (*seen)(nil)

// noToken is the start of the token of a claim by Claim. The tokens of ClaimLease have
// only letters and digits.
const noToken = "-"

func (s *seen) Claim(ctx context.Context, id string) (notify.State, error) {
	return s.claim(ctx, id, noToken+rand.Text())
}

func (s *seen) Done(ctx context.Context, id string) error {
	return s.done(ctx, id, "claim "+noToken, "handled "+noToken)
}

func (s *seen) Release(ctx context.Context, id string) error {
	return s.release(ctx, id, "claim "+noToken)
}

func (s *seen) ClaimLease(ctx context.Context, id string) (string, notify.State, error) {
	token := rand.Text()
	state, err := s.claim(ctx, id, token)
	if err != nil || state != notify.First {
		token = ""
	}
	return token, state, err
}

func (s *seen) DoneLease(ctx context.Context, id, token string) error {
	return s.done(ctx, id, "claim "+token+".", "handled "+token+".")
}

func (s *seen) ReleaseLease(ctx context.Context, id, token string) error {
	return s.release(ctx, id, "claim "+token+".")
}

func (s *seen) claim(ctx context.Context, id, token string) (notify.State, error) {
	state, err := s.run(ctx, claimScript, id, "claim "+token+".", s.lease.Milliseconds())
	switch {
	case err != nil:
		return 0, err
	case state == 0:
		return 0, errForeign
	}
	return notify.State(state), nil
}

func (s *seen) done(ctx context.Context, id, claim, handled string) error {
	return kept(s.run(ctx, doneScript, id, claim, handled, s.keep.Milliseconds()))
}

func (s *seen) release(ctx context.Context, id, claim string) error {
	return kept(s.run(ctx, releaseScript, id, claim))
}

// kept returns the error of a script that says whether the claim was not lost.
func kept(result int, err error) error {
	if err == nil && result == 0 {
		err = ErrLost
	}
	return err
}

// run sends the text of the script, not its hash: a server that does not know the hash,
// as after a restart, would need a second round trip.
func (s *seen) run(ctx context.Context, script, id string, args ...any) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	result, err := s.client.Eval(ctx, script, []string{s.prefix + id}, args...).Int()
	if isWrongType(err) {
		return 0, fmt.Errorf("%w: %w", errForeign, err)
	}
	if err != nil {
		return 0, fmt.Errorf("redisstore: %w", err)
	}
	return result, nil
}

// isWrongType reports whether a key has another type than a script expects. The error
// says so at another place in each version of Redis.
func isWrongType(err error) bool {
	return err != nil && strings.Contains(err.Error(), "WRONGTYPE")
}
