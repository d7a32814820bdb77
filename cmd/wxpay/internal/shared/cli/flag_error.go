package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/suggest"
)

// flagError explains an error about a flag. For a secret that is given as a
// flag, it says where the secret belongs. For another unknown flag, it suggests
// the nearest name. For a wrong value, it says what the flag accepts.
func flagError(cmd *cobra.Command, err error) error {
	if bad := (*pflag.InvalidValueError)(nil); errors.As(err, &bad) {
		want := "a whole number"
		if bad.GetFlag().Value.Type() == "bool" {
			want = "true or false"
		}
		return fmt.Errorf("--%s is %q, want %s", bad.GetFlag().Name, term.Cut(bad.GetValue()), want)
	}
	unknown := (*pflag.NotExistError)(nil)
	if !errors.As(err, &unknown) {
		return err
	}
	for _, setting := range new(settings.Settings).All() {
		if setting.Kind == settings.IsSecret && setting.Flag() == unknown.GetSpecifiedName() {
			return fmt.Errorf("--%s: never pass a secret as an argument, because others on this machine can see it; set %s, or %s in %s",
				setting.Flag(), setting.Variable(), setting.Name, settings.FileName)
		}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if nearest := suggest.Nearest(unknown.GetSpecifiedName(), names); nearest != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, nearest)
	}
	return err
}
