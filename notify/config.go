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

// A Config configures a [Receiver]. Notifications of APIv3 need Keys and APIv3Key,
// those of APIv2 need APIv2Key.
type Config struct {
	// Keys are the platform keys, which verify notifications of APIv3.
	Keys signer.PublicKeys
	// APIv3Key decrypts notifications of APIv3. It has 32 bytes.
	APIv3Key string
	// OtherAPIv3Key opens notifications that APIv3Key does not open, while the merchant
	// changes its APIv3 key: the new key before the change, the old key after it.
	// Optional.
	OtherAPIv3Key string
	// Suite has the cipher of notifications of APIv3. It is optional: by default,
	// the platform key that verifies a notification decides, if it is a
	// [cipher.Sealer], or else the cipher is AEAD_AES_256_GCM.
	Suite signer.Suite
	// APIv2Key verifies or decrypts notifications of APIv2. It has 32 bytes.
	APIv2Key string

	// Seen remembers handled notifications. The default, NewMemorySeen(0, 0), does so
	// in the memory of this process. Several processes that receive the
	// notifications of one URL need a shared store.
	Seen Seen
	// Clock is time.Now by default.
	Clock func() time.Time
	// Timeout limits how long a handler waits for the body of the request and for its
	// function. The default is 4.5 s. The maximum is 5 s, because the platform waits
	// no longer.
	Timeout time.Duration
	// OnError is called for every request that a handler does not answer with
	// success, and for every failure after the answer. err has the ID of the
	// notification, if it is known, and the stack of a panic. If the request was
	// refused, err wraps an [*Error]. ctx has the values of the request's context.
	// OnError may be nil. Several goroutines may call it at once. A panic in it is
	// ignored.
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

// Receiver returns a Receiver for config, as [New] does, but no error. If config is
// wrong, the Receiver answers every request with 500. Its Parse and OnError then get
// an error that reports all mistakes.
func (config Config) Receiver() *Receiver {
	r, err := config.build()
	if err != nil {
		return &Receiver{broken: err, onError: config.OnError}
	}
	return r
}

// build returns the Receiver, or an error with all mistakes of the configuration.
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
		if r.gcm, err = cipher.NewGCMOf(config.Suite, config.APIv3Key, config.OtherAPIv3Key); err != nil {
			problem("APIv3Key: %w", err)
		}
		r.gcmOf = func(s cipher.Sealer) (*cipher.GCM, error) {
			return cipher.NewGCMOf(s, config.APIv3Key, config.OtherAPIv3Key)
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

// missing returns an error for each missing field that notifications need.
func (config Config) missing() (problems []error) {
	problem := func(text string) { problems = append(problems, errors.New(text)) }
	for _, field := range []struct {
		name  string
		value any
	}{{"Keys", config.Keys}, {"Seen", config.Seen}} {
		if isNilPointer(field.value) {
			problem(field.name + " is a nil pointer")
		}
	}
	switch {
	case config.Keys == nil && config.APIv3Key == "" && config.APIv2Key == "":
		problem("Keys and APIv3Key are missing, and so is APIv2Key: set the first two for APIv3, or the last for APIv2")
	case config.Keys == nil && config.APIv3Key != "":
		problem("Keys is missing: a notification of APIv3 cannot be verified without the platform keys")
	case config.Keys != nil && config.APIv3Key == "":
		problem("APIv3Key is missing: a notification of APIv3 cannot be decrypted without it")
	case config.OtherAPIv3Key != "" && config.APIv3Key == "":
		problem("OtherAPIv3Key is set without APIv3Key")
	}
	return problems
}

func isNilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// String shows which keys are set, and no key.
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

// MarshalJSON writes String. You cannot read a Config back from JSON.
func (config Config) MarshalJSON() ([]byte, error) { return json.Marshal(config.String()) }
