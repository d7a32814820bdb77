// Package batch is wxpay batch, which makes the same call for each line of a
// file.
package batch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/suggest"
)

// options are the flags of wxpay batch.
type options struct {
	in, out            string
	concurrency, retry int
	rate               string
	noValidate         bool
	nats               fleet.Settings
	replicas           int
}

// New returns the command wxpay batch.
func New(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var f options
	cmd := &cobra.Command{
		Use:   "batch METHOD PATH --in FILE --out RESULTS.jsonl",
		Short: "Make the same call for each line of a file",
		Long: `batch makes the same call for each line of a file, and writes one line of results
for each. The file may have any length: ten million lines take no more memory
than ten.

--in is a .jsonl file, with a JSON object on each line, or a .csv file, whose
first row has the names of the columns. A name is a variable of the path, a
parameter of the query or a field of the body, as in the documentation of the
operation; amount.total is total in amount. The name of a column may end in :=
for values that are JSON, or in == for the query. Empty cells are left out. The
values of a column have the type that the documentation gives the field: a column
out_trade_no is text, and amount.total is a number.

batch checks the whole file before it sends the first call. If a line cannot be
sent, for example because a field is missing, batch sends nothing.

--out receives a JSON object for each line: the line number as line, and the
status and the body of the answer, or an error. Calls end in any order. If the
network fails, or the platform answers 429, 500, 502, 503 or 504, batch repeats
the call after a pause with the same merchant's number, such as out_request_no.
The platform does a call with the same number only once, so two lines with one
number take effect only once, too. Refunds of one order are sent a minute apart.
The first call is made alone; if a key is wrong, the batch stops after it.

If the batch stops early, because of ctrl-C, a crash or repeated failures, run the
same command again: it continues where it stopped. It sends lines with a temporary
error again, and lines that were accepted but not done (202). It sends no other
line again unless you delete its result. If a call may have been done and a second
request might repeat it, its result is unknown and says what to query. "wxpay api
show" says what a second request does.

The file RESULTS.jsonl.run next to the results records what the results belong to.
Keep it until the batch is done.

With --nats, batch makes no calls itself. It publishes the lines to NATS
JetStream, where the workers (wxpay work) of any number of machines take them, and
writes the results when all lines have one. Run the same command again to follow
the batch from here or from another machine: lines are published once. --rate is
then the limit of all workers together, and --replicas the number of servers that
keep the lines and results. The subcommands status, results and cancel show a
batch, write the results that it has, and stop it. The lines are published as they
are; keys and secrets of the merchant are not.

` + fleet.Help + `

` + settings.Help + `

Exit codes: 0 all lines are done, 1 the platform refused some (or the batch was
interrupted), 2 usage, configuration or input: nothing was sent, 3 some had no
answer, 4 some answers could not be verified. A missing answer takes precedence
over a refusal.`,
		Example: `  wxpay batch POST 'v3/marketing/favor/users/{openid}/coupons' --in users.csv --out coupons.jsonl --rate 400/s
  wxpay batch POST v3/refund/domestic/refunds --in refunds.jsonl --out refunded.jsonl --rate 100/s
  wxpay batch GET 'v3/pay/transactions/out-trade-no/{out_trade_no}' --in orders.csv --out states.jsonl
  wxpay batch POST v3/refund/domestic/refunds --in refunds.jsonl --out refunded.jsonl --nats nats://10.0.0.1:4222
  wxpay --sandbox batch POST v3/fund-app/mch-transfer/transfer-bills --in wages.csv --out try.jsonl`,
		Args: func(cmd *cobra.Command, args []string) error {
			if meant := subcommandMeant(cmd, args); meant != "" {
				return lang.Errorf("unknown command %q; did you mean %q?", term.Cut(args[0]), meant)
			}
			if len(args) != 2 {
				return lang.Errorf("want a METHOD and a PATH, such as POST v3/refund/domestic/refunds; the values come from --in")
			}
			return nil
		},
		ValidArgsFunction: complete.Operation,
		RunE: func(cmd *cobra.Command, args []string) error {
			limit, err := f.check(cmd.Flags().Changed)
			if err != nil {
				return exit.Misuse(err)
			}
			return run(cmd, &s, f, limit, args)
		},
	}
	s.Bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.in, "in", "", "file with a call on each line, .jsonl or .csv")
	flags.StringVar(&f.out, "out", "", "file for the results, JSON lines; if it exists, the batch continues from it")
	flags.IntVar(&f.concurrency, "concurrency", 32, "maximum number of calls at the same time")
	flags.StringVar(&f.rate, "rate", "", "maximum rate of calls, such as "+string(rateForms)+" (default no limit)")
	flags.IntVar(&f.retry, "retry", 5, "how often a call with a temporary error is repeated")
	flags.BoolVar(&f.noValidate, "no-validate", false, "send calls even if they do not fit the documentation")
	f.nats.Bind(flags)
	flags.IntVar(&f.replicas, "replicas", 0, "with --nats: servers that keep the batch (default 3 in a cluster)")
	cmd.AddCommand(newStatus(), newResults(), newCancel())
	return cmd
}

const (
	maxConcurrency = 1024
	maxRetry       = 100
)

func (f options) check(isGiven func(flag string) bool) (rate.Limit, error) {
	switch {
	case f.in == "":
		return 0, lang.Errorf("--in is missing: the file with a call on each line, .jsonl or .csv")
	case f.out == "":
		return 0, lang.Errorf("--out is missing: the file for the results, such as results.jsonl")
	case f.concurrency < 1 || f.concurrency > maxConcurrency:
		return 0, lang.Errorf("--concurrency %d is not a number from 1 to %d", f.concurrency, maxConcurrency)
	case f.retry < 0 || f.retry > maxRetry:
		return 0, lang.Errorf("--retry %d is not a number from 0 to %d", f.retry, maxRetry)
	}
	if err := f.checkNATS(isGiven); err != nil {
		return 0, err
	}
	return parseRate(f.rate)
}

func run(cmd *cobra.Command, s *settings.Settings, f options, limit rate.Limit, args []string) (err error) {
	method, err := operation.CheckMethod(args[0])
	if err != nil {
		return err
	}
	if err := s.Build.Warn(lang.From(cmd.Context()), cmd.ErrOrStderr(), "wxpay batch"); err != nil {
		return err
	}
	if f.nats.URL != "" && local.WantsSandbox(cmd) {
		return exit.Misuse(lang.Errorf("--sandbox starts a sandbox in this process, which the workers of --nats cannot call; run wxpay sandbox, and set its settings for all of them"))
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
	id := identity{Method: method, Path: b.chain.String(), Host: host, MchID: s.MchID}
	if f.nats.URL != "" {
		return b.runFleet(cmd, f, id)
	}
	return b.runFiles(cmd, f, id)
}

// prepare opens the input and checks each line of it. It completes the identity.
func (b *batch) prepare(cmd *cobra.Command, f options, id *identity) (*input, *census, error) {
	op := operation.Find(b.method, b.chain.String())
	if op != nil && len(op.Form) > 0 {
		return nil, nil, exit.Misuse(lang.Errorf("an upload takes a file, which a line cannot hold; use wxpay call"))
	}
	b.guard = newGuard(op)
	b.orders = &orders{apart: b.guard.repeat.Apart}
	in, err := openInput(f.in, newColumns(b.method, b.chain.String(), op))
	if err != nil {
		return nil, nil, exit.Misuse(err)
	}
	bar := term.ByteProgress(lang.From(cmd.Context()), cmd.ErrOrStderr(), lang.Phrase("checking"), in.size)
	census, err := b.check(cmd.Context(), in, bar)
	bar.End()
	if err == nil && isPrintedTo(f.out, cmd.OutOrStdout(), cmd.ErrOrStderr()) {
		err = exit.Misuse(lang.Errorf("--out %s is also the output of the command, which would overwrite the results; leave out the > before it", f.out))
	}
	if err != nil {
		return nil, nil, errors.Join(err, in.file.Close())
	}
	id.Input = census.sha256()
	return in, census, nil
}

// runFiles checks the input and makes the calls that have no result yet.
func (b *batch) runFiles(cmd *cobra.Command, f options, id identity) (err error) {
	in, census, err := b.prepare(cmd, f, &id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.file.Close()) }()
	out, err := openOutput(f.out, id, census)
	if err != nil {
		return exit.Misuse(err)
	}
	defer func() { err = errors.Join(err, out.close()) }()

	b.journal = out.ledger
	l := lang.From(cmd.Context())
	bar := term.CountProgress(l, cmd.ErrOrStderr(), lang.Phrase("sending"), out.tally.left(), "calls")
	start := time.Now()
	err = b.run(cmd.Context(), in, out, bar)
	bar.End()
	return errors.Join(cmp.Or(err, out.tally.err()),
		out.tally.print(l, cmd.OutOrStdout(), time.Since(start)), out.tally.hint(l, cmd.ErrOrStderr()))
}

// subcommandMeant returns the subcommand of cmd whose name is much like the first
// argument, or "".
func subcommandMeant(cmd *cobra.Command, args []string) string {
	if len(args) == 0 {
		return ""
	}
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	return suggest.Nearest(args[0], names)
}
