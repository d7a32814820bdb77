// Package batch is wxpay batch, which makes the same call for each line of a
// file.
package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// options are the flags of wxpay batch.
type options struct {
	in, out            string
	concurrency, retry int
	rate               string
	noValidate         bool
}

// New returns the command wxpay batch.
func New() *cobra.Command {
	var s settings.Settings
	var f options
	cmd := &cobra.Command{
		Use:   "batch METHOD PATH --in FILE --out RESULTS.jsonl",
		Short: "Make the same call for each line of a file",
		Long: `batch makes the same call for each line of a file, and writes a line of results
for each. The file may have any length: ten million lines take no more memory
than ten.

--in is a .jsonl file, with a JSON object on each line, or a .csv file, whose
first row has the names of the columns. A name is a variable of the path, a
parameter of the query or a field of the body, as the documentation of the
operation has it; amount.total is total in amount. A name of a column may end in
:= for values that are JSON, or in == for the query. An empty cell is left out.
The values of a column are of the type that is documented for the field, so
that a column out_trade_no is text, and amount.total a number.

All of the file is checked before the first call is sent. A line that cannot be
sent, such as one with a field too few, stops the batch then.

--out gets a JSON object for each line: its number in the file as line, and
status and body of the answer, or error. Calls end in any order. When the
network fails, or the platform answers 429, 500, 502, 503 or 504, the call is
made again after a pause, with the same merchant's number, such as
out_request_no, by which the platform does it once: two lines with one number
are done once, too. Refunds of one order go a minute apart. The first call is
made alone, and ends the batch if a key is wrong.

When the batch ends early, by ctrl-C, by a crash or because nothing works any
more, run the same command again: it goes on where it stopped. Lines that failed
with what may pass are sent again then, all others never, unless you delete their
results. Lines that were accepted and not done (202) are sent again, too. A call
that may have been done, and that a second request would do again or cannot tell
about, is unknown: its result says what to query. "wxpay api show" says what a
second request does.

RESULTS.jsonl.run beside the results says what they belong to; keep it as long
as the batch is not done.

` + settings.Help + `

Exit codes: 0 all lines are done, 1 the platform refused some (or the batch was
interrupted), 2 usage, configuration or input: nothing was sent, 3 some had no
answer, 4 some answers could not be verified. What has no answer counts more than
what was refused.`,
		Example: `  wxpay batch POST 'v3/marketing/favor/users/{openid}/coupons' --in users.csv --out coupons.jsonl --rate 400/s
  wxpay batch POST v3/refund/domestic/refunds --in refunds.jsonl --out refunded.jsonl --rate 100/s
  wxpay batch GET 'v3/pay/transactions/out-trade-no/{out_trade_no}' --in orders.csv --out states.jsonl
  wxpay --sandbox batch POST v3/fund-app/mch-transfer/transfer-bills --in wages.csv --out try.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("a batch needs a METHOD and a PATH, such as POST v3/refund/domestic/refunds; the values come from --in")
			}
			return nil
		},
		ValidArgsFunction: complete.Operation,
		RunE: func(cmd *cobra.Command, args []string) error {
			limit, err := f.check()
			if err != nil {
				return exit.Misuse(err)
			}
			return run(cmd, &s, f, limit, args)
		},
	}
	s.Bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.in, "in", "", "file with a call on each line, .jsonl or .csv")
	flags.StringVar(&f.out, "out", "", "file for the results, JSON lines; one that is there is gone on with")
	flags.IntVar(&f.concurrency, "concurrency", 32, "how many calls are under way at once")
	flags.StringVar(&f.rate, "rate", "", "how many calls are made at most, such as "+rateForms+" (default no limit)")
	flags.IntVar(&f.retry, "retry", 5, "how often a call is made again when its error may pass")
	flags.BoolVar(&f.noValidate, "no-validate", false, "send calls even if they do not fit the documentation")
	return cmd
}

const (
	maxConcurrency = 1024
	maxRetry       = 100
)

func (f options) check() (rate.Limit, error) {
	switch {
	case f.in == "":
		return 0, errors.New("--in is missing: the file with a call on each line, .jsonl or .csv")
	case f.out == "":
		return 0, errors.New("--out is missing: the file for the results, such as results.jsonl")
	case f.concurrency < 1 || f.concurrency > maxConcurrency:
		return 0, fmt.Errorf("--concurrency %d is not a number from 1 to %d", f.concurrency, maxConcurrency)
	case f.retry < 0 || f.retry > maxRetry:
		return 0, fmt.Errorf("--retry %d is not a number from 0 to %d", f.retry, maxRetry)
	}
	return parseRate(f.rate)
}

func run(cmd *cobra.Command, s *settings.Settings, f options, limit rate.Limit, args []string) (err error) {
	method, err := operation.CheckMethod(args[0])
	if err != nil {
		return err
	}
	stop, err := local.Load(cmd, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	host := s.Host()
	if local.WantsSandbox(cmd) {
		host = "a sandbox" // a sandbox has another port each time
	}
	// Calls in progress finish even if ctx ends, so the client does not use ctx.
	client, err := s.NewClient(context.WithoutCancel(cmd.Context()), nil, f.stack)
	if err != nil {
		return err
	}
	b := &batch{chain: client.Chain(args[1]), method: method, concurrency: f.concurrency, retry: f.retry, limiter: rate.NewLimiter(limit, 1), notes: cmd.ErrOrStderr()}
	return b.runFiles(cmd, f, identity{Method: method, Path: b.chain.String(), Host: host, MchID: s.MchID})
}

// runFiles checks the input and makes the calls that have no result yet.
func (b *batch) runFiles(cmd *cobra.Command, f options, id identity) (err error) {
	op := operation.Find(b.method, b.chain.String())
	if op != nil && len(op.Form) > 0 {
		return exit.Misuse(errors.New("an upload takes a file, which a line cannot hold; use wxpay call"))
	}
	b.guard = newGuard(b.method, op)
	b.orders.apart = b.guard.repeat.Apart
	in, err := openInput(f.in, newColumns(b.method, b.chain.String(), op))
	if err != nil {
		return exit.Misuse(err)
	}
	defer func() { err = errors.Join(err, in.file.Close()) }()

	bar := term.ByteProgress(cmd.ErrOrStderr(), "checking", in.size)
	census, err := b.check(cmd.Context(), in, bar)
	bar.End()
	if err != nil {
		return err
	}
	id.Input = census.sha256()
	if isPrintedTo(f.out, cmd.OutOrStdout(), cmd.ErrOrStderr()) {
		return exit.Misuse(fmt.Errorf("--out %s is where the output of the command goes, too, which would write over the results; leave out the > before it", f.out))
	}
	out, err := openOutput(f.out, id, census)
	if err != nil {
		return exit.Misuse(err)
	}
	defer func() { err = errors.Join(err, out.close()) }()

	b.ledger = out.ledger
	bar = term.CountProgress(cmd.ErrOrStderr(), "sending", out.tally.left(), "calls")
	start := time.Now()
	err = b.run(cmd.Context(), in, out, bar)
	bar.End()
	return errors.Join(cmp.Or(err, out.tally.err()),
		out.tally.print(cmd.OutOrStdout(), time.Since(start)), out.tally.hint(cmd.ErrOrStderr()))
}
