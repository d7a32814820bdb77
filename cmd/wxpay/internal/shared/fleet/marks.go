package fleet

import (
	"context"
	"errors"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// ErrRaced is the error of a mark that somebody else wrote first.
var ErrRaced = lang.Errorf("another worker has marked the line")

// Marks record what began, by line.
type Marks struct {
	kv jetstream.KeyValue
	f  *Fleet
}

// orRemoved is that of the fleet, for the mark with a key.
func (m *Marks) orRemoved(ctx context.Context, err error, key string) error {
	return m.f.orRemoved(ctx, err, "$KV."+m.kv.Bucket()+"."+key)
}

// Marks returns the marks of the batch. It returns ErrRemoved if they are gone.
func (b *Batch) Marks(ctx context.Context) (*Marks, error) {
	kv, err := b.f.bucket(ctx, jetstream.KeyValueConfig{Bucket: b.marksBucket()}, false)
	if errors.Is(err, ErrNotFound) {
		err = ErrRemoved
	}
	return &Marks{kv, b.f}, err
}

// Get returns the mark of a line and its revision, or nil and 0.
func (m *Marks) Get(ctx context.Context, line int64) (data []byte, revision uint64, err error) {
	key := strconv.FormatInt(line, 10)
	err = persist(ctx, func(ctx context.Context) error {
		entry, err := m.kv.Get(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return nil
		}
		if err == nil {
			data, revision = entry.Value(), entry.Revision()
		}
		return m.orRemoved(ctx, err, key)
	})
	return data, revision, err
}

// Put replaces the mark of a line that has the revision, 0 for a line without a
// mark. Put returns ErrRaced if the line has another mark.
func (m *Marks) Put(ctx context.Context, line int64, data []byte, revision uint64) (next uint64, err error) {
	key := strconv.FormatInt(line, 10)
	err = persist(ctx, func(ctx context.Context) error {
		next, err = m.kv.Update(ctx, key, data, revision)
		return m.orRemoved(ctx, err, key)
	})
	if isRaced(err) || errors.Is(err, jetstream.ErrKeyExists) {
		return 0, ErrRaced
	}
	return next, err
}
