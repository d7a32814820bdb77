package initcmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/internal/quote"
)

// A change is what init does to a configuration file.
type change struct {
	document *settings.Document
	path     string
	doctor   Doctor
	build    *build.Build
	replace  bool
	done     []lang.Message // a line for each change
}

// choose finds the merchant in the file whose settings change, or adds it.
func (c *change) choose(ctx context.Context, o options, t *terminal) error {
	all := c.document.MchIDs()
	if o.MchID == "" {
		return c.chooseOnly(all, o.add)
	}
	switch {
	case c.document.Select(o.MchID):
		return nil
	case len(all) == 0 && c.document.SelectNameless():
		if o.add {
			return exit.Misuse(lang.Errorf("%s has the settings of a merchant without a mchid; without --add they become those of %s", c.path, quote.Plain(o.MchID)))
		}
		return nil
	case c.document.IsEmpty(), len(all) == 0 && !o.add:
		return nil
	case o.add:
		return c.document.Add()
	case len(all) == 1 && o.replace:
		c.document.Select(all[0])
		return nil
	}
	return c.offerToAdd(ctx, t, all, o.MchID)
}

// chooseOnly chooses the only merchant of the file, because no flag names one.
func (c *change) chooseOnly(all []string, add bool) error {
	switch {
	case add:
		return exit.Misuse(lang.Errorf("--add needs --mchid, the number of the merchant"))
	case len(all) > 1:
		return exit.Misuse(lang.Errorf("%s has %d merchants; name one with --mchid", c.path, len(all)))
	case len(all) == 1:
		c.document.Select(all[0])
	default:
		c.document.SelectNameless()
	}
	return nil
}

// offerToAdd asks whether to add a merchant to those of the file. Without a terminal it
// says how to do so.
func (c *change) offerToAdd(ctx context.Context, t *terminal, all []string, mchID string) error {
	mchID = quote.Plain(mchID)
	if t != nil {
		yes, err := t.confirm(ctx, lang.Sprintf("%s has the merchant %s. Add %s as another merchant?", c.path, lang.Words(all), mchID))
		if err != nil {
			return err
		}
		if yes {
			return c.document.Add()
		}
	}
	mend := lang.Sprintf("--add adds %s as another merchant", mchID)
	if len(all) == 1 {
		mend = lang.Sprintf("%s, and --replace replaces the number", mend)
	}
	return exit.Misuse(lang.Errorf("%s exists already, with the merchant %s; %s", c.path, lang.Words(all), mend))
}

// set changes the file in memory. It replaces values only if the user agrees.
func (c *change) set(ctx context.Context, t *terminal, given []value) error {
	var conflicts lang.Clauses
	for _, v := range given {
		if old := c.old(v); old != nil {
			conflicts = append(conflicts, old)
		}
	}
	if len(conflicts) > 0 && !c.replace {
		if t == nil {
			return exit.Misuse(lang.Errorf("%s exists already and has other values: %s; --replace replaces them", c.path, conflicts))
		}
		yes, err := t.confirm(ctx, lang.Sprintf("Replace %s?", conflicts))
		if err != nil {
			return err
		}
		if !yes {
			return exit.Misuse(errGivenUp)
		}
	}
	for _, v := range given {
		if err := c.setOne(v); err != nil {
			return err
		}
	}
	return nil
}

// old says what the file has in place of v, or returns nil.
func (c *change) old(v value) lang.Text {
	text := c.textOf(v)
	if other := c.document.Get(other(v.name)); other != "" {
		return lang.Sprintf("the %s that it has already", strings.TrimSuffix(v.name, settings.FileSuffix))
	}
	switch old := c.document.Get(v.name); {
	case old == "" || old == text:
		return nil
	case isSecretName(v.name):
		return lang.Sprintf("%s by another one", v.name)
	default:
		return lang.Sprintf("%s %s by %s", v.name, quoted(old), quoted(text))
	}
}

// other returns the other name under which the file may have the same secret, or "".
func other(name string) string {
	if key, isFile := strings.CutSuffix(name, settings.FileSuffix); isFile {
		return key
	}
	if isSecretName(name) {
		return name + settings.FileSuffix
	}
	return ""
}

// isSecretName reports whether the setting with that name holds a secret.
func isSecretName(name string) bool { return name == "apiv3_key" || name == "apiv2_key" }

// textOf returns the value as the file has it.
func (c *change) textOf(v value) string {
	isPath := strings.HasSuffix(v.name, settings.FileSuffix)
	for _, setting := range new(settings.Settings).All() {
		isPath = isPath || setting.Name == v.name && setting.Kind == settings.IsPath
	}
	if !isPath {
		return v.text
	}
	path, err := c.document.PathFor(v.name, v.text)
	if err != nil {
		return v.text // which is right in this folder
	}
	return path
}

// setOne sets one value and notes how.
func (c *change) setOne(v value) error {
	text, old := c.textOf(v), c.document.Get(v.name)
	if old == text {
		return nil
	}
	if name := other(v.name); c.document.Get(name) != "" {
		if err := c.document.Remove(name); err != nil {
			return err
		}
		c.done = append(c.done, lang.Sprintf("- %s", name))
	}
	switch {
	case isSecretName(v.name) && old == "":
		c.done = append(c.done, lang.Sprintf("+ %s (not shown)", v.name))
	case isSecretName(v.name):
		c.done = append(c.done, lang.Sprintf("~ %s (not shown)", v.name))
	case old == "":
		c.done = append(c.done, lang.Sprintf("+ %s = %s", v.name, quoted(text)))
	default:
		c.done = append(c.done, lang.Sprintf("~ %s = %s (it was %s)", v.name, quoted(text), quoted(old)))
	}
	return c.document.Set(v.name, text)
}

// settingsOf names the settings that a check of doctor is about. A check without a
// line here is about the setting of its name.
func settingsOf(check string) []string {
	switch check {
	case "private_key_file":
		return []string{"private_key"}
	case "certificate_in_force":
		return []string{"certificate"}
	case "key_pair":
		return []string{"private_key", "certificate"}
	case "serial_no":
		return []string{"serial_no", "certificate", "private_key"}
	case "platform_public_key", "platform_public_key_id":
		return []string{"platform_public_key", "platform_public_key_id", "private_key"}
	}
	return []string{check, check + settings.FileSuffix}
}

// wrong returns what is wrong with those settings that are given.
func (c *change) wrong(ctx context.Context, s settings.Settings, given []value) (all []settings.Problem) {
	s.Build = c.build
	for _, p := range c.doctor.Check(ctx, s) {
		names := settingsOf(p.Check)
		if slices.ContainsFunc(given, func(v value) bool { return slices.Contains(names, v.name) }) {
			all = append(all, p)
		}
	}
	return all
}

// check returns an error about each given setting that is wrong.
func (c *change) check(ctx context.Context, given []value) error {
	s, err := c.document.Settings()
	if err != nil {
		return err
	}
	err = nil
	for i, p := range c.wrong(ctx, s, given) {
		if i == 0 {
			err = lang.Errorf("%s", p)
		} else {
			err = lang.Errorf("%w\n%s", err, p)
		}
	}
	if err == nil {
		return nil
	}
	return lang.Errorf("%w\nnothing was written to %s", err, c.path)
}

// print shows what changed.
func (c *change) print(out io.Writer, l lang.Language) error {
	end := lang.Sprintf("wrote %s", c.path)
	switch {
	case len(c.done) == 0 && c.document.IsNew():
		end = lang.Sprintf("wrote %s; fill in what it lacks", c.path)
	case len(c.done) == 0:
		end = lang.Sprintf("%s stays as it is", c.path)
	}
	for _, line := range append(c.done, end) {
		if _, err := fmt.Fprintln(out, line.In(l)); err != nil {
			return err
		}
	}
	return nil
}
