package batch

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// A collection is the file for the results of a batch on NATS. It is replaced as a
// whole each time the results are written.
type collection struct {
	path   string
	ledger *ledger
}

// openCollection opens the results at path, or creates them. It fails if they
// belong to another batch, or to a batch without NATS.
func openCollection(path string, id identity) (*collection, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, lang.Errorf("--out %w", err)
	}
	_, missing := os.Lstat(path + ledgerSuffix)
	l, err := openLedger(path)
	if err != nil {
		return nil, err
	}
	claimed, err := l.identity()
	if err == nil && claimed == nil {
		file, failed := create(path, id, l)
		if failed != nil && missing != nil {
			return nil, errors.Join(failed, l.close(), os.Remove(path+ledgerSuffix))
		}
		if err = failed; err == nil {
			err = file.Close()
		}
	}
	if err == nil && claimed != nil {
		if other := id.difference(*claimed); other != nil {
			err = lang.Errorf("--out %s has the results of %s; take another --out", path, other)
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return &collection{path, l}, nil
}

func (c *collection) close() error { return c.ledger.close() }

// collect writes all results that the batch has, and prints what they say. hint prints
// what to do about lines that are not done.
func (c *collection) collect(ctx context.Context, q *fleet.Batch, stdout, stderr io.Writer, hint func(*tally) error) error {
	t := newTally(q.Lines)
	t.onServers = true
	l := lang.From(ctx)
	bar := term.CountProgress(l, stderr, lang.Sprintf("writing %s", filepath.Base(c.path)), q.Lines, "results")
	err := c.write(ctx, q, t, bar)
	bar.End()
	if err != nil {
		return err
	}
	return errors.Join(t.err(), t.print(l, stdout, 0), hint(t))
}

func (c *collection) write(ctx context.Context, q *fleet.Batch, t *tally, bar *term.Progress) error {
	file, err := wholefile.Create(c.path)
	if err != nil {
		return err
	}
	defer file.Discard()
	for text, err := range q.Results(ctx) {
		if err != nil {
			return err
		}
		r, err := parseResult(text)
		if err != nil {
			return lang.Errorf("batch %s has a damaged result: %w", q.ID, err)
		}
		if _, err := file.Write(text); err != nil {
			return err
		}
		t.add(r)
		bar.Add(1)
	}
	if err := file.Commit(); err != nil {
		return err
	}
	return c.ledger.setResults(true)
}
