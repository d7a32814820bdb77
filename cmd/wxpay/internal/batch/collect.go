package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
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
		return nil, fmt.Errorf("--out %w", err)
	}
	l, err := openLedger(path)
	if err != nil {
		return nil, err
	}
	claimed, err := l.identity()
	if err == nil && claimed == nil {
		file, failed := create(path, id, l)
		if err = failed; err == nil {
			err = file.Close()
		}
	}
	if err == nil && claimed != nil {
		if other := id.difference(*claimed); other != "" {
			err = fmt.Errorf("--out %s has the results of %s; take another --out", path, other)
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return &collection{path, l}, nil
}

func (c *collection) close() error { return c.ledger.close() }

// collect writes all results that the batch has, and prints what they say.
func (c *collection) collect(ctx context.Context, q *fleet.Batch, stdout, stderr io.Writer) error {
	t := newTally(q.Lines)
	bar := term.CountProgress(stderr, "writing "+filepath.Base(c.path), q.Lines, "results")
	err := c.write(ctx, q, t, bar)
	bar.End()
	if err != nil {
		return err
	}
	return errors.Join(t.err(), t.print(stdout, 0), t.hint(stderr))
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
			return fmt.Errorf("batch %s has a damaged result: %w", q.ID, err)
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
