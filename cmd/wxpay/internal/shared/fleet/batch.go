package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// The buckets that all batches share.
const (
	batchesBucket = "wxpay-batches" // manifests by id
	paceBucket    = "wxpay-pace"    // when the next calls may be made
)

// manifestFormat is the format that this program reads and writes.
const manifestFormat = 1

// A Manifest describes a batch to the workers. It has no secrets.
type Manifest struct {
	Format     int       `json:"format"`
	ID         string    `json:"id"`
	Method     string    `json:"method"`
	Path       string    `json:"path"`
	Host       string    `json:"host"`
	MchID      string    `json:"mchid"`
	Input      string    `json:"input_sha256"`
	Lines      int64     `json:"lines"`
	Rate       float64   `json:"rate,omitempty"` // calls a second, 0 for no limit
	Retry      int       `json:"retry"`
	NoValidate bool      `json:"no_validate,omitempty"`
	Cancelled  bool      `json:"cancelled,omitempty"`
	Created    time.Time `json:"created"`
}

// A Batch is a batch on the servers.
type Batch struct {
	Manifest
	f        *Fleet
	revision uint64
}

// ErrNotFound is the error for an id that no batch has.
var ErrNotFound = lang.Errorf("the NATS servers have no such batch")

// ErrRemoved is the error for a batch of which somebody has removed a stream.
var ErrRemoved = lang.Errorf("it was removed from the NATS servers")

func (b *Batch) linesStream() string   { return "WXPAY_LINES_" + b.ID }
func (b *Batch) resultsStream() string { return "WXPAY_RESULTS_" + b.ID }
func (b *Batch) marksBucket() string   { return "wxpay-begun-" + b.ID }

func (b *Batch) lineSubject(line int64) string { return fmt.Sprintf("wxpay.%s.line.%d", b.ID, line) }
func (b *Batch) resultSubject(line int64) string {
	return fmt.Sprintf("wxpay.%s.result.%d", b.ID, line)
}

// consumerName is the name of the consumer that hands the lines to workers.
const consumerName = "workers"

// ackWait is the time after which a line is handed to another worker if its worker
// neither finished nor asked for more time.
const ackWait = 15 * time.Second

// Open returns the batch of a manifest. It creates the batch if it does not exist,
// and continues it if it was cancelled. The rate, the retries and the validation
// become those of m.
func (f *Fleet) Open(ctx context.Context, m Manifest) (b *Batch, err error) {
	m.Format, m.Created, m.Cancelled = manifestFormat, time.Now().UTC(), false
	b = &Batch{Manifest: m, f: f}
	kv, err := f.batches(ctx, true)
	if err != nil {
		return nil, explained(err)
	}
	isNew, err := b.createStreams(ctx)
	if err != nil {
		return nil, lang.Errorf("create the streams of batch %s: %w", m.ID, explained(err))
	}
	return b, inTurn(ctx, func(ctx context.Context) error {
		known, err := f.Find(ctx, m.ID)
		if errors.Is(err, ErrNotFound) {
			b.revision, err = kv.Create(ctx, m.ID, b.encode())
			return err
		}
		if err != nil {
			return err
		}
		b.Created, b.revision = known.Created, known.revision
		if b.Manifest == known.Manifest && !isNew {
			return nil // a change makes every worker begin anew
		}
		b.revision, err = kv.Update(ctx, m.ID, b.encode(), known.revision)
		return err
	})
}

// inTurn is manage for a manifest that is read and written. It calls change again if
// somebody else has written the manifest in between.
func inTurn(ctx context.Context, change func(ctx context.Context) error) error {
	return manage(ctx, func(ctx context.Context) error {
		for {
			if err := change(ctx); !isRaced(err) {
				return err
			}
		}
	})
}

func (m Manifest) encode() []byte {
	text, _ := json.Marshal(m) // a Manifest has only types that JSON knows
	return text
}

// batches returns the bucket of manifests.
func (f *Fleet) batches(ctx context.Context, create bool) (kv jetstream.KeyValue, err error) {
	return f.bucket(ctx, jetstream.KeyValueConfig{Bucket: batchesBucket, Description: "batches of wxpay"}, create)
}

// bucket returns a bucket. It returns ErrNotFound if the bucket does not exist and
// create is false.
func (f *Fleet) bucket(ctx context.Context, config jetstream.KeyValueConfig, create bool) (kv jetstream.KeyValue, err error) {
	err = manage(ctx, func(ctx context.Context) error {
		kv, err = f.js.KeyValue(ctx, config.Bucket)
		if errors.Is(err, jetstream.ErrBucketNotFound) && !create {
			return ErrNotFound
		}
		return err
	})
	if !errors.Is(err, jetstream.ErrBucketNotFound) {
		return kv, err
	}
	err = f.replicated(ctx, func(ctx context.Context, replicas int) error {
		config.Replicas, config.Storage = replicas, jetstream.FileStorage
		kv, err = f.js.CreateKeyValue(ctx, config)
		if errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = f.js.KeyValue(ctx, config.Bucket)
		}
		return err
	})
	return kv, err
}

// createStreams creates the streams and the consumer of a batch, unless they exist. It
// reports whether the consumer is new.
func (b *Batch) createStreams(ctx context.Context) (isNew bool, err error) {
	for _, s := range []jetstream.StreamConfig{
		{Name: b.linesStream(), Subjects: []string{"wxpay." + b.ID + ".line.*"}, Description: "lines of " + b.Method + " " + b.Path},
		{Name: b.resultsStream(), Subjects: []string{"wxpay." + b.ID + ".result.*"}, Description: "results of " + b.Method + " " + b.Path},
	} {
		s.Storage, s.MaxMsgsPerSubject, s.AllowDirect = jetstream.FileStorage, 1, true
		if err := b.f.replicated(ctx, func(ctx context.Context, replicas int) error {
			s.Replicas = replicas
			_, err := b.f.js.CreateStream(ctx, s)
			if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
				return nil // with another number of replicas, perhaps
			}
			return err
		}); err != nil {
			return false, err
		}
	}
	if _, err := b.f.bucket(ctx, jetstream.KeyValueConfig{Bucket: b.marksBucket(), Description: "calls that began, of " + b.Method + " " + b.Path}, true); err != nil {
		return false, err
	}
	err = manage(ctx, func(ctx context.Context) error {
		_, err := b.f.js.Consumer(ctx, b.linesStream(), consumerName)
		if !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return err
		}
		isNew = true
		_, err = b.f.js.CreateConsumer(ctx, b.linesStream(), jetstream.ConsumerConfig{
			Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxDeliver: -1, MaxAckPending: -1, MaxWaiting: 4096,
		})
		if errors.Is(err, jetstream.ErrConsumerExists) {
			return nil
		}
		return err
	})
	return isNew, err
}

// mostID is the length that no id has. A longer text would break the connection.
const mostID = 64

// Find returns the batch with an id.
func (f *Fleet) Find(ctx context.Context, id string) (*Batch, error) {
	if len(id) > mostID {
		return nil, ErrNotFound
	}
	kv, err := f.batches(ctx, false)
	if err != nil {
		return nil, err
	}
	var entry jetstream.KeyValueEntry
	err = manage(ctx, func(ctx context.Context) error {
		entry, err = kv.Get(ctx, id)
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrInvalidKey) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return f.decode(entry)
}

func (f *Fleet) decode(entry jetstream.KeyValueEntry) (*Batch, error) {
	b := &Batch{f: f, revision: entry.Revision()}
	if err := json.Unmarshal(entry.Value(), &b.Manifest); err != nil {
		return nil, lang.Errorf("batch %s: its manifest is damaged: %w", entry.Key(), err)
	}
	if b.Format != manifestFormat {
		return nil, lang.Errorf("batch %s has the format %d, this wxpay knows %d; use the version that began it", entry.Key(), b.Format, manifestFormat)
	}
	return b, nil
}

// List returns all batches, the oldest first. The error also says which batches cannot be
// read; the others are there.
func (f *Fleet) List(ctx context.Context) (all []*Batch, unread error) {
	kv, err := f.batches(ctx, false)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	err = manage(ctx, func(ctx context.Context) error {
		ids, err = kv.Keys(ctx)
		return err
	})
	if err != nil && !errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil, err
	}
	for _, id := range ids {
		switch b, err := f.Find(ctx, id); {
		case errors.Is(err, ErrNotFound): // somebody has just removed it
		case isTemporary(err) || ctx.Err() != nil:
			return nil, err
		case err != nil:
			unread = errors.Join(unread, err)
		default:
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b *Batch) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, unread
}

// Cancel tells the workers to begin no more lines of the batch. Lines under way
// end. Open continues the batch.
func (b *Batch) Cancel(ctx context.Context) error {
	kv, err := b.f.batches(ctx, false)
	if err != nil {
		return err
	}
	return inTurn(ctx, func(ctx context.Context) error {
		known, err := b.f.Find(ctx, b.ID)
		if err != nil || known.Cancelled {
			return err
		}
		known.Cancelled = true
		_, err = kv.Update(ctx, b.ID, known.encode(), known.revision)
		return err
	})
}

// Status says how far a batch is.
type Status struct {
	Published int64 // lines on the servers
	Results   int64 // lines with a result
	Waiting   int64 // lines that no worker has taken yet
	Taken     int64 // lines that a worker has taken and not finished
	Replicas  int
}

// IsStuck reports whether a batch with that many lines lacks results and nobody works on
// them, because somebody removed lines or results.
func (s Status) IsStuck(lines int64) bool { return s.Results < lines && s.Waiting == 0 && s.Taken == 0 }

// Done reports whether a batch with that many lines has nothing left to do.
func (s Status) Done(lines int64) bool { return s.Results >= lines && s.Waiting == 0 && s.Taken == 0 }

// Status asks the servers how far the batch is.
func (b *Batch) Status(ctx context.Context) (s Status, err error) {
	lines, err := b.info(ctx, b.linesStream())
	if err != nil {
		return s, err
	}
	results, err := b.info(ctx, b.resultsStream())
	if err != nil {
		return s, err
	}
	s = Status{Published: int64(lines.State.Msgs), Results: int64(results.State.Msgs), Replicas: lines.Config.Replicas}
	err = manage(ctx, func(ctx context.Context) error {
		c, err := b.f.js.Consumer(ctx, b.linesStream(), consumerName)
		if err != nil {
			return err
		}
		info := c.CachedInfo()
		s.Waiting, s.Taken = int64(info.NumPending), int64(info.NumAckPending)
		return nil
	})
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		err = lang.Errorf("batch %s has no consumer: %w", b.ID, ErrRemoved)
	}
	return s, err
}

func (b *Batch) info(ctx context.Context, stream string) (info *jetstream.StreamInfo, err error) {
	err = manage(ctx, func(ctx context.Context) error {
		s, err := b.f.js.Stream(ctx, stream)
		if err == nil {
			info = s.CachedInfo()
		}
		return err
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, lang.Errorf("batch %s has no stream %s: %w", b.ID, stream, ErrRemoved)
	}
	return info, err
}
