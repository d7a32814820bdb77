package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/signer"
)

// maxTimeout is how long the platform waits for an answer, defaultTimeout
// leaves some of it to the network.
const (
	maxTimeout     = 5 * time.Second
	defaultTimeout = 4500 * time.Millisecond
)

// A Config is what a [Receiver] is made of. Keys and APIv3Key, which go
// together, are for notifications of APIv3, APIv2Key for those of APIv2.
type Config struct {
	// Keys are the platform's keys, that notifications of APIv3 are signed with.
	Keys signer.PublicKeys
	// APIv3Key opens what notifications of APIv3 encrypt. It has 32 bytes.
	APIv3Key string
	// APIv2Key is what notifications of APIv2 are signed or encrypted with. It
	// has 32 bytes.
	APIv2Key string

	// Seen remembers which notifications were handled. The default does so in the
	// memory of this process: NewMemorySeen(0, 0). Several processes that take the
	// notifications of one address need a store that they share.
	Seen Seen
	// Clock is time.Now by default.
	Clock func() time.Time
	// Timeout is how long a handler takes at most, for the body of the request and
	// for its function. The platform waits 5 s, the most there may be; the default
	// is 4.5 s.
	Timeout time.Duration
	// OnError, if there is one, is told of every request that a handler answers
	// with something else than success, and why, and of what fails after the
	// answer. The error has the ID of the notification, where one is known, and
	// the stack of a panic. It wraps an [*Error] when the request was refused.
	// ctx carries the values of the request's. OnError may be called by many
	// goroutines at once. A panic in it is passed over.
	OnError func(ctx context.Context, err error)
}

// New returns a Receiver for config, or an error that reports all its mistakes.
func New(config Config) (*Receiver, error) {
	r, err := config.build()
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return r, nil
}

// Receiver is [New] without an error: when config is wrong, the Receiver answers
// every request with 500, and Parse and OnError are told what is wrong.
func (config Config) Receiver() *Receiver {
	r, err := config.build()
	if err != nil {
		return &Receiver{broken: err, onError: config.OnError}
	}
	return r
}

// build makes the Receiver, or reports all mistakes of the configuration.
func (config Config) build() (*Receiver, error) {
	r := &Receiver{
		keys: config.Keys,
		seen: config.Seen, clock: config.Clock, timeout: config.Timeout, onError: config.OnError,
		jobs: newJobs(),
	}
	problems := config.missing()
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
	}
	if config.APIv3Key != "" {
		var err error
		if r.gcm, err = cipher.NewGCM(config.APIv3Key); err != nil {
			problem("APIv3Key: %w", err)
		}
	}
	if config.APIv2Key != "" {
		r.apiv2 = func() string { return config.APIv2Key }
		if n := len(config.APIv2Key); n != 32 {
			problem("APIv2Key has %d bytes, an APIv2 key has 32", n)
		}
	}
	if config.Timeout < 0 || config.Timeout > maxTimeout {
		problem("Timeout is %v, want more than 0 and no more than the %v that the platform waits", config.Timeout, maxTimeout)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("config: %s", strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; "))
	}
	if r.seen == nil {
		r.seen = NewMemorySeen(0, 0)
	}
	if r.clock == nil {
		r.clock = time.Now
	}
	if r.timeout == 0 {
		r.timeout = defaultTimeout
	}
	return r, nil
}

// missing reports the fields without which no notification can be verified or
// decrypted.
func (config Config) missing() (problems []error) {
	if isNilPointer(config.Keys) || isNilPointer(config.Seen) {
		problems = append(problems, errors.New("Keys or Seen is a nil pointer"))
	}
	switch {
	case config.Keys == nil && config.APIv3Key == "" && config.APIv2Key == "":
		problems = append(problems, errors.New("Keys and APIv3Key are missing, and so is APIv2Key: give the former for APIv3, the latter for APIv2"))
	case config.Keys == nil && config.APIv3Key != "":
		problems = append(problems, errors.New("Keys is missing: the platform's keys, without which a notification of APIv3 cannot be verified"))
	case config.Keys != nil && config.APIv3Key == "":
		problems = append(problems, errors.New("APIv3Key is missing: a notification of APIv3 cannot be decrypted without it"))
	}
	return problems
}

func isNilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// String shows of the keys whether they are there.
func (config Config) String() string {
	given := func(ok bool) string {
		if ok {
			return "(given)"
		}
		return "(none)"
	}
	return fmt.Sprintf("notify.Config{Keys: %s, APIv3Key: %s, APIv2Key: %s}",
		given(config.Keys != nil), given(config.APIv3Key != ""), given(config.APIv2Key != ""))
}

// Format prints String, whatever the verb.
func (config Config) Format(f fmt.State, _ rune) { fmt.Fprint(f, config.String()) }

// LogValue is String, for [slog].
func (config Config) LogValue() slog.Value { return slog.StringValue(config.String()) }

// MarshalJSON writes String: a Config has no form that could be read back.
func (config Config) MarshalJSON() ([]byte, error) { return json.Marshal(config.String()) }
