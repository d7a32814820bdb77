package batch

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// servers connects a command that needs NATS.
func servers(cmd *cobra.Command, s fleet.Settings) (*fleet.Fleet, error) {
	fromFlag := s.URL != ""
	s.FromEnvironment()
	if err := s.Check(fromFlag); err != nil {
		return nil, exit.Misuse(err)
	}
	return connect(s, 0)
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
		err = exit.Misuse(fmt.Errorf("%w as %s; wxpay batch status lists the batches", err, term.Cut(args[0])))
	}
	return nil, nil, err
}

func needID(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("name the ID of one batch; wxpay batch status lists the batches")
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
			if len(args) > 1 {
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
	f, err := servers(cmd, s)
	if err != nil {
		return err
	}
	defer f.Close()
	all, err := f.List(cmd.Context())
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(cmd.ErrOrStderr(), "there are no batches")
		return err
	}
	w := term.NewTable(cmd.OutOrStdout())
	fmt.Fprintln(w, "ID\tSTATE\tRESULTS\tLINES\tCALL")
	for _, q := range all {
		status, err := q.Status(cmd.Context())
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s %s\n", q.ID, state(q, status), status.Results, q.Lines, q.Method, term.Visible(q.Path))
	}
	return w.Flush()
}

// state names the state of a batch.
func state(q *fleet.Batch, s fleet.Status) string {
	switch {
	case s.Done(q.Lines):
		return "done"
	case q.Cancelled:
		return "cancelled"
	case s.Published < q.Lines:
		return "incomplete"
	}
	return "open"
}

func printStatus(cmd *cobra.Command, q *fleet.Batch) error {
	status, err := q.Status(cmd.Context())
	if err != nil {
		return err
	}
	return writeStatus(cmd.OutOrStdout(), q, status)
}

func writeStatus(out io.Writer, q *fleet.Batch, status fleet.Status) error {
	w := term.NewTable(out)
	fmt.Fprintf(w, "batch\t%s\n", q.ID)
	fmt.Fprintf(w, "call\t%s %s\n", q.Method, term.Visible(q.Path))
	fmt.Fprintf(w, "merchant\t%s\n", term.Visible(q.MchID))
	fmt.Fprintf(w, "host\t%s\n", term.Visible(q.Host))
	fmt.Fprintf(w, "state\t%s\n", state(q, status))
	fmt.Fprintf(w, "lines\t%d\n", q.Lines)
	if status.Published < q.Lines {
		fmt.Fprintf(w, "published\t%d\n", status.Published)
	}
	fmt.Fprintf(w, "results\t%d\n", status.Results)
	fmt.Fprintf(w, "handed out\t%d\n", status.Taken)
	fmt.Fprintf(w, "waiting\t%d\n", status.Waiting)
	if q.Rate > 0 {
		fmt.Fprintf(w, "rate\t%.4g a second\n", q.Rate)
	}
	fmt.Fprintf(w, "replicas\t%d\n", status.Replicas)
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
				return exit.Misuse(errors.New("--out is missing: the file for the results, such as results.jsonl"))
			}
			if isPrintedTo(out, cmd.OutOrStdout(), cmd.ErrOrStderr()) {
				return exit.Misuse(fmt.Errorf("--out %s is also the output of the command; leave out the > before it", out))
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
			return c.collect(cmd.Context(), q, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	s.Bind(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "file for the results, JSON lines; the results of an earlier call are replaced")
	return cmd
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
			return printStatus(cmd, q)
		},
	}
	s.Bind(cmd.Flags())
	return cmd
}
