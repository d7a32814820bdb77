package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// The merchant and the platform of the demo, with the numbers of the official
// examples.
const (
	demoMchID       = "8956000"
	demoSerialNo    = "3775B6A45ACD588826D15E583A95F5DD12345678"
	demoPublicKeyID = keys.PublicKeyIDPrefix + "0114232134912410000000000000"
	demoOpenID      = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
	demoStockID     = "9856000"
	demoAppID       = "wx233544546545989"
)

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Send and list cash coupons on a WeChat Pay inside this process",
		Long: `demo starts a small WeChat Pay on a free port of this machine, makes itself a
merchant with new keys, and calls it as a program would: it sends cash coupons
to a user and lists them, by the tree, by path and by segments, waiting for the answer and
with a promise. Every request is signed and every answer verified, over real
HTTP. The last call is one that the platform refuses.

It needs no configuration and no network, and leaves nothing behind. It exits
with 0 if every answer was verified and was what it should be, or else with 1.`,
		Example: "  wxpay demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), cmd.OutOrStdout())
		},
	}
}

// runDemo starts the platform, makes the calls and stops the platform.
func runDemo(ctx context.Context, out io.Writer) (err error) {
	merchantKey, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
	if err != nil {
		return fmt.Errorf("making the merchant's key: %w", err)
	}
	platformKey, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
	if err != nil {
		return fmt.Errorf("making the platform's key: %w", err)
	}
	platformSigner, err := signer.NewRSA(demoPublicKeyID, platformKey)
	if err != nil {
		return err
	}
	baseURL, stop, err := serve(ctx, newCouponPlatform(demoMchID,
		keys.Static{demoSerialNo: merchantKey.Public()}, platformSigner, time.Now))
	if err != nil {
		return fmt.Errorf("starting the platform: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()

	// The default transport would hold its connections after the demo.
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	platformKeys := keys.Static{demoPublicKeyID: platformKey.Public()}
	client, err := wechatpay.New(wechatpay.Config{
		MchID:        demoMchID,
		SerialNo:     demoSerialNo,
		PrivateKey:   merchantKey,
		PlatformKeys: platformKeys,
		BaseURL:      baseURL,
		Transport:    transport,
	})
	if err != nil {
		return err
	}
	d := &demo{out: &output{w: out}, keys: platformKeys}
	d.out.printf("A WeChat Pay of this process listens on %s\n", baseURL)
	return d.run(ctx, client)
}

// demo is the calls of one run and what came of them.
type demo struct {
	out  *output
	keys signer.PublicKeys
	sent []string // the coupon_id of every coupon so far
}

// output keeps the first error of writing, which the run ends with.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}

func (o *output) printf(format string, args ...any) { fmt.Fprintf(o, format, args...) }

// What the calls are made with, as the PHP SDK's documentation has it.
func demoCoupon() wechatpay.M {
	return wechatpay.M{
		"stock_id":            demoStockID,
		"out_request_no":      requestNo(0),
		"appid":               demoAppID,
		"stock_creator_mchid": demoMchID,
		"coupon_value":        100,
		"coupon_minimum":      100,
	}
}

func demoQuery() wechatpay.M {
	return wechatpay.M{
		"appid":           demoAppID,
		"stock_id":        demoStockID,
		"status":          "SENDED",
		"creator_mchid":   demoMchID,
		"sender_mchid":    demoMchID,
		"available_mchid": demoMchID,
		"offset":          0,
		"limit":           20,
		"business_type":   "MULTIUSE",
	}
}

// requestNo is the n-th number under which a coupon is sent.
func requestNo(n int) string { return fmt.Sprintf("89560002019101%06d", 121+n) }

// preamble is the Go code that stands before the calls.
func preamble() string {
	return fmt.Sprintf(`openid := %q
coupon := wechatpay.M{
	"stock_id":            %q,
	"out_request_no":      %q,
	"appid":               %q,
	"stock_creator_mchid": %q,
	"coupon_value":        100,
	"coupon_minimum":      100,
}
query := wechatpay.M{
	"appid":           %[4]q,
	"stock_id":        %[2]q,
	"status":          "SENDED",
	"creator_mchid":   %[5]q,
	"sender_mchid":    %[5]q,
	"available_mchid": %[5]q,
	"offset":          0,
	"limit":           20,
	"business_type":   "MULTIUSE",
}`, demoOpenID, demoStockID, requestNo(0), demoAppID, demoMchID)
}

// A spelling is one way to write the path of the calls.
type spelling struct {
	name string
	code string
	node interface {
		Get(context.Context, ...wechatpay.Option) (*wechatpay.Response, error)
		Post(context.Context, ...wechatpay.Option) (*wechatpay.Response, error)
		GetAsync(context.Context, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]
		PostAsync(context.Context, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]
	}
}

func spellings(client *wechatpay.Client) []spelling {
	return []spelling{
		{
			name: "by the tree",
			code: `client.V3().Marketing().Favor().Users().Openid().Coupons()`,
			node: client.V3().Marketing().Favor().Users().Openid().Coupons(),
		},
		{
			name: "by path",
			code: `client.Chain("v3/marketing/favor/users/{openid}/coupons")`,
			node: client.Chain("v3/marketing/favor/users/{openid}/coupons"),
		},
		{
			name: "by segments",
			code: `client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons")`,
			node: client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons"),
		},
	}
}

// A step is one call of the demo.
type step struct {
	title string
	code  string // the Go code that is printed for run
	run   func(ctx context.Context) error
}

// steps is all calls, in order.
func (d *demo) steps(client *wechatpay.Client) []step {
	all := spellings(client)
	var steps []step
	coupons := 0
	for _, s := range all {
		steps = append(steps, d.send(s, coupons), d.list(s))
		coupons++
	}
	for _, s := range all {
		steps = append(steps, d.sendAsync(s, coupons), d.listAsync(s))
		coupons++
	}
	return append(steps, d.refused(all[0]))
}

func (d *demo) run(ctx context.Context, client *wechatpay.Client) error {
	d.out.printf("\n%s\n", indent(preamble(), "    "))
	steps := d.steps(client)
	for i, s := range steps {
		d.out.printf("\n%d. %s\n\n%s\n\n", i+1, s.title, indent(s.code, "    "))
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("call %d: %w", i+1, err)
		}
		if d.out.err != nil {
			return d.out.err
		}
	}
	d.out.printf("\n%d calls, every answer verified and as it should be.\n", len(steps))
	return d.out.err
}

// sending is the options of the n-th coupon, and their code.
func sending(n int) ([]wechatpay.Option, string) {
	opts := []wechatpay.Option{wechatpay.Options{"openid": demoOpenID, "json": demoCoupon()}}
	code := `wechatpay.Options{"openid": openid, "json": coupon}`
	if n > 0 {
		opts = append(opts, wechatpay.Set("out_request_no", requestNo(n)))
		code += fmt.Sprintf(",\n\t\twechatpay.Set(\"out_request_no\", %q)", requestNo(n))
	}
	return opts, code
}

// listing is the options that list the coupons, and their code.
func listing() (wechatpay.Option, string) {
	return wechatpay.Options{"openid": demoOpenID, "query": demoQuery()},
		`wechatpay.Options{"openid": openid, "query": query}`
}

func (d *demo) send(s spelling, n int) step {
	opts, code := sending(n)
	return step{
		title: "Send a coupon, " + s.name,
		code:  fmt.Sprintf("resp, err := %s.\n\tPost(ctx, %s)", s.code, code),
		run: func(ctx context.Context) error {
			resp, err := s.node.Post(ctx, opts...)
			if err != nil {
				return err
			}
			return d.showSent(resp)
		},
	}
}

func (d *demo) list(s spelling) step {
	opt, code := listing()
	return step{
		title: "List the user's coupons, " + s.name,
		code:  fmt.Sprintf("resp, err := %s.\n\tGet(ctx, %s)", s.code, code),
		run: func(ctx context.Context) error {
			resp, err := s.node.Get(ctx, opt)
			if err != nil {
				return err
			}
			return d.showList(resp)
		},
	}
}

func (d *demo) sendAsync(s spelling, n int) step {
	opts, code := sending(n)
	return step{
		title: "Send a coupon, " + s.name + ", with a promise",
		code:  fmt.Sprintf("resp, err := %s.\n\tPostAsync(ctx, %s).\n\tThen(show).\n\tWait()", s.code, code),
		run: func(ctx context.Context) error {
			_, err := s.node.PostAsync(ctx, opts...).Then(d.showSent).Wait()
			return err
		},
	}
}

func (d *demo) listAsync(s spelling) step {
	opt, code := listing()
	return step{
		title: "List the user's coupons, " + s.name + ", with a promise",
		code:  fmt.Sprintf("resp, err := %s.\n\tGetAsync(ctx, %s).\n\tThen(show).\n\tWait()", s.code, code),
		run: func(ctx context.Context) error {
			_, err := s.node.GetAsync(ctx, opt).Then(d.showList).Wait()
			return err
		},
	}
}

// refused sends another coupon under the number of the first.
func (d *demo) refused(s spelling) step {
	opts, code := sending(0)
	return step{
		title: "Send another coupon under the first one's number, which the platform refuses",
		code: fmt.Sprintf("resp, err := %s.\n\tPost(ctx, %s,\n\t\twechatpay.Set(\"coupon_value\", 200))", s.code, code) +
			"\nvar refusal *wechatpay.Error",
		run: func(ctx context.Context) error {
			_, err := s.node.Post(ctx, append(opts, wechatpay.Set("coupon_value", 200))...)
			return d.showRefusal(err)
		},
	}
}

// showSent shows the answer to a coupon that was sent, and checks it.
func (d *demo) showSent(resp *wechatpay.Response) error {
	if err := d.showCall(resp, http.StatusOK); err != nil {
		return err
	}
	d.showFields(resp, "coupon_id")
	id := resp.Get("coupon_id").String()
	switch {
	case id == "":
		return errors.New("the answer has no coupon_id")
	case slices.Contains(d.sent, id):
		return fmt.Errorf("coupon_id %s is that of an earlier coupon", id)
	}
	d.sent = append(d.sent, id)
	return nil
}

// showList shows a list of coupons, and checks that it has those sent so far
// and no others.
func (d *demo) showList(resp *wechatpay.Response) error {
	if err := d.showCall(resp, http.StatusOK); err != nil {
		return err
	}
	d.showFields(resp, "total_count", "offset", "limit", "data.#.coupon_id",
		`data.#(status=="SENDED")#.stock_id`, "data.0.create_time", "data.0.available_end_time")
	var listed []string
	for _, c := range resp.Get("data").Array() {
		listed = append(listed, c.Get("coupon_id").String())
		if stock, status := c.Get("stock_id").String(), c.Get("status").String(); stock != demoStockID || status != "SENDED" {
			return fmt.Errorf("the list has a coupon of stock_id %q and status %q, want %q and \"SENDED\"", stock, status, demoStockID)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(listed)), slices.Sorted(slices.Values(d.sent))) {
		return fmt.Errorf("the list has the coupons %q, sent were %q", listed, d.sent)
	}
	for _, f := range [...]struct {
		path string
		want int
	}{{"total_count", len(d.sent)}, {"offset", 0}, {"limit", 20}} {
		if got := resp.Get(f.path); got.Type != gjson.Number || got.Int() != int64(f.want) {
			return fmt.Errorf("%s is %q, want %d", f.path, got.Raw, f.want)
		}
	}
	return nil
}

// showRefusal shows what the platform's no looks like, and checks it.
func (d *demo) showRefusal(err error) error {
	var refusal *wechatpay.Error
	switch {
	case err == nil:
		return errors.New("the platform took a second coupon under one out_request_no")
	case !errors.As(err, &refusal):
		return err
	}
	if err := d.showCall(refusal.Response, http.StatusBadRequest); err != nil {
		return err
	}
	isCode := wechatpay.IsCode(err, "INVALID_REQUEST")
	d.showRows([][2]string{
		{"err", err.Error()},
		{"errors.As(err, &refusal)", "true"},
		{`wechatpay.IsCode(err, "INVALID_REQUEST")`, strconv.FormatBool(isCode)},
		{"refusal.Verified", strconv.FormatBool(refusal.Verified)},
		{"refusal.RequestID", refusal.RequestID},
	})
	switch {
	case !isCode:
		return fmt.Errorf("the code of the refusal is %q, want INVALID_REQUEST: %w", refusal.Code, err)
	case !refusal.Verified:
		return fmt.Errorf("the refusal was not verified: %w", err)
	}
	return nil
}

// showCall shows the request as it left, and the status of its answer, and
// checks the answer's status and signature.
func (d *demo) showCall(resp *wechatpay.Response, status int) error {
	// The client has verified it already; this is the demo's own word for it.
	h := resp.Header
	seal := signer.Seal{
		Timestamp: h.Get("Wechatpay-Timestamp"),
		Nonce:     h.Get("Wechatpay-Nonce"),
		Serial:    h.Get("Wechatpay-Serial"),
		Signature: h.Get("Wechatpay-Signature"),
	}
	err := seal.Verify(resp.Request.Context(), d.keys, time.Now(), resp.Bytes())
	verified := "signature verified"
	if err != nil {
		verified = "signature NOT verified"
	}
	d.out.printf("    → %s %s\n", resp.Request.Method, resp.Request.URL.RequestURI())
	d.out.printf("    ← %d %s, %s\n", resp.StatusCode, http.StatusText(resp.StatusCode), verified)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != status:
		return fmt.Errorf("the status is %d, want %d", resp.StatusCode, status)
	case resp.RequestID() == "":
		return errors.New("the answer has no Request-ID")
	}
	return nil
}

// showFields shows what gjson reads from resp at some paths.
func (d *demo) showFields(resp *wechatpay.Response, paths ...string) {
	rows := make([][2]string, len(paths))
	for i, path := range paths {
		rows[i] = [2]string{path, resp.Get(path).String()}
	}
	d.showRows(rows)
}

func (d *demo) showRows(rows [][2]string) {
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "      %s\t%s\n", row[0], row[1])
	}
	w.Flush() // the error stays with d.out
}

// indent puts prefix before every line, and spaces for tabs.
func indent(code, prefix string) string {
	lines := strings.Split(strings.ReplaceAll(code, "\t", "    "), "\n")
	return prefix + strings.Join(lines, "\n"+prefix)
}
