// Package config reads the settings of merchants and makes clients of them.
//
// Settings come from the file wxpay.toml, which the command wxpay writes too, from
// variables such as WECHATPAY_MCHID, and from the folder where a secret manager
// mounts its files. [Load] returns the [wechatpay.Config] of one merchant. [Open]
// returns the clients of any number of merchants, by their merchant numbers; the
// clients share their connections, and follow changes of the files.
//
// An error names the file, the line and the key that is wrong, and shows no secret.
package config

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/transport"
	"github.com/wxchain/wechatpay/notify"
)

// FileName is the usual name of the configuration file.
const FileName = "wxpay.toml"

// An Option says where settings come from, or changes the clients that are made of
// them. If several sources have the same setting, the source that comes first wins.
// Without a source, settings come from [Environment], then from the file wxpay.toml
// in the current folder, if it exists.
type Option func(*options)

type options struct {
	sources []source
	edits   []func(*wechatpay.Config)
}

// A source is a place that settings are read from.
type source interface {
	// read returns the settings of each merchant in the source. A single one
	// without an mchid completes those of other sources.
	read() ([]Merchant, error)
}

func from(s source) Option { return func(o *options) { o.sources = append(o.sources, s) } }

// With changes the Config of each client before the client is made, for example to
// add a middleware. edit is called again for each client that is made later,
// whenever its settings change. Downloads of platform certificates use the Transport
// and the Clock that edit sets, but the BaseURL, the merchant number and the key of
// the settings.
func With(edit func(*wechatpay.Config)) Option {
	return func(o *options) { o.edits = append(o.edits, edit) }
}

func newOptions(opts []Option) options {
	var o options
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	if len(o.sources) == 0 {
		o.sources = []source{environment{}, file("")}
	}
	return o
}

// Read returns the settings of each merchant in the sources, in the order of the
// sources. It does not report missing settings; [Load] and [Open] do. All its errors
// wrap [wechatpay.ErrConfig].
func Read(opts ...Option) ([]Merchant, error) {
	merchants, err := newOptions(opts).read()
	if err != nil {
		return nil, wrong(err)
	}
	return merchants, nil
}

// Load returns the Config of the one merchant in the sources. If it has an APIv3 key,
// the Config downloads platform certificates when they are first needed, until ctx
// ends. Load uses no network. The error wraps [wechatpay.ErrConfig] and reports all
// mistakes.
func Load(ctx context.Context, opts ...Option) (wechatpay.Config, error) {
	config, err := load(ctx, newOptions(opts))
	if err != nil {
		return wechatpay.Config{}, wrong(err)
	}
	return config, nil
}

func load(ctx context.Context, o options) (wechatpay.Config, error) {
	if ctx == nil {
		return wechatpay.Config{}, errors.New("ctx is nil")
	}
	merchants, err := o.read()
	if err != nil {
		return wechatpay.Config{}, err
	}
	switch n := len(merchants); {
	case n == 0:
		return wechatpay.Config{}, errNothing
	case n > 1:
		return wechatpay.Config{}, fmt.Errorf("there are %d merchants: set WECHATPAY_MCHID to one of them, or make clients of all with Open", n)
	}
	return merchants[0].open().config(ctx, o.shared())
}

var errNothing = errors.New("nothing is set: write wxpay.toml with wxpay init, name a file with File, or set WECHATPAY_MCHID and the other variables")

// shared is what all clients of these options have in common.
type shared struct {
	transport http.RoundTripper
	seen      notify.Seen
	edits     []func(*wechatpay.Config)
}

func (o options) shared() shared {
	return shared{transport: transport.New(), seen: notify.NewMemorySeen(0, 0), edits: o.edits}
}
