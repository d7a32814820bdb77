package redisstore

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// An Option is an option of [NewSeen] or [NewLimiter].
type Option func(*settings)

type settings struct {
	prefix      string
	lease, keep time.Duration
	replicas    int
	onError     func(error)
}

const (
	defaultPrefix = "wechatpay:"
	// The platform repeats a notification after 15 s, 15 s, 30 s and 3 min. If a process
	// dies in one of the first sendings, the one at 4 min finds its claim lapsed.
	defaultLease = 2 * time.Minute
	// The platform sends a notification again for 24 h and 4 min.
	defaultKeep = 48 * time.Hour
)

// Prefix sets the start of all keys in Redis. The default is "wechatpay:". A
// notification has the key prefix + "seen:" + ID, and a limit has the key prefix +
// "limit:" + key. Give receivers different prefixes if each of them must get a
// notification of the same ID, such as a test system and the shop.
func Prefix(prefix string) Option { return func(s *settings) { s.prefix = prefix } }

// Lease sets when the claim of a notification lapses unless its function returns. The
// default is 2 minutes. It must be longer than any function takes: a function that takes
// longer may run a second time in another process, at the same time. If a process dies,
// nobody gets its notifications before the lease ends. Lease is an option of [NewSeen].
func Lease(d time.Duration) Option { return func(s *settings) { s.lease = d } }

// Keep sets how long a handled notification is remembered. The default is 48 hours. The
// platform repeats a notification for a day. Keep is an option of [NewSeen].
func Keep(d time.Duration) Option { return func(s *settings) { s.keep = d } }

// Replicas sets how many processes share the limit. While Redis is away, each of them
// keeps to its share, perSecond / n. The default is 1: without Redis each process then
// uses the whole limit. Replicas is an option of [NewLimiter].
func Replicas(n int) Option { return func(s *settings) { s.replicas = n } }

// OnError sets a function that is called when the limiter starts to use the local share,
// with the reason. Several goroutines may call it at once. OnError is an option of
// [NewLimiter].
func OnError(f func(error)) Option { return func(s *settings) { s.onError = f } }

// newSettings returns the settings of a store of c, or an error that reports all
// mistakes.
func newSettings(c redis.UniversalClient, opts []Option) (settings, []error) {
	s := settings{prefix: defaultPrefix, lease: defaultLease, keep: defaultKeep, replicas: 1}
	for _, opt := range opts {
		if opt != nil {
			opt(&s)
		}
	}
	var problems []error
	if v := reflect.ValueOf(c); c == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		problems = append(problems, errors.New("the client is nil"))
	}
	for _, option := range []struct {
		name  string
		value time.Duration
	}{{"Lease", s.lease}, {"Keep", s.keep}} {
		if option.value < time.Millisecond {
			problems = append(problems, fmt.Errorf("%s is %v, want a millisecond or more", option.name, option.value))
		}
	}
	if s.replicas < 1 {
		problems = append(problems, fmt.Errorf("Replicas is %d, want 1 or more", s.replicas))
	}
	return s, problems
}

// joined returns one error for all problems, or nil.
func joined(constructor string, problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("redisstore: %s: %s", constructor, strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; "))
}
