package batch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/pause"
)

// mostReplicas is the most that JetStream has.
const mostReplicas = 5

// checkNATS checks the flags that go with --nats.
func (f options) checkNATS(isGiven func(flag string) bool) error {
	switch lone := f.nats.Lone(); {
	case lone != "":
		return lang.Errorf("--%s needs --nats, the URLs of the servers", lone)
	case f.nats.URL == "" && isGiven("nats"):
		return lang.Errorf("--nats is empty; give the URLs of the servers, such as nats://10.0.0.1:4222")
	case f.nats.URL == "" && isGiven("replicas"):
		return lang.Errorf("--replicas needs --nats, the URLs of the servers")
	case f.nats.URL == "":
		return nil
	case isGiven("concurrency"):
		return lang.Errorf("--concurrency belongs to wxpay work, which makes the calls of a batch with --nats")
	case isGiven("replicas") && (f.replicas < 1 || f.replicas > mostReplicas):
		return lang.Errorf("--replicas %d is not a number from 1 to %d", f.replicas, mostReplicas)
	}
	return f.nats.Check(true)
}

// connect connects to NATS. replicas is that of --replicas.
func connect(ctx context.Context, s fleet.Settings, replicas int) (*fleet.Fleet, error) {
	f, err := fleet.Connect(ctx, s, replicas)
	if errors.Is(err, fleet.ErrSettings) {
		return nil, exit.Misuse(err)
	}
	if err != nil {
		return nil, exit.With(err, exit.Network)
	}
	return f, nil
}

// id returns the id of the batch on the servers.
func (id identity) id() string {
	text, _ := json.Marshal(id) // an identity has only types that JSON knows
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// identityOf returns the identity of a batch on the servers.
func identityOf(m fleet.Manifest) identity {
	return identity{Input: m.Input, Method: m.Method, Path: m.Path, Host: m.Host, MchID: m.MchID, NATS: true}
}

// runFleet checks the input, publishes its lines, follows the workers, and writes
// the results.
func (b *batch) runFleet(cmd *cobra.Command, f options, id identity) (err error) {
	f.nats.FromEnvironment()
	servers, err := connect(cmd.Context(), f.nats, f.replicas)
	if err != nil {
		return err
	}
	defer servers.Close()
	b.fits = func(r record) error { return fits(encodeRecord(r), servers.MaxData()) }
	id.NATS = true
	in, census, err := b.prepare(cmd, f, &id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.file.Close()) }()
	out, err := openCollection(f.out, id)
	if err != nil {
		return exit.Misuse(err)
	}
	defer func() { err = errors.Join(err, out.close()) }()

	m := fleet.Manifest{ID: id.id(), Method: id.Method, Path: id.Path, Host: id.Host, MchID: id.MchID, Input: id.Input,
		Lines: census.records, Retry: f.retry, NoValidate: f.noValidate}
	if limit, _ := parseRate(f.rate); limit != rate.Inf {
		m.Rate = float64(limit)
	}
	ctx := cmd.Context()
	q, err := servers.Open(ctx, m)
	if err != nil {
		return err
	}
	if err := follow(ctx, servers, q, in, cmd.ErrOrStderr()); err != nil {
		if ctx.Err() != nil {
			lang.From(ctx).Fprintf(cmd.ErrOrStderr(), "the workers go on; run the same command again to follow them, or stop them with wxpay batch cancel %s\n", q.ID)
		}
		return err
	}
	return out.collect(ctx, q, cmd.OutOrStdout(), cmd.ErrOrStderr(), func(t *tally) error { return t.hint(lang.From(ctx), cmd.ErrOrStderr()) })
}

// fits reports a line that the servers do not take.
func fits(data []byte, most int) error {
	if len(data) > most {
		return lang.Errorf("the line takes %d bytes, and the NATS servers take %d in a message; raise max_payload in their configuration, or send the line with wxpay call", len(data), most)
	}
	return nil
}

// follow publishes the lines, and returns when all of them have a result.
func follow(ctx context.Context, servers *fleet.Fleet, q *fleet.Batch, in *input, notes io.Writer) error {
	l := lang.From(ctx)
	status, err := q.Status(ctx)
	if err != nil {
		return err
	}
	if status.Published < q.Lines {
		bar := term.CountProgress(l, notes, lang.Phrase("publishing"), q.Lines, "lines")
		err := q.Publish(ctx, encoded(in), func(n int64) { bar.Add(n) })
		bar.End()
		if err != nil {
			return cmp.Or(ctx.Err(), err)
		}
	}
	renewals, err := q.Renew(ctx)
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	l.Fprintf(notes, "batch %s: %d lines are published; workers (wxpay work) make the calls\n", q.ID, q.Lines)
	return wait(ctx, servers, q, renewals, status.Results-int64(len(renewals)), notes)
}

// encoded yields the lines of an input as they are published.
func encoded(in *input) iter.Seq2[fleet.Line, error] {
	return func(yield func(fleet.Line, error) bool) {
		for r, err := range in.records(io.Discard) {
			if changed := in.unchanged(); changed != nil {
				err = changed
			}
			var line fleet.Line
			if err == nil {
				line = fleet.Line{Number: r.line, Data: encodeRecord(r)}
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

const (
	followEvery = 500 * time.Millisecond // between questions for the progress
	mostStuck   = 20                     // answers that nobody works on a batch, one after the other
)

// errStuck says why a batch does not end, and what to do.
func errStuck(q *fleet.Batch, s fleet.Status) error {
	if s.Published < q.Lines {
		return lang.Errorf("batch %s: somebody removed %d lines from the NATS servers; run the same command again to publish them", q.ID, q.Lines-s.Published)
	}
	return lang.Errorf("batch %s: somebody removed %d results from the NATS servers; wxpay batch results %s writes the others; query the lines that are not among them, and write those that are not done into a new file", q.ID, q.Lines-s.Results, q.ID)
}

// wait returns when all lines have a result, and each renewed line has its new one.
// had is the number of results that there were.
func wait(ctx context.Context, servers *fleet.Fleet, q *fleet.Batch, renewals []fleet.Renewal, had int64, notes io.Writer) error {
	bar := term.CountProgress(lang.From(ctx), notes, lang.Phrase("in the workers"), q.Lines, "calls")
	defer bar.End()
	bar.Add(had)
	for stuck := 0; ; {
		status, err := q.Status(ctx)
		if err != nil {
			return cmp.Or(ctx.Err(), err)
		}
		for status.Results >= q.Lines && len(renewals) > 0 {
			done, err := q.IsRenewed(ctx, renewals[0])
			if err != nil {
				return cmp.Or(ctx.Err(), err)
			}
			if !done {
				break
			}
			renewals = renewals[1:]
		}
		now := status.Results - int64(len(renewals))
		bar.Add(max(0, now-had))
		had = max(had, now)
		if status.Results >= q.Lines && len(renewals) == 0 {
			return nil
		}
		if stuck++; !status.IsStuck(q.Lines) {
			stuck = 0
		}
		if stuck == mostStuck {
			return errStuck(q, status)
		}
		known, err := servers.Find(ctx, q.ID)
		if errors.Is(err, fleet.ErrNotFound) {
			return lang.Errorf("batch %s was removed from the list of batches while this command followed it; run the command again to publish it again", q.ID)
		}
		if err != nil {
			return cmp.Or(ctx.Err(), err)
		}
		if known.Cancelled {
			return lang.Errorf("batch %s was cancelled; %d of %d lines have a result, which wxpay batch results %s writes; the same command continues the batch", q.ID, status.Results, q.Lines, q.ID)
		}
		if pause.For(ctx, followEvery) != nil {
			return ctx.Err()
		}
	}
}

// encodeRecord encodes a record as it is published.
func encodeRecord(r record) []byte {
	items := make([][3]string, len(r.items))
	for n, i := range r.items {
		items[n] = [3]string{string(i.Kind), i.Name, i.Value}
	}
	text, _ := json.Marshal(items) // strings are always JSON
	return text
}

// decodeRecord decodes a published record.
func decodeRecord(line int64, data []byte) (record, error) {
	var items [][3]string
	if err := json.Unmarshal(data, &items); err != nil {
		return record{}, lang.Errorf("line %d was not published by this version of wxpay: %w", line, err)
	}
	r := record{line: line}
	for _, i := range items {
		r.items = append(r.items, item.Item{Kind: item.Kind(i[0]), Name: i[1], Value: i[2]})
	}
	return r, nil
}
