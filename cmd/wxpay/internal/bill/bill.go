// Package bill is wxpay bill, which downloads bills.
package bill

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/beijing"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// New returns the command wxpay bill.
func New(b *build.Build) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bill",
		Short: "Download the bill of a day, or the receipt of a transfer",
		Long: `bill downloads the bill of a day and checks its hash. trade is the bill of the
payments and refunds of that day. fundflow is the bill of the money that moved on
an account of the merchant. receipt is the receipt of a transfer to a user.`,
		Example: `  wxpay bill trade yesterday -o trade.txt
  wxpay bill fundflow 2026-11-24 --csv
  wxpay bill receipt plfk2020042013 -o receipt.pdf`,
	}
	cli.Group(cmd, newTradeBill(b), newFundFlowBill(b), newReceipt(b))
	return cmd
}

func newTradeBill(b *build.Build) *cobra.Command {
	f := options{kind: bill.Trade, title: "trade bill", partFlag: "type", parts: []string{"ALL", "SUCCESS", "REFUND"}, part: bill.BillType}
	cmd := &cobra.Command{
		Use:   "trade DATE",
		Short: "Download the payments and refunds of a day",
		Long:  "trade downloads the payments and the refunds of a day.",
		Example: `  wxpay bill trade yesterday -o trade.txt
  wxpay bill trade 2026-11-24 --type REFUND --csv > refunds.csv`,
	}
	f.bind(cmd, b, "which orders: ALL, SUCCESS for payments only, or REFUND for refunds only")
	return cmd
}

func newFundFlowBill(b *build.Build) *cobra.Command {
	f := options{kind: bill.FundFlow, title: "fundflow bill", partFlag: "account", parts: []string{"BASIC", "OPERATION", "FEES"}, part: bill.AccountType}
	cmd := &cobra.Command{
		Use:   "fundflow DATE",
		Short: "Download the fund flow of an account for a day",
		Long: `fundflow downloads the money that an account of the merchant received and paid on
a day, with the balance after each entry.`,
		Example: `  wxpay bill fundflow yesterday -o flow.txt
  wxpay bill fundflow 2026-11-24 --account OPERATION --csv`,
	}
	f.bind(cmd, b, "account of the bill: BASIC, OPERATION or FEES")
	return cmd
}

// options are the flags of a kind of bill. The flag named partFlag selects a
// part of the bill. Its default is the first of parts.
type options struct {
	kind     bill.Kind
	title    lang.Phrase
	partFlag string
	parts    []string
	part     func(string) bill.Option

	chosen, subMchID, out string
	csv                   bool
}

const billHelp = `

DATE is a day in China, such as 2026-11-24, or yesterday. A bill is available from
10 o'clock in Beijing on the next day, for three months. If there is no bill for a
day, or not yet, the platform answers NO_STATEMENT_EXIST or STATEMENT_CREATING.

The bill is printed as the platform writes it: a line with the names of the
columns, a line for each row, with a backtick before each value, and two lines
with totals. --csv converts it to plain CSV, with commas and quotes as
spreadsheets and programs read them: the names of the columns, then the rows,
without the backticks and the totals. A cell that a spreadsheet would run as a
formula, because it starts with =, +, -, @, a tab or a carriage return and is not
a number, gets an apostrophe in front. Amounts are in yuan, times in Beijing time.

With -o the bill is written to a file that only its owner can read. The file
appears, or replaces the existing one, only after the bill is complete and its
hash is verified. Without -o the bill is printed while it arrives, and is valid
only if the command exits with 0.

`

// bind adds the flags and the run function to cmd.
func (f *options) bind(cmd *cobra.Command, b *build.Build, usage string) {
	s := settings.Settings{Build: b}
	s.Bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.chosen, f.partFlag, f.parts[0], usage)
	complete.FlagWords(cmd, f.partFlag, f.parts...)
	flags.StringVar(&f.subMchID, "sub-mchid", "", "only this sub-merchant, for a partner")
	flags.StringVarP(&f.out, "output", "o", "", "file for the bill (default: print it)")
	flags.BoolVar(&f.csv, "csv", false, "convert the bill to plain CSV")
	cmd.Long += billHelp + settings.Help + "\n\n" + exit.Help
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 1 {
			return lang.Errorf("%q is one argument too many; want one DATE, such as 2026-11-24 or yesterday", term.Cut(args[1]))
		}
		if len(args) == 0 {
			return lang.Errorf("want one DATE, such as 2026-11-24 or yesterday")
		}
		return nil
	}
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{yesterday}, cobra.ShellCompDirectiveNoFileComp)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		date, err := parseDate(args[0], time.Now())
		if err != nil {
			return exit.Misuse(err)
		}
		opts, err := f.options()
		if err != nil {
			return exit.Misuse(err)
		}
		return f.run(cmd, &s, date, opts)
	}
}

func (f *options) options() ([]bill.Option, error) {
	chosen := strings.ToUpper(f.chosen)
	if !slices.Contains(f.parts, chosen) {
		return nil, lang.Errorf("--%s is %q; it is one of %s", f.partFlag, term.Cut(f.chosen), lang.Words(f.parts))
	}
	opts := []bill.Option{bill.Gzip(), f.part(chosen)}
	if f.subMchID != "" {
		opts = append(opts, bill.SubMchID(f.subMchID))
	}
	return opts, nil
}

const yesterday = "yesterday"

// parseDate parses a day in China's time zone.
func parseDate(text string, now time.Time) (string, error) {
	if text == yesterday {
		return beijing.In(now).AddDate(0, 0, -1).Format(time.DateOnly), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err != nil || day.Format(time.DateOnly) != text {
		return "", lang.Errorf("DATE is %q, want a day such as 2026-11-24, or yesterday", term.Cut(text))
	}
	return text, nil
}

func (f *options) run(cmd *cobra.Command, s *settings.Settings, date string, opts []bill.Option) error {
	if err := s.Load(); err != nil {
		return err
	}
	client, err := s.NewClient(cmd.Context(), nil, request.Checked(false))
	if err != nil {
		return err
	}
	download := func(w io.Writer) error {
		return f.download(cmd.Context(), client, date, opts, w, f.progress(cmd))
	}
	if f.out == "" {
		return download(term.OnScreen(cmd.OutOrStdout()))
	}
	file, err := wholefile.Create(f.out)
	if err != nil {
		return exit.Misuse(lang.Errorf("--output: %w", err))
	}
	defer file.Discard()
	if err := download(file); err != nil {
		return err
	}
	return file.Commit()
}

// progress shows the progress of the download, unless the output would mix with
// the bill.
func (f *options) progress(cmd *cobra.Command) *term.Progress {
	if f.out == "" && term.IsTerminal(cmd.OutOrStdout()) {
		return nil
	}
	return term.ByteProgress(lang.From(cmd.Context()), cmd.ErrOrStderr(), f.title, -1)
}

func (f *options) download(ctx context.Context, client *wechatpay.Client, date string, opts []bill.Option, w io.Writer, p *term.Progress) error {
	defer p.End()
	to := func(w io.Writer) error {
		_, err := bill.Download(ctx, client, f.kind, date, append(opts, bill.To(io.MultiWriter(w, p)))...)
		return err
	}
	if f.csv {
		return writeCSV(w, to)
	}
	return to(w)
}
