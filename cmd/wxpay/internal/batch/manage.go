package batch

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// servers connects a command that needs NATS.
func servers(cmd *cobra.Command, s fleet.Settings) (*fleet.Fleet, error) {
	fromFlag := s.URL != ""
	s.FromEnvironment()
	if err := s.Check(fromFlag); err != nil {
		return nil, exit.Misuse(err)
	}
	return connect(cmd.Context(), s, 0)
}

// find connects to the servers and finds the batch that args name.
func find(cmd *cobra.Command, s fleet.Settings, args []string) (*fleet.Fleet, *fleet.Batch, error) {
	f, err := servers(cmd, s)
	if err != nil {
		return nil, nil, err
	}
	q, err := f.Find(cmd.Context(), args[0])
	if err == nil {
		return f, q, nil
	}
	f.Close()
	if errors.Is(err, fleet.ErrNotFound) {
		err = exit.Misuse(lang.Errorf("%w as %s; wxpay batch status lists the batches", err, term.Cut(args[0])))
	}
	return nil, nil, err
}

func needID(_ *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return lang.Errorf("name the ID of one batch; wxpay batch status lists the batches")
	}
	return nil
}

// newStatus returns the command wxpay batch status.
func newStatus() *cobra.Command {
	var s fleet.Settings
	cmd := &cobra.Command{
		Use:   "status [ID] --nats URL",
		Short: "Show how far batches on NATS are",
		Long: `status shows how many lines of a batch have a result, how many are handed out to
workers, and how many wait. Without an ID it lists all batches.

` + fleet.Help,
		Example: `  wxpay batch status --nats nats://10.0.0.1:4222
  wxpay batch status 5f0c954a2b1de913 --nats nats://10.0.0.1:4222`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return needID(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return list(cmd, s)
			}
			f, q, err := find(cmd, s, args)
			if err != nil {
				return err
			}
			defer f.Close()
			return printStatus(cmd, q)
		},
	}
	s.Bind(cmd.Flags())
	return cmd
}

// list prints a row for each batch.
func list(cmd *cobra.Command, s fleet.Settings) error {
	l := lang.From(cmd.Context())
	f, err := servers(cmd, s)
	if err != nil {
		return err
	}
	defer f.Close()
	all, unread := f.List(cmd.Context())
	if len(all) == 0 {
		if unread != nil {
			return unread
		}
		_, err := l.Fprintf(cmd.ErrOrStderr(), "there are no batches\n")
		return err
	}
	w := term.NewTable(cmd.OutOrStdout())
	l.Fprintf(w, "ID\tSTATE\tRESULTS\tLINES\tCALL\n")
	for _, q := range all {
		status, err := q.Status(cmd.Context())
		name := state(q, status)
		if errors.Is(err, fleet.ErrRemoved) {
			name, err = "removed", nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s %s\n", q.ID, name.In(l), status.Results, q.Lines, q.Method, term.Visible(q.Path))
	}
	return errors.Join(w.Flush(), unread)
}

// state names the state of a batch.
func state(q *fleet.Batch, s fleet.Status) lang.Phrase {
	switch {
	case s.Done(q.Lines):
		return "done"
	case q.Cancelled:
		return "cancelled"
	case s.Published < q.Lines, s.IsStuck(q.Lines):
		return "incomplete"
	}
	return "open"
}

func printStatus(cmd *cobra.Command, q *fleet.Batch) error {
	status, err := q.Status(cmd.Context())
	if err != nil {
		return err
	}
	return writeStatus(lang.From(cmd.Context()), cmd.OutOrStdout(), q, status)
}

func writeStatus(l lang.Language, out io.Writer, q *fleet.Batch, status fleet.Status) error {
	w := term.NewTable(out)
	l.Fprintf(w, "batch\t%s\n", q.ID)
	l.Fprintf(w, "call\t%s %s\n", q.Method, term.Visible(q.Path))
	l.Fprintf(w, "merchant\t%s\n", term.Visible(q.MchID))
	l.Fprintf(w, "host\t%s\n", term.Visible(q.Host))
	l.Fprintf(w, "state\t%s\n", state(q, status).In(l))
	l.Fprintf(w, "lines\t%d\n", q.Lines)
	if status.Published < q.Lines {
		l.Fprintf(w, "published\t%d\n", status.Published)
	}
	l.Fprintf(w, "results\t%d\n", status.Results)
	l.Fprintf(w, "handed out\t%d\n", status.Taken)
	l.Fprintf(w, "waiting\t%d\n", status.Waiting)
	if q.Rate > 0 {
		l.Fprintf(w, "rate\t%.4g a second\n", q.Rate)
	}
	l.Fprintf(w, "replicas\t%d\n", status.Replicas)
	return w.Flush()
}

// newResults returns the command wxpay batch results.
func newResults() *cobra.Command {
	var s fleet.Settings
	var out string
	cmd := &cobra.Command{
		Use:   "results ID --nats URL --out RESULTS.jsonl",
		Short: "Write the results that a batch on NATS has",
		Long: `results writes the results that the batch has now, and sums them up. The batch may
go on. The exit code is that of wxpay batch.

` + fleet.Help,
		Example: `  wxpay batch results 5f0c954a2b1de913 --nats nats://10.0.0.1:4222 --out refunded.jsonl`,
		Args:    needID,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if out == "" {
				return exit.Misuse(lang.Errorf("--out is missing: the file for the results, such as results.jsonl"))
			}
			if isPrintedTo(out, cmd.OutOrStdout(), cmd.ErrOrStderr()) {
				return exit.Misuse(lang.Errorf("--out %s is also the output of the command; leave out the > before it", out))
			}
			f, q, err := find(cmd, s, args)
			if err != nil {
				return err
			}
			defer f.Close()
			c, err := openCollection(out, identityOf(q.Manifest))
			if err != nil {
				return exit.Misuse(err)
			}
			defer func() { err = errors.Join(err, c.close()) }()
			status, err := q.Status(cmd.Context())
			if err != nil {
				return err
			}
			return c.collect(cmd.Context(), q, cmd.OutOrStdout(), cmd.ErrOrStderr(), func(t *tally) error {
				return hintResults(lang.From(cmd.Context()), cmd.ErrOrStderr(), q, status, t)
			})
		},
	}
	s.Bind(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "file for the results, JSON lines; the results of an earlier call are replaced")
	return cmd
}

// hintResults prints what to do about the lines of a batch on the servers that are not done.
func hintResults(l lang.Language, out io.Writer, q *fleet.Batch, status fleet.Status, t *tally) (err error) {
	switch left := t.left(); {
	case left == 0:
	case q.Cancelled:
		_, err = l.Fprintf(out, "%d lines have no result, because the batch was cancelled; run the wxpay batch command that published it again to continue it\n", left)
	case status.Published < q.Lines:
		_, err = l.Fprintf(out, "%d lines have no result yet, and %d of them are not published; run the wxpay batch command that publishes them again\n", left, q.Lines-status.Published)
	case status.IsStuck(q.Lines):
		_, err = l.Fprintf(out, "%d lines have no result, because somebody removed it from the NATS servers; query them, and write those that are not done into a new file\n", left)
	default:
		_, err = l.Fprintf(out, "%d lines have no result yet; the workers (wxpay work) go on with them. "+
			"wxpay batch status %s shows how far they are; the same wxpay batch results writes the results anew, or give it another --out\n", left, q.ID)
	}
	if t.again > 0 {
		_, more := l.Fprintf(out, "%d lines failed for now, or were only accepted (202); run the wxpay batch command that published them again to send them again\n", t.again)
		err = errors.Join(err, more)
	}
	return errors.Join(err, t.hintUnknown(l, out))
}

// newCancel returns the command wxpay batch cancel.
func newCancel() *cobra.Command {
	var s fleet.Settings
	cmd := &cobra.Command{
		Use:   "cancel ID --nats URL",
		Short: "Stop a batch on NATS",
		Long: `cancel tells the workers to begin no more lines of the batch. The calls under way
end, and their results are kept. The command that published the batch continues
it.

` + fleet.Help,
		Example: `  wxpay batch cancel 5f0c954a2b1de913 --nats nats://10.0.0.1:4222`,
		Args:    needID,
		RunE: func(cmd *cobra.Command, args []string) error {
			f, q, err := find(cmd, s, args)
			if err != nil {
				return err
			}
			defer f.Close()
			if err := q.Cancel(cmd.Context()); err != nil {
				return err
			}
			if q, err = f.Find(cmd.Context(), q.ID); err != nil {
				return err
			}
			err = printStatus(cmd, q)
			if errors.Is(err, fleet.ErrRemoved) {
				_, err = lang.From(cmd.Context()).Fprintf(cmd.OutOrStdout(), "batch %s is cancelled; its streams were removed from the NATS servers before\n", q.ID)
			}
			return err
		},
	}
	s.Bind(cmd.Flags())
	return cmd
}
