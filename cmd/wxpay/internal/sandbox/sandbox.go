// Package sandbox is wxpay sandbox, which serves a sandbox on this machine.
package sandbox

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox"
)

// stateFile is the name of the file that holds the sandbox's state in its
// folder.
const stateFile = "sandbox.db"

// options are the flags of wxpay sandbox.
type options struct {
	build                   *build.Build
	suite                   sandbox.Suite // besides RSA, or nil
	suiteName               string
	addr, dir, platformKey  string
	tls, proxy, slow        bool
	asDocumented            bool
	speed                   int
	seed                    uint64
	merchants, subMerchants []string
	allowHosts              []string
}

// New returns the command wxpay sandbox.
func New(b *build.Build) *cobra.Command {
	o := options{build: b}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a WeChat Pay on this machine",
		Long: `sandbox simulates WeChat Pay on this machine until ctrl-C. You can test programs
in any language against it. It creates a merchant and a platform, writes their
keys to files, and prints what to put into a client. With --dir the keys and the
orders stay in that folder and survive a crash. Without --dir everything is
deleted at the end.

Anybody who reaches the sandbox can change its orders, so it listens only on this
machine unless --addr says otherwise. No money moves.

Play the user, the bank and the network by POST requests without a signature:

  /_sandbox/orders/OUT_TRADE_NO/pay          or fail, or expire
  /_sandbox/refunds/OUT_REFUND_NO/settle     {"state": "ABNORMAL"}
  /_sandbox/transfers/OUT_BILL_NO/settle     {"state": "SUCCESS"}
  /_sandbox/transfers/OUT_BILL_NO/fail       {"fail_reason": "ACCOUNT_FROZEN"}
  /_sandbox/users/OPENID/name                {"name": "张三"}
  /_sandbox/users/OPENID/fail                {"fail_reason": "ACCOUNT_FROZEN"}
  /_sandbox/clock                            {"advance": "15m"}

docs/sandbox.md lists all of them.`,
		Example: `  wxpay sandbox
  wxpay sandbox --dir sandbox --tls
  wxpay sandbox --dir sandbox --merchant 1900000110 --sub-merchant 1900000109/1900000111`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return local.SuggestFree(cmd, "addr", o.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", "127.0.0.1:8686", "host and port to listen on; port 0 selects a free port")
	f.StringVar(&o.dir, "dir", "", "folder for keys and state, created if it does not exist (default: nothing is kept)")
	f.StringVar(&o.platformKey, "platform-key", "", "keys of the platform that merchants work with: public, certificate or both (default: as before in --dir, public if it is new)")
	f.StringVar(&o.suiteName, "suite", "", "suite of the merchants that are created: sm2, in a build that has it (default RSA)")
	f.BoolVar(&o.tls, "tls", false, "serve HTTPS with a certificate authority of its own: "+sandbox.CAFile)
	f.BoolVar(&o.proxy, "proxy", false, "also be an HTTPS proxy that leads the platform's hosts here, for SDKs with a fixed host")
	f.BoolVar(&o.asDocumented, "as-documented", false, "answer as the platform's pages say where the platform answers otherwise")
	f.IntVar(&o.speed, "speed", 1, "divides the intervals at which notifications are sent again")
	f.BoolVar(&o.slow, "slow-transfers", false, "transfers to users are ACCEPTED and PROCESSING before they wait for the user")
	f.Uint64Var(&o.seed, "seed", 0, "seed of the numbers that the sandbox generates")
	f.StringArrayVar(&o.allowHosts, "allow-host", nil, "another name that the control API accepts, besides localhost, IP addresses and the name in --addr; may be repeated")
	f.StringArrayVar(&o.merchants, "merchant", nil, "number of another merchant, created if it does not exist; may be repeated")
	f.StringArrayVar(&o.subMerchants, "sub-merchant", nil, "numbers of a partner and its sub-merchant, such as 1900000109/1900000111; may be repeated")
	return cmd
}

// check checks the flags, and finds the suite that they name.
func (o *options) check() (err error) {
	if o.speed < 1 {
		return lang.Errorf("--speed is %d, want 1 or more", o.speed)
	}
	if o.suite, err = o.build.SandboxSuite(o.suiteName); err != nil {
		return lang.Errorf("--suite: %w", err)
	}
	if keys := []string{string(sandbox.KeyPublic), string(sandbox.KeyCertificate), string(sandbox.KeyBoth)}; o.platformKey != "" && !slices.Contains(keys, o.platformKey) {
		return lang.Errorf("--%s is %q; it is one of %s", "platform-key", term.Cut(o.platformKey), lang.Words(keys))
	}
	return o.checkMerchants()
}

// checkMerchants checks the numbers of merchants.
func (o *options) checkMerchants() error {
	for _, mchID := range o.merchants {
		if !isMchID(mchID) {
			return lang.Errorf("--merchant %q is not the number of a merchant, which has 1 to 32 digits", term.Cut(mchID))
		}
	}
	for _, pair := range o.subMerchants {
		if partner, sub, _ := strings.Cut(pair, "/"); !isMchID(partner) || !isMchID(sub) {
			return lang.Errorf("--sub-merchant %q: want the numbers of a partner and its sub-merchant, such as 1900000109/1900000111", term.Cut(pair))
		}
	}
	return nil
}

// isMchID reports whether a text may be the number of a merchant.
func isMchID(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, "0123456789") == ""
}

func (o options) run(ctx context.Context, out, stderr io.Writer) (err error) {
	if err := o.check(); err != nil {
		return exit.Misuse(err)
	}
	if err := o.build.Warn(lang.From(ctx), stderr, "wxpay sandbox"); err != nil {
		return err
	}
	listener, err := local.Listen(ctx, o.addr)
	if err != nil {
		return exit.Misuse(lang.Errorf("--addr: %w", err))
	}
	defer listener.Close() // closes it again if serving has closed it already
	var config sandbox.Config
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "wxpay-sandbox-*"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	} else {
		store, err := o.openStore()
		if err != nil {
			return exit.Misuse(err)
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		config.Store = store
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	server, text, err := o.newServer(config)
	if err != nil {
		return exit.Misuse(err)
	}
	defer server.Close()
	if o.tls {
		config, err := sandbox.LoadTLS(o.dir, time.Now(), o.hosts()...)
		if err != nil {
			return exit.Misuse(err)
		}
		listener = tls.NewListener(listener, config)
	}
	serving := server.HTTPServer()
	serving.ErrorLog = log.New(stderr, "wxpay sandbox: ", 0)
	if o.proxy {
		proxy, err := sandbox.LoadProxy(o.dir, time.Now(), serving)
		if err != nil {
			return exit.Misuse(err)
		}
		defer proxy.Close()
		serving.Handler = proxy
	}
	l := lang.From(ctx)
	text.URL = o.url(listener.Addr())
	if err := pointTo(text.URL, text.folders()...); err != nil {
		return err
	}
	if err := errors.Join(o.warn(l, listener.Addr(), stderr), text.print(l, out)); err != nil {
		return err
	}
	return local.ServeUntil(ctx, serving, listener)
}

// openStore opens the store in the folder. It creates the store for a new
// folder. If the folder was served before and the store is missing, openStore
// returns an error, because the orders are lost.
func (o options) openStore() (*sandbox.FileStore, error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(o.dir, stateFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && hasServed(o.dir) {
		return nil, lang.Errorf("%s is missing; it has the orders of the sandbox in this folder; restore a copy of it, or start in another folder", path)
	}
	return sandbox.OpenStore(path)
}

// controlHosts returns the names that the control API accepts. It leaves out
// names of the platform, which --addr may contain.
func (o options) controlHosts() []string {
	names := slices.Clone(o.allowHosts)
	host, _, _ := net.SplitHostPort(o.addr)
	if net.ParseIP(host) == nil && host != "" && !platform.IsHost(host) {
		names = append(names, host)
	}
	return names
}

// hosts returns the names and addresses that the sandbox can be called by.
func (o options) hosts() []string {
	hosts := append(sandbox.PlatformHosts(), "localhost", "127.0.0.1", "::1") // the platform's may be in a hosts file
	host, _, _ := net.SplitHostPort(o.addr)
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return append(hosts, host)
	}
	addresses, _ := net.InterfaceAddrs() // without addresses, the names above remain
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok {
			hosts = append(hosts, network.IP.String())
		}
	}
	return hosts
}

// url returns the URL of a sandbox that listens on addr.
func (o options) url(addr net.Addr) string {
	host, _, _ := net.SplitHostPort(o.addr)
	_, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = ""
	}
	scheme := "http"
	if o.tls {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port) + "/"
}

// warn prints a warning if other machines can reach the sandbox.
func (options) warn(l lang.Language, addr net.Addr, stderr io.Writer) error {
	if a, ok := addr.(*net.TCPAddr); ok && a.IP.IsLoopback() {
		return nil
	}
	_, err := l.Fprintf(stderr, "wxpay sandbox: WARNING: listening on %s: everybody on the network can reach it\n", addr)
	return err
}
