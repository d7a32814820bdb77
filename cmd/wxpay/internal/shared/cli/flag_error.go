package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/suggest"
)

// flagError explains an error about a flag. For a secret that is given as a
// flag, it says where the secret belongs. For another unknown flag, it suggests
// the nearest name. For a wrong value, it says what the flag accepts.
func flagError(cmd *cobra.Command, err error) error {
	var (
		bad     *pflag.InvalidValueError
		lacking *pflag.ValueRequiredError
		spelled *pflag.InvalidSyntaxError
		unknown *pflag.NotExistError
	)
	switch {
	case errors.As(err, &bad):
		return valueError(bad)
	case errors.As(err, &lacking) && lacking.GetSpecifiedShortnames() != "":
		return lang.Errorf("flag needs an argument: %q in -%s", rune(lacking.GetSpecifiedName()[0]), lacking.GetSpecifiedShortnames())
	case errors.As(err, &lacking):
		return lang.Errorf("flag needs an argument: --%s", lacking.GetSpecifiedName())
	case errors.As(err, &spelled):
		return lang.Errorf("bad flag syntax: %s", spelled.GetSpecifiedFlag())
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return lang.Errorf("unknown shorthand flag: %q in -%s", rune(unknown.GetSpecifiedName()[0]), unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return unknownFlag(cmd, unknown.GetSpecifiedName())
	}
	return err
}

// valueError says what a flag accepts.
func valueError(bad *pflag.InvalidValueError) error {
	if own, ok := errors.Unwrap(bad).(lang.Text); ok {
		return lang.Errorf("--%s: %w", bad.GetFlag().Name, own.(error))
	}
	want := lang.Phrase("a whole number")
	if bad.GetFlag().Value.Type() == "bool" {
		want = "true or false"
	}
	return lang.Errorf("--%s is %q, want %s", bad.GetFlag().Name, term.Cut(bad.GetValue()), want)
}

func unknownFlag(cmd *cobra.Command, name string) error {
	for _, setting := range new(settings.Settings).All() {
		if setting.Kind == settings.IsSecret && setting.Flag() == name {
			return lang.Errorf("--%s: never pass a secret as an argument, because others on this machine can see it; set %s, or %s in %s",
				setting.Flag(), setting.Variable(), setting.Name, settings.FileName)
		}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if nearest := suggest.Nearest(name, names); nearest != "" {
		return lang.Errorf("unknown flag: --%s; did you mean --%s?", name, nearest)
	}
	return lang.Errorf("unknown flag: --%s", name)
}
