package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/sandbox"
)

// timeout is how long the platform waits for an answer.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861
const timeout = 5 * time.Second

// maxShown is how many bytes of an answer are read and printed.
const maxShown = 1 << 20

// sendOptions are the flags of wxpay notify send.
type sendOptions struct {
	build                       *build.Build
	dir, mchID, event, resource string
	probe, v2, certificate      bool
	list, dryRun                bool
}

func newSend(b *build.Build) *cobra.Command {
	f := sendOptions{build: b}
	cmd := &cobra.Command{
		Use:   "send URL [name=text] [name:=json]",
		Short: "Send a notification to a handler, as the platform would",
		Long: `send creates a notification, signs it with the platform's keys in the folder of a
sandbox, sends it to URL once, and prints the answer of the handler. Any program that
uses the settings in that folder, wxpay.toml and pub_key.pem, can verify and decrypt
it. The folder is that of --dir, which wxpay sandbox --dir makes. Without the flag it
is the current folder, or the next one above it that belongs to a sandbox.

--event names what happened: payments, refunds, coupons, complaints, PayScore, profit
sharing, transfers, contracts, parking and more. --list lists all events with their
titles, or those that have the words that follow. Each has its documented fields.
Where several products use one event_type, the product follows it after a slash, as in
TRANSACTION.SUCCESS/combine. Items change the fields, as in wxpay call:
out_trade_no=12345678, amount.total:=100. --dry-run prints the fields and sends
nothing. --resource names a file with other fields, for an event that is not listed
too.

With --v2 it is the APIv2 notification of a paid order, in XML, signed with the
APIv2 key. With --probe the signature is wrong, as in the tests that the platform
sends now and then: a handler that verifies signatures refuses it.

The platform accepts 200 and 204 within 5 seconds as an acknowledgement. In APIv2
it requires the return_code SUCCESS.

Exit codes: 0 acknowledged (a probe: refused), 1 not acknowledged, 2 usage, 3 not
reached.`,
		Example: `  wxpay notify send http://127.0.0.1:8080/notify --dir sandbox out_trade_no=order12345 amount.total:=100
  wxpay notify send http://127.0.0.1:8080/notify --dir sandbox --event REFUND.ABNORMAL
  wxpay notify send http://127.0.0.1:8080/notify --event COMPLAINT.CREATE --resource complaint.json
  wxpay notify send http://127.0.0.1:8080/notify --dir sandbox --probe
  wxpay notify send --event PAYSCORE.USER_PAID --dry-run
  wxpay notify send --list 分账`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && !f.list && !f.dryRun {
				return lang.Errorf("missing: the URL of a handler, such as http://127.0.0.1:8080/notify")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.list:
				return misuse(printEvents(cmd.OutOrStdout(), args))
			case f.dryRun:
				return misuse(f.print(cmd.OutOrStdout(), cmd.ErrOrStderr(), args))
			}
			req, err := f.request(cmd.Context(), args[0], args[1:])
			if err != nil {
				return exit.Misuse(err)
			}
			transport := http.DefaultTransport.(*http.Transport).Clone()
			defer transport.CloseIdleConnections()
			return f.send(req, transport, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&f.dir, "dir", "", "folder of a sandbox, whose keys sign and encrypt (default: this folder, or one above it)")
	cmd.Flags().StringVar(&f.mchID, "mchid", "", "merchant of the sandbox that is notified (default: the first, or that of this folder)")
	cmd.Flags().StringVar(&f.event, "event", "TRANSACTION.SUCCESS", "event_type of the notification; --list lists them")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the events with their titles; send nothing")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print the fields; send nothing, and need no sandbox")
	cmd.Flags().StringVar(&f.resource, "resource", "", "file with the fields of the notification, as JSON; - is the standard input")
	cmd.Flags().BoolVar(&f.probe, "probe", false, "send a wrong signature (WECHATPAY/SIGNTEST/…), which must be refused")
	cmd.Flags().BoolVar(&f.certificate, "certificate", false, "sign with the platform's certificate, not with its public key")
	cmd.Flags().BoolVar(&f.v2, "v2", false, "send a notification of APIv2")
	if err := cmd.RegisterFlagCompletionFunc("event", completeEvent); err != nil {
		panic(err) // the flag exists
	}
	return cmd
}

func completeEvent(_ *cobra.Command, _ []string, toComplete string) (names []string, _ cobra.ShellCompDirective) {
	for _, s := range samples() {
		if strings.HasPrefix(s.Name, strings.ToUpper(toComplete)) || strings.HasPrefix(s.Name, toComplete) {
			names = append(names, s.Name+"\t"+s.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// misuse marks an error as one in how the command was called.
func misuse(err error) error {
	if err == nil {
		return nil
	}
	return exit.Misuse(err)
}

// print prints the fields of the event, with those that items set. An URL before the
// items is not used.
func (f sendOptions) print(out, notes io.Writer, args []string) error {
	if f.v2 {
		return lang.Errorf("--dry-run is for APIv3; leave it or --v2 out")
	}
	if len(args) > 0 && strings.Contains(args[0], "://") {
		args = args[1:]
	}
	items, err := parseItems(args)
	if err != nil {
		return err
	}
	mchID := sandbox.DefaultMchID
	if config, err := f.sandbox(); err == nil {
		mchID = config.Merchants[0].MchID
	} else if f.dir != "" || f.mchID != "" {
		return err
	}
	event, err := f.newEvent(mchID, items)
	if err != nil {
		return err
	}
	text, _ := event.Resource.(json.RawMessage)
	return show.New(out, notes, show.View{}).JSON(text)
}

// parseItems returns the items of a command line, each of which sets another field.
func parseItems(args []string) ([]item.Item, error) {
	items, err := item.ParseAll(args)
	if err != nil {
		return nil, err
	}
	return items, item.CheckOnce(items, nil)
}

// isHandler reports whether target is a URL that can be called.
func isHandler(target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	_, err = strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return err == nil
}

// request makes the notification.
func (f sendOptions) request(ctx context.Context, target string, args []string) (*http.Request, error) {
	if !isHandler(target) {
		return nil, lang.Errorf("%q is not the URL of a handler, such as http://127.0.0.1:8080/notify", term.Cut(target))
	}
	if f.v2 && (f.probe || f.certificate || f.resource != "") {
		return nil, lang.Errorf("--probe, --certificate and --resource are for APIv3; leave them out, or --v2")
	}
	items, err := parseItems(args)
	if err != nil {
		return nil, err
	}
	config, err := f.sandbox()
	if err != nil {
		return nil, err
	}
	if f.v2 {
		return paidV2(ctx, target, config.Merchants[0], items)
	}
	event, err := f.newEvent(config.Merchants[0].MchID, items)
	if err != nil {
		return nil, err
	}
	event.Probe, event.Serial = f.probe, f.serial(config)
	server, err := sandbox.New(config)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.NewNotification(ctx, target, event)
}

// serial returns the id of the platform public key, or "" for a certificate.
func (f sendOptions) serial(config sandbox.Config) string {
	if f.certificate || config.Merchants[0].Signer != nil { // a suite has certificates alone
		return ""
	}
	return config.Platform.PublicKeyID
}

// send sends the notification and prints the answer. It returns an error if the
// answer is not the expected one.
func (f sendOptions) send(req *http.Request, transport http.RoundTripper, out io.Writer) error {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	l := lang.From(ctx)
	var reached atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { reached.Store(true) }})
	began := time.Now()
	resp, err := transport.RoundTrip(req.WithContext(ctx)) // like the platform, a transport does not follow redirects
	var answer []byte
	if err == nil {
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusSwitchingProtocols { // after 101 the body is the connection
			answer, err = io.ReadAll(io.LimitReader(resp.Body, maxShown))
		}
	}
	if errors.Is(err, context.DeadlineExceeded) && reached.Load() {
		return lang.Errorf("not acknowledged: no answer within %v; the platform would send it again; answer first, and do the work after that", timeout)
	}
	if err != nil && req.Context().Err() == nil {
		return unreached(req.URL, err)
	} else if err != nil {
		return err
	}
	text := strings.TrimSpace(l.Sprintf("%s in %d ms\n%s", resp.Status, time.Since(began).Milliseconds(), term.Visible(string(answer))))
	if _, err := fmt.Fprintln(out, text); err != nil {
		return err
	}
	return f.judge(l, resp.StatusCode, f.isTaken(resp.StatusCode, answer), out)
}

// judge checks whether the handler should have acknowledged the notification.
func (f sendOptions) judge(l lang.Language, status int, taken bool, out io.Writer) (err error) {
	switch {
	case taken && f.probe:
		return lang.Errorf("the probe was acknowledged: the handler accepts notifications with a wrong signature, which anybody can send")
	case f.probe && isNoHandler(status):
		return lang.Errorf("the probe reached no handler: %s", remedyOf(status))
	case f.probe:
		_, err = l.Fprintf(out, "refused, as a probe must be\n")
	case !taken && remedyOf(status) != "":
		return lang.Errorf("not acknowledged: %s; 200 or 204 acknowledges, and the platform would send it again", remedyOf(status))
	case !taken && f.v2:
		return lang.Errorf("not acknowledged: in APIv2, 200 with the return_code SUCCESS acknowledges; the platform would send it again")
	case !taken:
		return lang.Errorf("not acknowledged: 200 or 204 acknowledges; the platform would send it again")
	default:
		_, err = l.Fprintf(out, "acknowledged\n")
	}
	return err
}

func (f sendOptions) isTaken(status int, answer []byte) bool {
	if !f.v2 {
		return status == http.StatusOK || status == http.StatusNoContent
	}
	fields, err := xmlmap.Decode(answer)
	return err == nil && status == http.StatusOK && fields["return_code"] == "SUCCESS"
}
