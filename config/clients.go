package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/quote"
)

// Clients holds a client for each merchant. The clients share the connections to the
// platform and the record of handled notifications, and none has a goroutine of its
// own. Clients is safe for concurrent use. Printing it shows no secret.
type Clients struct {
	ctx     context.Context
	options options
	shared  shared

	replacing sync.Mutex // held by one at a time
	mu        sync.RWMutex
	loaded    loaded
}

// loaded is what was made of the settings at one time.
type loaded struct {
	mchIDs []string
	by     map[string]*entry
}

// An entry is the client of a merchant.
type entry struct {
	client *wechatpay.Client
	print  fingerprint
	retire context.CancelFunc // ends the downloads of platform certificates
}

// Open returns clients of all merchants in the sources. Platform certificates are
// downloaded when they are first needed, until ctx ends; without ctx the clients go on
// with the certificates that they have. Open uses no network. The error wraps
// [wechatpay.ErrConfig] and reports the mistakes of all merchants.
func Open(ctx context.Context, opts ...Option) (*Clients, error) {
	o := newOptions(opts)
	c := &Clients{ctx: ctx, options: o, shared: o.shared()}
	if ctx == nil {
		return nil, wrong(errors.New("ctx is nil"))
	}
	var err error
	if c.loaded, err = c.make(o.readAll(), nil); err != nil {
		return nil, wrong(err)
	}
	return c, nil
}

// Client returns the client of a merchant, with its current settings. Ask for it for
// each call or notification, because a client keeps the settings that it was made
// with. If there is only one merchant, mchID may be "". The error wraps
// [wechatpay.ErrConfig] if there is no such merchant.
func (c *Clients) Client(mchID string) (*wechatpay.Client, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if mchID == "" {
		if n := len(c.loaded.mchIDs); n > 1 {
			return nil, wrong(fmt.Errorf("there are %d merchants: say which", n))
		}
		mchID = c.loaded.mchIDs[0]
	}
	if e := c.loaded.by[mchID]; e != nil {
		return e.client, nil
	}
	return nil, wrong(fmt.Errorf("there is no merchant %s", quote.Setting(mchID)))
}

// MchIDs returns the merchant numbers, in the order of the sources.
func (c *Clients) MchIDs() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.loaded.mchIDs)
}

// Reload reads the sources again. If all settings are right, it makes new clients of
// the merchants whose settings or keys changed, and returns their numbers and those of
// merchants that were removed. Otherwise it changes nothing, and the error, which
// wraps [wechatpay.ErrConfig], reports all mistakes. Calls under way go on.
func (c *Clients) Reload() (changed []string, err error) { return c.replace(c.options.readAll()) }

// replace makes the merchants those of a reading.
func (c *Clients) replace(r reading) (changed []string, err error) {
	c.replacing.Lock()
	defer c.replacing.Unlock()
	old := c.loaded // only replace writes it
	next, err := c.make(r, old.by)
	if err != nil {
		return nil, wrong(err)
	}
	for _, mchID := range next.mchIDs {
		if next.by[mchID] != old.by[mchID] {
			changed = append(changed, mchID)
		}
	}
	for _, mchID := range old.mchIDs {
		if next.by[mchID] == nil {
			changed = append(changed, mchID)
		}
	}
	c.mu.Lock()
	c.loaded = next
	c.mu.Unlock()
	for mchID, e := range old.by {
		if next.by[mchID] != e {
			// Calls under way may still wait for certificates.
			time.AfterFunc(retireAfter, e.retire)
		}
	}
	return changed, nil
}

// retireAfter is longer than a call takes.
const retireAfter = 5 * time.Minute

// make makes a client of each merchant of a reading, but for those that old has
// already.
func (c *Clients) make(r reading, old map[string]*entry) (loaded, error) {
	if r.err != nil {
		return loaded{}, r.err
	}
	if len(r.merchants) == 0 {
		return loaded{}, errNothing
	}
	next := loaded{by: make(map[string]*entry, len(r.merchants))}
	var problems []error
	for _, m := range r.merchants {
		e := old[m.MchID]
		if print := m.fingerprint(); e == nil || e.print != print {
			var err error
			if e, err = c.entry(m); err != nil {
				problems = append(problems, err)
				continue
			}
			e.print = print
		}
		next.mchIDs, next.by[m.MchID] = append(next.mchIDs, m.MchID), e
	}
	if len(problems) > 0 {
		for mchID, e := range next.by {
			if old[mchID] != e {
				e.retire()
			}
		}
		return loaded{}, errors.Join(problems...)
	}
	return next, nil
}

// entry makes the client of a merchant.
func (c *Clients) entry(m opened) (*entry, error) {
	ctx, cancel := context.WithCancel(c.ctx)
	config, err := m.config(ctx, c.shared)
	var client *wechatpay.Client
	if err == nil {
		if client, err = wechatpay.New(config); err != nil {
			err = at(m.origin, fmt.Errorf("merchant %s: %s", quote.Setting(m.MchID), strings.TrimPrefix(err.Error(), "wechatpay: config: ")))
		}
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return &entry{client: client, retire: cancel}, nil
}

// Format prints a name and no secret, with any verb.
func (c *Clients) Format(f fmt.State, _ rune) { io.WriteString(f, "config.Clients") }
