// Package initcmd is wxpay init, which writes wxpay.toml.
package initcmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
)

// A Doctor checks settings.
type Doctor struct {
	// Check returns what is wrong with settings before they are written.
	Check func(context.Context, settings.Settings) []settings.Problem
	// Show prints what is right and wrong with settings, and returns what is wrong.
	Show func(ctx context.Context, s settings.Settings, offline bool, out, notes io.Writer) ([]settings.Problem, error)
}

// options are the flags of wxpay init.
type options struct {
	settings.Settings
	doctor                       Doctor
	apiv3File, apiv2File         string
	add, replace, offline, alone bool
}

// New returns the command wxpay init.
func New(b *build.Build, doctor Doctor) *cobra.Command {
	o := options{Settings: settings.Settings{Build: b}, doctor: doctor}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write wxpay.toml, the settings of the merchant, and check them",
		Long: `init writes the settings of a merchant to wxpay.toml. In a terminal it asks for those
that are missing. Elsewhere the flags have them, and the file gets a line to fill in
for each other setting.

init checks everything before it writes: that the merchant's number is not an appid,
that files exist and have the right kind of key, that the key, the certificate and the
serial number belong together, that the platform public key fits its id, and the
lengths of the APIv3 and APIv2 keys. After that it runs wxpay doctor, which makes a
call to the platform if all settings are there.

init amends an existing file: comments, the order of the lines, and lines that it does
not know stay. It shows what it changes, and it replaces a value only if you agree or
set --replace. --add adds another merchant.

Only you can read the file. Secrets are never flags and never shown: type them when
init asks, name files that have them, or set WECHATPAY_APIV3_KEY and
WECHATPAY_APIV2_KEY, which stay out of the file. Keep the file out of version control.

Exit codes: 0 the file is written; what doctor finds missing, or wrong with the
network, does not change that. 1 the platform refused the call, 2 a setting is wrong;
if it was given to init, nothing was written. 4 the platform's answer could not be
verified.`,
		Example: `  wxpay init
  wxpay init --mchid 1900000109 --certificate apiclient_cert.pem --private-key apiclient_key.pem \
    --platform-public-key-id PUB_KEY_ID_0114232134912410000000000000 --platform-public-key pub_key.pem
  wxpay init --apiv3-file /run/secrets/apiv3_key
  wxpay init --add --mchid 1900000110 --certificate other/apiclient_cert.pem --private-key other/apiclient_key.pem`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), newTerminal(cmd.InOrStdin(), cmd.ErrOrStderr()), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.Bind(cmd)
	f := cmd.Flags()
	f.StringVar(&o.apiv3File, "apiv3-file", "", "path of a file with the APIv3 key")
	f.StringVar(&o.apiv2File, "apiv2-file", "", "path of a file with the APIv2 key")
	f.BoolVar(&o.add, "add", false, "add a merchant to a file that has others")
	f.BoolVar(&o.replace, "replace", false, "replace values that the file has")
	f.BoolVar(&o.offline, "offline", false, "let doctor leave the network out")
	f.BoolVar(&o.alone, "no-doctor", false, "do not run doctor afterwards")
	return cmd
}

// run changes the configuration file that the settings name.
func (o options) run(ctx context.Context, t *terminal, out, notes io.Writer) error {
	path := cmp.Or(o.Config, settings.FileName)
	given, err := o.given()
	if err != nil {
		return exit.Misuse(err)
	}
	doc, err := settings.OpenDocument(lang.From(ctx), path)
	if err != nil {
		return exit.Misuse(err)
	}
	c := change{document: doc, path: path, doctor: o.doctor, build: o.Build, replace: o.replace}
	if err := c.choose(ctx, o, t); err != nil {
		return err
	}
	if t != nil {
		if given, err = c.ask(ctx, t, given); err != nil {
			return err
		}
	}
	if err := c.set(ctx, t, given); err != nil {
		return err
	}
	if err := c.check(ctx, given); err != nil {
		return exit.Misuse(cli.Mended(err))
	}
	if err := settings.CheckBaseURL(doc.Get("base_url")); err != nil {
		return exit.Misuse(err)
	}
	if base := doc.Get("base_url"); o.Config == "" && !platform.IsHarmless(base) {
		return exit.Misuse(lang.Errorf("base_url: %s is neither the platform nor this machine; other commands call it only if --config names the file, so name it here too; nothing was written to %s",
			quote.Setting(base), path))
	}
	if err := doc.Save(); err != nil {
		return exit.Misuse(err)
	}
	if err := c.print(out, lang.From(ctx)); err != nil {
		return err
	}
	if o.alone {
		return nil
	}
	mchID := ""
	if len(doc.MchIDs()) > 1 {
		mchID = doc.Get("mchid")
	}
	return o.examine(ctx, mchID, out, notes)
}

// A value is a setting that is given, under its name in the file.
type value struct{ name, text string }

// given returns the settings that the flags have.
func (o *options) given() (all []value, err error) {
	for _, setting := range o.All() {
		text := setting.Value()
		if text == "" {
			continue
		}
		if setting.Name == "private_key" && settings.HoldsKey(text) {
			return nil, settings.ErrKeyArgument
		}
		if setting.Kind == settings.IsPath && isKey(text) {
			return nil, lang.Errorf("--%s takes the path of a file, not a key or its text", setting.Flag())
		}
		all = append(all, value{setting.Name, text})
	}
	if o.apiv3File != "" {
		all = append(all, value{"apiv3_key" + settings.FileSuffix, o.apiv3File})
	}
	if o.apiv2File != "" {
		all = append(all, value{"apiv2_key" + settings.FileSuffix, o.apiv2File})
	}
	for _, v := range all {
		if !strings.HasSuffix(v.name, settings.FileSuffix) {
			continue
		}
		if isKey(v.text) {
			return nil, lang.Errorf("%s is the path of a file, and must not be the key itself: others on this machine can see it", v.name)
		}
		if _, err := os.Stat(v.text); err != nil {
			return nil, lang.Errorf("%s: %w", v.name, err)
		}
	}
	return all, nil
}

// isKey reports whether text that should be a path may be a key, which nothing must
// show.
func isKey(text string) bool {
	const secret = 32 // bytes of an APIv3 or APIv2 key
	if settings.HoldsKey(text) || len(text) == secret && !strings.ContainsAny(text, `./\`) {
		_, err := os.Stat(text)
		return err != nil
	}
	return false
}

// examine runs doctor on what was written. What is missing, and the network, are no
// failures of init.
func (o options) examine(ctx context.Context, mchID string, out, notes io.Writer) error {
	if _, err := fmt.Fprintln(out, "\nwxpay doctor:"); err != nil {
		return err
	}
	problems, err := o.doctor.Show(ctx, settings.Settings{Config: o.Config, MchID: mchID, Build: o.Build}, o.offline, out, notes)
	if err != nil {
		return err
	}
	var missing, unreached, failed []string
	code := exit.OK
	for _, p := range problems {
		switch {
		case p.IsMissing:
			missing = append(missing, p.Check)
		case p.Code == exit.Network:
			unreached = append(unreached, p.Check)
		default:
			failed = append(failed, p.Check)
			code = cmp.Or(code, p.Code)
		}
	}
	l := lang.From(ctx)
	if len(missing) > 0 {
		l.Fprintf(notes, "wxpay init: %s to be filled in; then run wxpay doctor\n", lang.Words(missing))
	}
	if len(unreached) > 0 {
		l.Fprintf(notes, "wxpay init: the platform could not be reached; run wxpay doctor when it can\n")
	}
	if code != exit.OK {
		return exit.With(lang.Errorf("the file is written, but doctor found something wrong: %s", lang.Words(failed)), code)
	}
	return nil
}

// found returns the file with that name beside the configuration file or in the
// current folder, or "".
func found(name, config string) string {
	for _, path := range []string{name, filepath.Join(filepath.Dir(config), name)} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

var errGivenUp = lang.Errorf("nothing was written")

// quoted shows a value that is not secret.
func quoted(text string) string { return fmt.Sprintf("%q", term.Visible(text)) }
